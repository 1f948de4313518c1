"""Zips of sources: what is in them is imported as if unpacked; what is unsafe is refused before it is written."""

import io
import stat
import struct
import zipfile

import geopandas as gpd
import pytest
import shapely

from gis.errors import GisInputError
from gis.importing import import_sources
from gis.messages import both_languages
from gis.sources.archive import ArchiveLimits, load_archive_limits, unpacked

LINE = shapely.LineString([(500000.0, 4057000.0), (500100.0, 4057000.0)])


def shapefile(folder, name="供水管段"):
    folder.mkdir(parents=True, exist_ok=True)
    frame = gpd.GeoDataFrame({"管径": [300], "材质": ["球墨铸铁"]}, geometry=[LINE], crs="EPSG:4548")
    frame.to_file(folder / f"{name}.shp", encoding="GBK")
    return sorted(folder.glob(f"{name}.*"))


def packed(file, entries):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file


def gbk_names(file):
    """Rewrite the names of a zip in GBK without the UTF-8 flag, as Windows programs do."""
    content = bytearray(file.read_bytes())
    for signature, flag_at, length_at, name_at in ((b"PK\x03\x04", 6, 26, 30), (b"PK\x01\x02", 8, 28, 46)):
        at = content.find(signature)
        while at >= 0:
            flags, length = (
                struct.unpack_from("<H", content, at + flag_at)[0],
                struct.unpack_from("<H", content, at + length_at)[0],
            )
            name = bytes(content[at + name_at : at + name_at + length]).decode()
            replacement = name.encode("gbk").ljust(length, b"x")[:length]
            struct.pack_into("<H", content, at + flag_at, flags & ~0x800)
            content[at + name_at : at + name_at + length] = replacement
            at = content.find(signature, at + 4)
    file.write_bytes(bytes(content))
    return file


def refusal(file, limits=None):
    with pytest.raises(GisInputError) as caught, unpacked([file], limits=limits):
        pass
    assert file.name in both_languages(caught.value)
    assert caught.value.exit_status == 2
    return caught.value


@pytest.mark.parametrize("folder", ["", "成果/", "a/b/"])
def test_a_zip_gives_the_network_of_its_files(tmp_path, folder):
    files = shapefile(tmp_path / "src")
    file = packed(tmp_path / "管线.zip", [(folder + f.name, f.read_bytes()) for f in files])
    candidate = import_sources([file])
    assert candidate.layers["pipes"]["dn"].tolist() == [300]
    assert candidate.source == "管线.zip"
    assert candidate.crs == "EPSG:4548"


def test_names_in_gbk_without_a_flag_are_understood(tmp_path):
    file = gbk_names(packed(tmp_path / "a.zip", [("点表点表点表.csv", "a")]))
    with unpacked([file]) as (folder,):
        (name,) = (f.name for f in folder.iterdir())
    assert name.startswith("点表点表点表.csv")


def test_the_unpacked_files_are_gone_afterwards(tmp_path):
    with unpacked([packed(tmp_path / "a.zip", [("a.csv", "x")])]) as (folder,):
        assert (folder / "a.csv").read_text() == "x"
    assert not folder.exists()


def test_other_paths_stay_as_they_are(tmp_path):
    with unpacked([tmp_path, tmp_path / "a.csv"]) as paths:
        assert paths == [tmp_path, tmp_path / "a.csv"]


UNSAFE = [
    "../../x.csv", "a/../../x.csv", "/etc/x.csv", "C:/x.csv", "C:\\x.csv", "..\\..\\x.csv", "\\\\host\\x.csv",
    "CON.csv", "a/nul", "com1.shp", "LPT9.txt", "a//b.csv", "a\x01b.csv", "x.csv:stream", "a" * 300,
]  # fmt: skip


@pytest.mark.parametrize("name", UNSAFE, ids=lambda name: f"B-009 {name[:20]!r}")
def test_an_entry_that_leads_elsewhere_refuses_the_whole_zip(tmp_path, name):
    file = packed(tmp_path / "a.zip", [("ok.csv", "a"), (name, "b")])
    assert refusal(file).code == "archive-entry-unsafe"
    assert sorted(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO], ids=["B-009 link", "B-009 device", "B-009 pipe"]
)
def test_an_entry_that_is_no_plain_file_is_refused(tmp_path, kind):
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = (kind | 0o777) << 16
    assert refusal(packed(tmp_path / "a.zip", [(info, "/etc/passwd")])).code == "archive-entry-unsafe"


def test_two_shapefiles_of_one_name_are_asked_about(tmp_path):
    """B-007."""
    files = shapefile(tmp_path / "src")
    entries = [(f"{folder}/{f.name}", f.read_bytes()) for folder in ("东区", "西区") for f in files]
    error = refusal(packed(tmp_path / "a.zip", entries))
    assert error.code == "archive-same-name"
    assert {error.params["first"], error.params["second"]} == {"东区/供水管段.shp", "西区/供水管段.shp"}
    assert "哪一个" in both_languages(error)


def bomb(file):
    return packed(file, [("a.csv", b"0" * 20_000_000)])


def nested(file):
    inner = io.BytesIO()
    packed(inner, [("a.csv", "a")])
    return packed(file, [("b.zip", inner.getvalue())])


def crowd(file):
    return packed(file, [(f"{i}.csv", "") for i in range(load_archive_limits().max_entries + 1)])


def overlapping(file):
    """Two entries of the directory that point at the same packed bytes."""
    packed(file, [("a.csv", "x" * 500), ("b.csv", "y" * 500)])
    content = bytearray(file.read_bytes())
    second = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, second + 42, 0)
    file.write_bytes(bytes(content))
    return file


def lying(file):
    """A stated size of one byte where a thousand come out."""
    packed(file, [("a.csv", "x" * 1000)])
    content = bytearray(file.read_bytes())
    struct.pack_into("<I", content, content.find(b"PK\x01\x02") + 24, 1)
    struct.pack_into("<I", content, content.find(b"PK\x03\x04") + 22, 1)
    file.write_bytes(bytes(content))
    return file


def encrypted(file):
    packed(file, [("a.csv", "x")])
    content = bytearray(file.read_bytes())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature) + at
        struct.pack_into("<H", content, place, struct.unpack_from("<H", content, place)[0] | 1)
    file.write_bytes(bytes(content))
    return file


def starting(content):
    def write(file):
        file.write_bytes(content + bytes(50))
        return file

    return write


BAD = [
    pytest.param(bomb, "archive-too-large", id="B-010 ratio"),
    pytest.param(nested, "archive-nested", id="B-010 nested"),
    pytest.param(crowd, "archive-entries", id="B-010 too many files"),
    pytest.param(overlapping, "archive-entry-unsafe", id="B-010 overlapping"),
    pytest.param(lying, "file-unreadable", id="B-010 stated size is false"),
    pytest.param(encrypted, "archive-encrypted", id="B-011 encrypted"),
    pytest.param(starting(b"Rar!\x1a\x07"), "archive-other-kind", id="B-011 RAR"),
    pytest.param(starting(b"7z\xbc\xaf\x27\x1c"), "archive-other-kind", id="B-011 7z"),
    pytest.param(starting(b"PK\x03\x04"), "file-unreadable", id="cut off"),
    pytest.param(lambda file: packed(file, [("a.csv", "1"), ("A.CSV", "2")]), "archive-entry-twice", id="one entry twice"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "code"), BAD)
def test_a_bad_zip_is_refused_in_words(tmp_path, build, code):
    assert refusal(build(tmp_path / "a.zip")).code == code


def test_the_size_limit_holds_whatever_the_ratio(tmp_path):
    """B-010."""
    limits = ArchiveLimits(max_unpacked_bytes=100, max_entries=10, max_ratio=1000, ratio_from_bytes=10**9)
    assert refusal(packed(tmp_path / "a.zip", [("a.csv", "x" * 101)]), limits).code == "archive-too-large"


def test_a_kmz_or_rar_by_name_is_refused(tmp_path):
    """B-019: nothing in it is looked at."""
    for suffix in (".kmz", ".rar", ".7z"):
        assert refusal(packed(tmp_path / f"a{suffix}", [("../doc.kml", "x")])).code == "archive-other-kind"


def test_a_zip_without_sources_says_so_by_its_own_name(tmp_path):
    with pytest.raises(GisInputError) as caught:
        import_sources([packed(tmp_path / "a.zip", [("readme.txt", "x")])])
    assert (caught.value.code, caught.value.params["file"]) == ("source-folder-empty", "a.zip")


def test_an_epanet_file_in_a_zip_is_read_by_epanet(tmp_path):
    from api.network.imports import read_candidate
    from gis.progress import SILENT

    text = (
        "[JUNCTIONS]\nA 0 1\n[RESERVOIRS]\nR 50\n[PIPES]\nP R A 100 300 100\n[COORDINATES]\nA 100 0\nR 0 0\n"
        "[OPTIONS]\nUnits LPS\nHeadloss H-W\n[END]\n"
    )
    file = packed(tmp_path / "model.zip", [("net/model.inp", text)])
    candidate = read_candidate([file], mapping=None, crs=None, progress=SILENT)
    assert candidate.layers["pipes"]["pipe_id"].tolist() == ["P"]
