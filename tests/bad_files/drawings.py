"""Drawings: character sets, nests without end, other units and axes, references to other files."""

import ezdxf
import pytest
import shapely

from tests.bad_files import good
from tests.drawn import new_drawing
from tests.bad_files.case import Case, accepted, refused
from tests.bad_files.guards import canary_file, canary_url
from tests.gis.test_import_places import CONTROL, grid_file, local_of

FILE = "给水.dxf"
X, Y = good.AT
GIVEN = ["--crs", good.CRS]
STREET = [(X, Y), (X + 100, Y), (X + 100, Y + 50)]


def drawn(fill=None, *, release="R2000", layer="给水-现状", scale=1.0, away=(0.0, 0.0), crs=True):
    """Two pipes and a valve; `scale` and `away` change every figure."""

    def build(folder):
        document, space = new_drawing(release)
        places = [((x + away[0]) * scale, (y + away[1]) * scale) for x, y in STREET]
        space.add_line(places[0], places[1], dxfattribs={"layer": layer})
        space.add_line(places[1], places[2], dxfattribs={"layer": layer})
        space.add_blockref("闸阀", places[1], dxfattribs={"layer": "给水阀门"})
        if fill is not None:
            fill(document, space, folder)
        document.saveas(folder / FILE)
        return [folder / FILE, *(GIVEN if crs else [])]

    return build


def two_pipes(network):
    assert sorted(network.pipes["length_m"].round(3)) == [50.0, 100.0]


def at_home(network):
    two_pipes(network)
    ends = shapely.get_coordinates(network.pipes.geometry.to_numpy())
    assert ends.min(axis=0) == pytest.approx((X, Y), abs=0.01)


def recoded(folder):
    words = drawn()(folder)
    file = folder / FILE
    file.write_bytes(file.read_bytes().decode("gbk").encode("utf-8"))
    return words


def nested(document, space, _folder):
    document.blocks.new("自身").add_blockref("自身", (0, 0))
    for depth in range(20):
        block = document.blocks.new(f"N{depth}")
        for at in range(1000 if depth == 19 else 3):
            block.add_blockref(f"N{depth + 1}" if depth < 19 else "闸阀", (at, 0))
    for name in ("自身", "N0"):
        for at in range(1000):
            space.add_blockref(name, (X + 10 + at * 0.01, Y), dxfattribs={"layer": "图框"})


def many_times(_document, space, _folder):
    """One insert of a grid of 32,767 by 32,767."""
    space.add_blockref(
        "闸阀",
        (X, Y),
        dxfattribs={
            "layer": "给水阀门",
            "row_count": 32767,
            "column_count": 32767,
            "row_spacing": 1,
            "column_spacing": 1,
        },
    )


def turned(document, _space, _folder):
    document.header["$UCSXDIR"] = (0.0, 1.0, 0.0)
    document.header["$UCSYDIR"] = (-1.0, 0.0, 0.0)


def paper_only(folder):
    document = ezdxf.new("R2000")
    document.layout("Layout1").add_line((0, 0), (1, 1), dxfattribs={"layer": "给水"})
    document.saveas(folder / FILE)
    return folder / FILE


def curves(_document, space, _folder):
    space.add_spline(
        [(X + 100, Y + 50, 0), (X + 125, Y + 50, 0), (X + 150, Y + 50, 0)], dxfattribs={"layer": "给水-现状"}
    )
    space.add_text("DN３００", dxfattribs={"layer": "给水-现状", "insert": (X + 50, Y + 1)})


def spline_too(network):
    assert sorted(network.pipes["length_m"].round(2)) == [50.0, 50.0, 100.0]


def referring(document, space, folder):
    canary = str(canary_file(folder))
    document.add_xref_def(canary, "外部")
    document.add_xref_def("//host/share/a.dwg", "共享")
    for name in ("外部", "共享"):
        space.add_blockref(name, (X, Y), dxfattribs={"layer": "给水阀门"})
    for path in (canary, "//host/share/a.tif", f"file://{canary}", canary_url(folder)):
        image = document.add_image_def(path, (10, 10))
        space.add_image(image, (X, Y), (1, 1), dxfattribs={"layer": "给水-现状"})
    linked = space.add_line((X, Y - 10), (X + 1, Y - 10), dxfattribs={"layer": "图框"})
    linked.set_hyperlink(canary_url(folder))


def named_dwg(name):
    def build(folder):
        (folder / name).write_bytes(b"AC1032" + bytes(100))
        return folder / name

    return build


def in_local_grid(folder):
    """The street in a city's own figures, from (10 410, 7 640) on: moved and turned."""
    global STREET
    kept, STREET = STREET, [tuple(xy) for xy in local_of(good.np.array(STREET)).tolist()]
    try:
        return drawn()(folder)
    finally:
        STREET = kept


def with_points(folder):
    return ["--crs", grid_file(folder.parent / "城建坐标.toml")]


LAYERS = '[[layer]]\nlayer = "pipes"\nfile = "*.dxf"\ntable = "管线*"\nfields.pipe_id = "编号"\nfields.dn = { value = 200 }\n'


def sized(dn):
    return lambda network: sized_all(network, dn)


def sized_all(network, dn):
    assert network.pipes["dn"].tolist() == [dn, dn]


CASES = [
    Case("B-061 R12 marked ANSI_936", drawn(release="R12"), accepted(at_home, unwanted=["drawing-encoding"])),
    Case("B-061 R2000 marked ANSI_936 with UTF-8 in it", recoded, accepted(at_home, drawing_encoding=("ANSI_936", "UTF-8"))),
    Case("B-062 a DWG", named_dwg("给水.dwg"), refused("给水.dwg", "DXF")),
    Case("B-062 a DWG named DXF", named_dwg(FILE), refused(FILE, "DWG")),
    # Better than refused: a block stands for one thing and is never exploded, so nests of any depth cost nothing.
    Case("B-063 a block that inserts itself, and twenty levels by a thousand", drawn(nested), accepted(at_home)),
    Case("B-063 one insert for a milliard", drawn(many_times), accepted(at_home)),
    Case("B-065 figures in millimetres", drawn(scale=1000.0), refused(FILE, "mm", "unit ="), 'unit = "mm"\n', accepted(at_home)),
    Case("B-065 millimetres from a corner of its own", drawn(lambda _d, space, _f: space.add_line((0, 0), (3e6, 2e6), dxfattribs={"layer": "给水-现状"}), scale=1000.0, away=(-X, -Y), crs=False),
         refused(FILE, "mm"), 'unit = "mm"\n', accepted()),
    Case("B-065 moved to the origin", drawn(away=(-X, -Y)), refused(FILE, "--crs")),
    Case("B-065 moved and turned, with control points", in_local_grid, refused(FILE, "--crs"), with_points, accepted(at_home, grid_fitted="4")),
    Case("B-065 turned axes", drawn(turned), accepted(at_home, drawing_axes=(FILE, "UCS"))),
    Case("B-065 paper space only", paper_only, refused(FILE, zh="模型空间")),
    Case("B-066 pipes as splines and sizes as text", drawn(curves), accepted(spline_too, drawing_texts="1")),
    Case("B-066 a size in full width in the layer's name", drawn(layer="给水DN３００"), accepted(sized(300))),
    Case("B-066 a layer of no known name", drawn(layer="管线图层7"), refused(FILE), LAYERS, accepted(sized(200))),
    Case("B-067 outer references, images, links", drawn(referring), accepted(at_home)),
]  # fmt: skip
