"""Zips: that lead elsewhere, that swell, that cannot be opened, that are ambiguous; and files under a false name."""

import io
import stat
import struct
import zipfile

from tests.bad_files import good
from tests.bad_files.case import Case, accepted, refused
from tests.bad_files.guards import canary_file, canary_url

FILE = "交付.zip"


def packed(*entries, name=FILE):
    def build(folder):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, content in entries:
                archive.writestr(entry, content(folder) if callable(content) else content)
        return folder / name

    return build


def shapefiles(*folders):
    """The same shapefile in each of the folders of one zip."""

    def build(folder):
        work = folder.parent / "work"
        work.mkdir()
        good.shapefile(work)
        parts = sorted(work.iterdir())
        return packed(*((f"{place}/{part.name}", part.read_bytes()) for place in folders for part in parts))(
            folder
        )

    return build


def special(kind):
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = (kind | 0o777) << 16
    return packed((info, lambda folder: str(canary_file(folder))))


def inner():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.csv", "a")
    return held.getvalue()


def patched(*changes):
    """A zip of one entry with figures in its headers changed: (mark, place behind it, layout, value)."""

    def build(folder):
        file = packed(("a.csv", "x" * 1000), ("b.csv", "y" * 1000))(folder)
        held = bytearray(file.read_bytes())
        for mark, place, layout, value in changes:
            struct.pack_into(layout, held, held.rfind(mark) + place, value)
        file.write_bytes(held)
        return file

    return build


def million(folder):
    """The directory of a zip of a million files of no bytes, written straight down."""
    name = b"a/0000000.csv"
    entry = (
        struct.pack(
            "<4s4B4HL2L5H2L", b"PK\1\2", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0
        )
        + name
    )
    head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
    count = 1_000_000
    directory = b"".join(entry.replace(b"0000000", b"%07d" % at) for at in range(count))
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), len(head))
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(head) + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (folder / FILE).write_bytes(head + directory + end64 + locator + end)
    return folder / FILE


def beginning(content, name=FILE):
    def build(folder):
        (folder / name).write_bytes(content + bytes(60))
        return folder / name

    return build


def written(name, text):
    def build(folder):
        (folder / name).write_text(
            text.format(canary=canary_file(folder), url=canary_url(folder)), encoding="utf-8"
        )
        return folder / name

    return build


VRT = "<OGRVRTDataSource><OGRVRTLayer name='供水管段'><SrcDataSource>{}</SrcDataSource><SrcSQL>SELECT * FROM x</SrcSQL></OGRVRTLayer></OGRVRTDataSource>"
RASTER_VRT = "<VRTDataset rasterXSize='2' rasterYSize='2'><VRTRasterBand dataType='Byte' band='1'><SimpleSource><SourceFilename>{canary}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
LOCAL, REMOTE = VRT.format("{canary}"), VRT.format("/vsicurl/{url}")


def in_the_mapping(text):
    """A path of GDAL's own in every text a mapping file has room for."""

    def build(folder):
        good.geopackage(folder)
        mapping = folder.parent / "m.toml"
        mapping.write_text(text.format(canary=canary_file(folder), url=canary_url(folder)), encoding="utf-8")
        return [folder / "管网.gpkg", "--mapping", mapping]

    return build


UNSAFE = [
    "../../x.csv", "a/../../x.csv", "/etc/x.csv", "C:/x.csv", "C:\\x.csv", "..\\..\\x.csv", "\\\\host\\x.csv", "CON.csv", "a/nul",
    "com1.shp", "LPT9.txt", "a//b.csv", "a\x01b.csv", "x.csv:stream", "a" * 300,
]  # fmt: skip
CASES = [
    Case("B-007 two shapefiles of one name", shapefiles("东区", "西区"), refused(FILE, "东区/供水管段.shp", "西区/供水管段.shp", zh="哪一个")),
    *(Case(f"B-009 {name[:16]!r}", packed(("ok.csv", "a"), (name, "b")), refused(FILE)) for name in UNSAFE),
    *(Case(f"B-009 a {what}", special(kind), refused(FILE, "a.csv")) for what, kind in (("link", stat.S_IFLNK), ("device", stat.S_IFCHR), ("pipe", stat.S_IFIFO))),
    Case("B-010 packed a thousand times smaller", packed(("a.csv", b"0" * 60_000_000)), refused(FILE, 60.0)),
    Case("B-010 4 GB by its own word", patched((b"PK\1\2", 24, "<I", 4_000_000_000)), refused(FILE, 4000.0)),
    Case("B-010 nested", packed(("b.zip", inner())), refused(FILE, "b.zip")),
    Case("B-010 overlapping entries", patched((b"PK\1\2", 42, "<I", 0)), refused(FILE, "b.csv")),
    Case("B-010 a stated size that is false", patched((b"PK\1\2", 24, "<I", 1)), refused(FILE)),
    Case("B-010 a million files", million, refused(FILE, 1_000_000, 10_000)),
    Case("B-011 encrypted", patched((b"PK\1\2", 8, "<H", 1)), refused(FILE, zh="密码")),
    Case("B-011 RAR", beginning(b"Rar!\x1a\x07"), refused(FILE, "RAR")),
    Case("B-011 7z", beginning(b"7z\xbc\xaf\x27\x1c"), refused(FILE, "7z")),
    Case("B-019 KMZ with a KMZ in it", packed(("b.kmz", inner()), name="a.kmz"), refused("a.kmz", "KMZ")),
    Case("B-019 KMZ that leads elsewhere", packed(("../doc.kml", "<kml/>"), name="a.kmz"), refused("a.kmz", "KMZ")),
    Case("B-021 a VRT named .tif", written("dem.tif", RASTER_VRT), refused("dem.tif")),
    Case("B-021 a VRT named .png", written("a.png", RASTER_VRT), refused("a.png")),
    *(Case(f"B-022 a VRT of a {what} file named {name}", written(name, text), refused(name))
      for name in ("供水管段.shp", "供水管段.gpkg", "供水管段.geojson", "供水管段.json", "供水管段.dxf", "供水管段.csv", "供水管段.vrt")
      for what, text in (("local", LOCAL), ("distant", REMOTE))),
    Case("B-022 /vsicurl/ for a source", lambda folder: [f"/vsicurl/{canary_url(folder)}"], refused("/vsicurl/")),
    Case("B-022 /vsizip/ for a source", lambda folder: [f"/vsizip/{canary_file(folder)}"], refused("/vsizip/")),
    Case("B-022 /vsizip/ for a file of the mapping", in_the_mapping('format = 1\n[[layer]]\nlayer = "pipes"\nfile = "/vsizip/{canary}"\nfields.pipe_id = "管段编号"\n'), accepted()),
    Case("B-022 /vsicurl/ for a CRS", lambda folder: [good.geopackage(folder), "--crs", f"/vsicurl/{canary_url(folder)}"], refused("/vsicurl/")),
    Case("B-022 a PROJ file for a CRS", lambda folder: [good.geopackage(folder), "--crs", f"+init={canary_file(folder)}:1"], refused("+init=")),
    Case("B-022 a PROJ grid for a CRS", lambda folder: [good.geopackage(folder), "--crs", f"+proj=longlat +nadgrids={canary_file(folder)}"], refused("nadgrids")),
]  # fmt: skip
