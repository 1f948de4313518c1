"""The sound file each bad one is made from: two pipes in one street of Jinan, CGCS2000 zone 117 E."""

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

CRS = "EPSG:4548"
AT = (510700.0, 4057600.0)
NAME = "供水管段"
LENGTHS_M = [100.0, 50.0]


def line(*points):
    return shapely.LineString([(AT[0] + x, AT[1] + y, *z) for x, y, *z in points])


def point(x, y, *z):
    return shapely.Point(AT[0] + x, AT[1] + y, *z)


def pipes(**columns):
    table = {"管段编号": ["甲1", "甲2"], "公称直径": [300, 100], "管材": ["球墨铸铁", "聚乙烯"], "所在道路": ["经十路", "泺源大街"]}  # fmt: skip
    shapes = [line((0, 0), (100, 0)), line((100, 0), (100, 50))]
    return gpd.GeoDataFrame({**table, **columns}, geometry=shapes, crs=CRS)


def shapefile(folder, table=None, *, name=NAME, encoding="GBK", cpg="GBK", prj=True, without=None):
    """Write a shapefile; `cpg` None leaves none, `without` removes a part."""
    file = folder / f"{name}.shp"
    pyogrio.write_dataframe(
        pipes() if table is None else table, file, driver="ESRI Shapefile", encoding=encoding
    )
    file.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        file.with_suffix(".cpg").write_text(cpg)
    if not prj:
        file.with_suffix(".prj").unlink()
    if without:
        file.with_suffix(without).unlink()
    return file


def geopackage(folder, table=None, *, name=NAME, file="管网.gpkg", **options):
    pyogrio.write_dataframe(
        pipes() if table is None else table, folder / file, layer=name, driver="GPKG", **options
    )
    return folder / file


def both_pipes(network):
    """The sound network came out whole."""
    table = network.pipes.set_index("pipe_id")
    assert table["length_m"].round(2).to_dict() == {"甲1": 100.0, "甲2": 50.0}, table["length_m"]
    assert table["road_name"].to_dict() == {"甲1": "经十路", "甲2": "泺源大街"}
    assert table["material"].to_dict() == {"甲1": "DI", "甲2": "PE"}
    assert str(network.crs.to_epsg()) == "4548"
