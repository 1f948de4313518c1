"""GeoJSON: numbers that are none, words for numbers, encodings, nesting, keys given twice."""

import json
import math

from tests.bad_files import good
from tests.bad_files.case import Case, accepted, refused

FILE = "供水管段.geojson"
CRS = '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}'
WHOLE = [[510700, 4057600], [510800, 4057600]]
NEXT = [[510800, 4057600], [510800, 4057650]]


def feature(coordinates, *, name="甲2", dn=100, more=""):
    properties = f'{{"管段编号": "{name}", "公称直径": {dn}, "管材": "{"球墨铸铁" if dn == 300 else "聚乙烯"}", "所在道路": "{"经十路" if dn == 300 else "泺源大街"}"{more}}}'
    return f'{{"type": "Feature", "properties": {properties}, "geometry": {{"type": "LineString", "coordinates": {coordinates}}}}}'


def collection(*features):
    return f'{{"type": "FeatureCollection", {CRS}, "features": [{", ".join(features)}]}}'


def text(second, *, encoding="utf-8", first=None):
    def build(folder):
        content = collection(first or feature(json.dumps(WHOLE), name="甲1", dn=300), second)
        (folder / FILE).write_bytes(content.encode(encoding))
        return folder / FILE

    return build


def only_the_first(network):
    assert network.pipes["pipe_id"].tolist() == ["甲1"]


def long_line(folder):
    """Some 30 MB in one line; 300 MB take ten times as long and no other way."""
    remark = ', "备注": "' + "管" * 20_000 + '"'
    pipes = [
        feature(f"[[{510700 + i}, 4057600], [{510701 + i}, 4057600]]", name=f"P{i}", more=remark)
        for i in range(500)
    ]
    (folder / FILE).write_text(collection(*pipes), encoding="utf-8")
    assert (folder / FILE).stat().st_size > 30e6
    return folder / FILE


def five_hundred(network):
    assert len(network.pipes) == 500 and math.isclose(network.pipes["length_m"].sum(), 500.0)


sound = json.dumps(NEXT)
CASES = [
    *(
        Case(f"B-013 {name} for a coordinate", text(feature(f"[[510800, {token}], [510800, 4057650]]")),
             accepted(only_the_first, coordinates_broken=(FILE, "2")))
        for name, token in (("NaN", "NaN"), ("Infinity", "Infinity"), ("minus Infinity", "-Infinity"), ("1e400", "1e400"), ("a word", '"here"'))
    ),
    Case("B-013 words for coordinates", text(feature('[["510800", "4057600.0"], ["510800", " 4057650 "]]')),
         accepted(good.both_pipes, coordinates_words=(FILE, "1", "2"))),
    Case("B-014 properties nested 100,000 deep", text(feature(sound, more=', "x": ' + "[" * 100_000 + "]" * 100_000)), refused(FILE, 2)),
    Case("B-014 coordinates nested 100,000 deep", text(feature("[" * 100_000 + "]" * 100_000)), refused(FILE, 2)),
    Case("B-014 one long line", long_line, accepted(five_hundred)),
    Case("B-014 a key given twice", text(feature(sound, more=', "公称直径": 80')), accepted(json_key_twice=("公称直径", "1", "2"))),
    Case("B-014 UTF-16", text(feature(sound), encoding="utf-16"), accepted(good.both_pipes, text_encoding="UTF-16")),
    Case("B-014 UTF-8 with a byte order mark", text(feature(sound), encoding="utf-8-sig"), accepted(good.both_pipes, text_encoding="UTF-8-SIG")),
    Case("B-014 GBK", text(feature(sound), encoding="gb18030"), accepted(good.both_pipes, text_encoding="GB18030")),
    Case("B-014 cut off", text(feature(sound)[:-30]), refused(FILE, 2)),
]  # fmt: skip
