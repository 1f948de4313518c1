"""Shapefiles: parts missing, character sets, headings cut, counts that lie."""

import struct

from tests.bad_files import good
from tests.bad_files.case import Case, accepted, refused

SHP = "供水管段.shp"
GIVEN_CRS = ["--crs", good.CRS]


def bad(**options):
    return lambda folder: good.shapefile(folder, **options)


def utf8_names(folder, *, cpg):
    """English headings: the ten bytes of a DBF hold three Chinese characters in UTF-8."""
    table = good.pipes().rename(
        columns={"管段编号": "pipe_id", "公称直径": "dn", "管材": "material", "所在道路": "road_name"}
    )
    return good.shapefile(folder, table, encoding="UTF-8", cpg=cpg)


def heading(content):
    """The heading of the material as raw bytes of the file, the rest in GBK or UTF-8."""

    def build(folder):
        encoding = "UTF-8" if content.startswith("管".encode()) else "GBK"
        table = good.pipes().rename(
            columns={"管段编号": "pipe_id", "公称直径": "dn", "管材": "aaaa", "所在道路": "road_name"}
        )
        file = good.shapefile(folder, table, encoding=encoding, cpg=None)
        dbf = file.with_suffix(".dbf")
        held = dbf.read_bytes()
        dbf.write_bytes(held.replace(b"aaaa".ljust(11, b"\0"), content.ljust(11, b"\0")))
        return file

    return build


def materials(network):
    assert network.pipes["material"].tolist() == ["DI", "PE"]


def grown(folder):
    """Over 2 GB by a hole at its end: the disk keeps nothing of it."""
    file = good.shapefile(folder)
    with file.open("r+b") as stream:
        stream.truncate(2_200_000_000)
    return file


def count(of, value):
    def build(folder):
        file = good.shapefile(folder)
        dbf = file.with_suffix(".dbf")
        held = bytearray(dbf.read_bytes())
        held[4:8] = struct.pack("<I", value)
        dbf.write_bytes(held)
        return file

    return build


def cut_short(folder):
    file = good.shapefile(folder, without=".shx")
    file.write_bytes(file.read_bytes()[:-20])
    return file


def text_cut(folder):
    """A road name in UTF-8 that the width of its field cuts inside a character."""
    table = good.pipes(所在道路=["经十路" * 10, "泺源大街"]).rename(
        columns={"管段编号": "pipe_id", "公称直径": "dn", "管材": "material", "所在道路": "road_name"}
    )
    file = good.shapefile(folder, table, encoding="UTF-8", cpg="UTF-8")
    dbf = file.with_suffix(".dbf")
    held, name = bytearray(dbf.read_bytes()), ("经十路" * 10).encode()
    at = held.find(name)
    held[at : at + len(name)] = name[:-1] + b" "
    dbf.write_bytes(held)
    return file


def kept_but_the_last(network):
    assert network.pipes["road_name"].tolist() == ["经十路" * 9 + "经十", "泺源大街"]


CASES = [
    # Better than asked about: the index says nothing that the shapes do not, so it is rebuilt, in a place of our own.
    Case("B-001 without .shx", bad(without=".shx"), accepted(good.both_pipes, shapefile_index=(".shx", "2"))),
    Case("B-001 without .dbf", bad(without=".dbf"), refused(SHP, "供水管段.dbf")),
    Case("B-001 without .prj", bad(prj=False), accepted(crs_zone_unknown=(SHP, "--crs EPSG:")), GIVEN_CRS, accepted(good.both_pipes)),
    Case("B-002 GBK without .cpg", bad(cpg=None), accepted(good.both_pipes, encoding_guessed=(SHP, "GB18030", "encoding =")),
         'encoding = "GBK"\n', accepted(good.both_pipes, unwanted=["encoding-guessed"])),
    Case("B-002 UTF-8 without .cpg", lambda folder: utf8_names(folder, cpg=None), accepted(good.both_pipes, encoding_guessed=(SHP, "UTF-8", "球墨铸铁")),
         'encoding = "UTF-8"\n', accepted(good.both_pipes, unwanted=["encoding-guessed"])),
    Case("B-003 .cpg says UTF-8, bytes are GBK", bad(cpg="UTF-8"), accepted(good.both_pipes, encoding_wrong=("UTF-8", "GB18030")),
         'encoding = "GBK"\n', accepted(good.both_pipes, unwanted=["encoding-wrong"])),
    Case("B-003 .cpg says GBK, bytes are UTF-8", lambda folder: utf8_names(folder, cpg="GBK"), accepted(good.both_pipes, encoding_wrong=("GB18030", "UTF-8")),
         'encoding = "UTF-8"\n', accepted(good.both_pipes, unwanted=["encoding-wrong"])),
    Case("B-003 .cpg says Latin-1, bytes are GBK", bad(cpg="ISO-8859-1"), accepted(good.both_pipes, encoding_wrong=("ISO-8859-1", "GB18030"))),
    Case("B-003 .cpg says nothing known", bad(cpg="?"), accepted(good.both_pipes, encoding_guessed="GB18030")),
    Case("B-005 a heading in GBK cut inside a character", heading("管道材质规".encode("gbk")[:9]), accepted(materials)),
    Case("B-005 a heading in UTF-8 cut inside a character", heading("管道材质".encode()[:10]), accepted(materials, text_cut_inside="管道材", heading_cut=("管道材", "material"))),
    Case("B-005 a text in UTF-8 cut inside a character", text_cut, accepted(kept_but_the_last, text_cut_inside="1")),
    Case("B-006 over 2 GB", grown, refused(SHP, 2200, 2147)),
    Case("B-006 more rows stated than there", count(".dbf", 5), refused(SHP, 2, 5)),
    Case("B-006 fewer rows stated than there", count(".dbf", 1), refused(SHP, 2, 1)),
    Case("B-006 shapes cut off", cut_short, refused(SHP, 2)),
]  # fmt: skip
