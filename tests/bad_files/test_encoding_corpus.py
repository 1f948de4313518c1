"""B-002: of forty tables that state no character set, at least 95 in 100 are read in the right one."""

import struct

import pytest

from gis.sources.encoding import dbf_encoding, text_encoding

ROADS = [
    "经十路",
    "泺源大街",
    "解放东路",
    "舜耕路",
    "玉函路",
    "花园路",
    "工业南路",
    "二环东路",
    "旅游路",
    "北园大街",
]
TABLES = [
    ROADS, ["支路"], ["联通", "支路"], ["球墨铸铁", "灰口铸铁", "聚乙烯"], ["给水"], ["阀门", "消火栓", "预留口"], ["市中区", "历下区", "槐荫区"],
    ["DN300球墨铸铁", "De110PE"], ["沥青", "水泥混凝土", "方砖"], ["经十路与舜耕路交叉口东南角", "泉城广场西侧"], ["济南水务集团有限公司"],
    ["2015年竣工", "1987年"], ["镕基路", "煊赫巷"], ["喆苑小区", "玥府"], ["路"], ["水", "路"], ["开", "关"], ["无", "有"], ["甲", "乙", "丙"],
    ["某县城乡供水一体化工程（二期）", "备注：见图纸“给施-03”"],
]  # fmt: skip


def table(file, words, encoding):
    """A DBF of one text column, written byte by byte."""
    held = [word.encode(encoding) for word in words]
    width = max(map(len, held))
    head = struct.pack("<BBBBIHH20x", 3, 126, 1, 1, len(held), 32 + 32 + 1, width + 1)
    field = b"NAME".ljust(11, b"\0") + b"C" + bytes(4) + bytes([width]) + bytes(15)
    file.write_bytes(head + field + b"\r" + b"".join(b" " + word.ljust(width) for word in held) + b"\x1a")
    return file


def test_the_right_character_set_is_guessed_for_nearly_all_of_forty_files(tmp_path):
    wrong = []
    for words in TABLES:
        for encoding, name in (("gb18030", "GB18030"), ("utf-8", "UTF-8")):
            found = dbf_encoding(table(tmp_path / "x.dbf", words, encoding))
            if found.name != name:
                wrong.append((words, encoding, found))
            else:
                assert found.sample and any(word.startswith(found.sample) for word in words)
    assert len(TABLES) * 2 == 40
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [("utf-16", "UTF-16"), ("utf-8-sig", "UTF-8-SIG"), ("utf-8", "UTF-8"), ("gb18030", "GB18030")],
)
def test_texts_say_or_show_what_they_are(mark, encoding):
    assert text_encoding("给水管线".encode(mark)).name == encoding


def test_latin_text_is_not_taken_for_chinese(tmp_path):
    """A French table with a .cpg that says so, and one that says nothing."""
    file = table(tmp_path / "x.dbf", ["Rue du Château d'Eau", "Été"], "latin-1")
    file.with_suffix(".cpg").write_text("ISO-8859-1")
    assert dbf_encoding(file).name == "ISO-8859-1"
