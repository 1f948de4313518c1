"""
KML is refused whatever is in it.

Better than read in part: its places are often those of shifted web maps, its links lead elsewhere, and a GeoPackage
says the same without either. Nothing of the file is parsed, so entities cannot grow and links cannot be followed.
"""

from tests.bad_files.case import Case, accepted, refused
from tests.bad_files.good import both_pipes, geopackage
from tests.bad_files.guards import canary_file, canary_url

FILE = "管线.kml"
PLACE = "<Placemark><name>供水管段</name><description>{0}</description><LineString><coordinates>117.1,36.6 117.2,36.6</coordinates></LineString></Placemark>"


def kml(body, head="", *, beside=False):
    def build(folder):
        text = f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
        text = text.replace("@file@", str(canary_file(folder))).replace("@url@", canary_url(folder))
        (folder / FILE).write_text(text, encoding="utf-8")
        if not beside:
            return folder / FILE
        geopackage(folder)
        return folder

    return build


ENTITY = '<!DOCTYPE kml [<!ENTITY x SYSTEM "file://@file@"><!ENTITY y SYSTEM "@url@">]>'
LAUGHS = (
    "<!DOCTYPE kml [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "]>"
)
CASES = [
    Case("B-018 an outer entity", kml(PLACE.format("&x;&y;"), ENTITY), refused(FILE, "GeoPackage")),
    Case("B-018 a milliard laughs", kml(PLACE.format("&a9;"), LAUGHS), refused(FILE, "GeoPackage")),
    Case("B-018 a link to the network", kml("<NetworkLink><Link><href>@url@</href></Link></NetworkLink>"), refused(FILE, "GeoPackage")),
    Case("B-018 script in a description", kml(PLACE.format("<![CDATA[<script>alert(1)</script><a href='javascript:x'>x</a>]]>")), refused(FILE, "GeoPackage")),
    Case("B-018 beside data that can be read", kml("<NetworkLink><Link><href>@url@</href></Link></NetworkLink>", ENTITY, beside=True), accepted(both_pipes, left_out_kml=FILE)),
]  # fmt: skip
