"""File geodatabases, ArcGIS REST answers, and files that only pretend to be data."""

import ctypes
import json
import warnings
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gis.errors import GisInputError
from gis.importing import import_sources
from gis.messages import both_languages
from gis.sources.vectors.esri import EsriFields

LINE = [[510000.0, 4057000.0], [510100.0, 4057000.0]]


def geodatabase(folder, layer="供水管段", **columns):
    frame = gpd.GeoDataFrame(
        {"管径": ["300"], **columns}, geometry=[shapely.LineString(LINE)], crs="EPSG:4548"
    )
    frame.to_file(folder, driver="OpenFileGDB", layer=layer)
    return folder


class Coded(ctypes.Structure):
    _fields_ = [("code", ctypes.c_char_p), ("word", ctypes.c_char_p)]


def give_domain(folder, layer, column, words, alias):
    """Give a text column an alias and a coded domain, through GDAL's own C functions."""
    (library,) = Path(pyogrio.__file__).parent.parent.glob("pyogrio.libs/libgdal*")
    gdal, pointer = ctypes.CDLL(str(library)), ctypes.c_void_p

    def call(name, *arguments, result=pointer):
        function = getattr(gdal, name)
        function.restype = result
        return function(*arguments)

    values = (Coded * (len(words) + 1))(
        *[Coded(code.encode(), word.encode()) for code, word in words.items()]
    )
    data = pointer(call("GDALOpenEx", str(folder).encode(), 0x05, None, None, None))
    domain = pointer(call("OGR_CodedFldDomain_Create", b"D", b"", 4, 0, values))
    assert call("GDALDatasetAddFieldDomain", data, domain, None, result=ctypes.c_bool)
    table = pointer(call("GDALDatasetGetLayerByName", data, layer.encode()))
    at = call("OGR_L_FindFieldIndex", table, column.encode(), 1, result=ctypes.c_int)
    field = pointer(call("OGR_Fld_Create", column.encode(), 4))
    call("OGR_Fld_SetDomainName", field, b"D", result=None)
    call("OGR_Fld_SetAlternativeName", field, alias.encode(), result=None)
    assert call("OGR_L_AlterFieldDefn", table, at, field, 64 | 128, result=ctypes.c_int) == 0
    call("GDALClose", data, result=None)


def refusal(path):
    with pytest.raises(GisInputError) as caught:
        import_sources([path], crs="EPSG:4548")
    assert path.name in both_languages(caught.value)
    return caught.value


@pytest.mark.parametrize("inside", [False, True])
def test_a_geodatabase_is_one_source_by_itself_and_in_a_folder(tmp_path, inside):
    folder = geodatabase(tmp_path / "管网.gdb")
    candidate = import_sources([tmp_path if inside else folder])
    assert candidate.layers["pipes"]["dn"].tolist() == [300]
    assert candidate.crs == "EPSG:4548"


def test_coded_values_are_read_as_their_words_under_their_alias(tmp_path):
    """B-017: material 1 of the domain is ductile iron."""
    folder = geodatabase(tmp_path / "a.gdb", CZ=["1"])
    give_domain(folder, "供水管段", "CZ", {"1": "球墨铸铁", "2": "PE"}, "材质")
    candidate = import_sources([folder])
    assert candidate.layers["pipes"]["material"].tolist() == ["DI"]


def test_a_geodatabase_without_one_of_its_tables_is_refused_by_the_name_of_the_file(tmp_path):
    """B-017."""
    folder = geodatabase(tmp_path / "a.gdb")
    tables = sorted(folder.glob("a0000*.gdbtable"))
    tables[-1].unlink()
    error = refusal(folder)
    assert (error.code, error.params["part"]) == ("geodatabase-part-missing", tables[-1].name)


def test_a_folder_that_is_only_called_gdb_is_refused(tmp_path):
    """B-017."""
    (tmp_path / "a.gdb").mkdir()
    assert refusal(tmp_path / "a.gdb").code == "file-unreadable"


def test_a_code_outside_its_domain_stays_as_it_is():
    import pandas as pd

    table = EsriFields(words={"CZ": {"1": "PE"}}).worded(pd.DataFrame({"CZ": [1.0, 9.0, None]}))
    assert table["CZ"].tolist()[:2] == ["PE", 9.0]
    assert pd.isna(table["CZ"][2])


FIELDS = [
    {"name": "GJ", "type": "esriFieldTypeInteger", "alias": "管径"},
    {"name": "CZ", "type": "esriFieldTypeInteger", "alias": "材质",
     "domain": {"type": "codedValue", "name": "D", "codedValues": [{"name": "球墨铸铁", "code": 1}]}},
    {"name": "RQ", "type": "esriFieldTypeDate", "alias": "埋设日期"},
]  # fmt: skip


def rest(file, **more):
    feature = {"attributes": {"GJ": 300, "CZ": 1, "RQ": 1212278400000}, "geometry": {"paths": [LINE]}}
    document = {
        "displayFieldName": "", "fieldAliases": {}, "geometryType": "esriGeometryPolyline",
        "spatialReference": {"wkid": 4548, "latestWkid": 4548}, "fields": FIELDS, "features": [feature], **more,
    }  # fmt: skip
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return file


@pytest.mark.parametrize("inside", [False, True])
def test_a_rest_answer_is_read_with_aliases_codes_dates_and_crs(tmp_path, inside):
    file = rest(tmp_path / "供水管段.json")
    candidate = import_sources([tmp_path if inside else file])
    (pipe,) = candidate.layers["pipes"].to_dict("records")
    assert (pipe["dn"], pipe["material"], pipe["installed_on"]) == (300, "DI", "2008-06-01")
    assert candidate.crs == "EPSG:4548"
    assert "rest-cut-short" not in [issue.kind for issue in candidate.issues]


def test_a_rest_answer_cut_short_by_the_server_is_said_to_be(tmp_path):
    candidate = import_sources([rest(tmp_path / "供水管段.json", exceededTransferLimit=True)])
    (issue,) = [issue for issue in candidate.issues if issue.kind == "rest-cut-short"]
    assert (issue.severity, issue.params["count"]) == ("error", 1)


def test_a_refusal_of_the_server_is_no_data(tmp_path):
    file = tmp_path / "供水管段.json"
    file.write_text('{"error": {"code": 498, "message": "Invalid Token"}}', encoding="utf-8")
    error = refusal(file)
    assert (error.code, error.params["problem"]) == ("rest-refused", "498 Invalid Token")


VRT = "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/vsicurl/http://127.0.0.1:9/a</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
GDALG = '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read %s ! filter --where 1=1"}'
PRETENDERS = [
    *(pytest.param(f"a{s}", VRT, id=f"B-021 VRT named {s}") for s in (".tif", ".png", ".vrt")),
    *(
        pytest.param(f"供水管段{s}", VRT, id=f"B-022 VRT named {s}")
        for s in (".shp", ".gpkg", ".geojson", ".json")
    ),
]


@pytest.mark.parametrize(("name", "text"), PRETENDERS)
def test_a_file_that_leads_elsewhere_is_refused(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert refusal(tmp_path / name).code in {"source-kind", "file-unreadable", "nothing-recognised"}


@pytest.mark.parametrize("suffix", [".json", ".geojson"], ids=lambda suffix: f"B-022 GDALG named {suffix}")
def test_a_pipeline_in_json_is_not_run(tmp_path, suffix):
    """The pipeline names a good file: reading it would give a pipe."""
    good = tmp_path / "good.geojson"
    gpd.GeoDataFrame({"管径": [300]}, geometry=[shapely.LineString(LINE)], crs="EPSG:4548").to_file(good)
    file = tmp_path / f"供水管段{suffix}"
    file.write_text(GDALG % good, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(pyogrio.read_dataframe(file)) == 1  # GDAL left to itself runs it
    assert refusal(file).code == "file-unreadable"


@pytest.mark.parametrize(
    "path",
    ["/vsicurl/http://127.0.0.1:9/a.shp", "/vsizip/a.zip/a.shp", "PG:host=127.0.0.1"],
    ids=lambda path: f"B-022 {path[:9]}",
)
def test_paths_of_gdals_own_kind_are_no_files(path):
    assert refusal(Path(path)).code == "source-missing"
