"""Lines and points as people draw them: heights here and there, loops, gaps, doubles, crossings, far too many vertices."""

import json
import struct

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from tests.bad_files import good
from tests.bad_files.case import Case, accepted, refused
from tests.bad_files.good import line, point

NODE_LAYER = "节点"


def drawn(*shapes, names=None, more=None, **columns):
    """Pipes of the given shapes; `more` adds layers by name."""

    def build(folder):
        ids = names or [f"P{at}" for at in range(len(shapes))]
        table = good.gpd.GeoDataFrame(
            {"管段编号": ids, "公称直径": 200, "管材": "球墨铸铁", **columns},
            geometry=list(shapes),
            crs=good.CRS,
        )
        file = good.geopackage(folder, table, geometry_type="Unknown")
        for name, layer in (more or {}).items():
            pyogrio.write_dataframe(layer, file, layer=name, driver="GPKG", append=True)
        return file

    return build


def points(label, column, places, **columns):
    return good.gpd.GeoDataFrame(
        {column: [f"N{at}" for at in range(len(places))], **columns}, geometry=places, crs=good.CRS
    )


def nodes(*heights):
    """Three points of the street with their heights in the shape."""
    places = [point(x, 0, z) for x, z in zip((0, 100, 200), heights, strict=True)]
    return drawn(
        line((0, 0), (100, 0)),
        line((100, 0), (200, 0)),
        more={NODE_LAYER: points(NODE_LAYER, "节点编号", places)},
    )


def lengths(**wanted):
    def look(network):
        assert network.pipes.set_index("pipe_id")["length_m"].round(3).to_dict() == wanted

    return look


def levels(*wanted):
    def look(network):
        found = network.nodes.sort_values("node_id")["elevation_m"].tolist()
        assert found == pytest.approx(list(wanted), nan_ok=True)

    return look


def mixed_dimensions(folder):
    """GeoJSON with two, three and four figures a place."""
    shapes = [
        [[510700, 4057600], [510800, 4057600]],
        [[510800, 4057600, 41.5], [510900, 4057600, 41.6]],
        [[510900, 4057600, 41.6, 7.0], [511000, 4057600, 41.7, 8.0]],
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"管段编号": f"P{at}", "公称直径": 200},
            "geometry": {"type": "LineString", "coordinates": c},
        }
        for at, c in enumerate(shapes)
    ]
    text = json.dumps(
        {
            "type": "FeatureCollection",
            "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}},
            "features": features,
        }
    )
    (folder / "供水管段.geojson").write_text(text, encoding="utf-8")
    return folder / "供水管段.geojson"


def measured(folder):
    """A shapefile of lines with measures (PolyLineM), as route systems write them, record by record."""
    file = good.shapefile(folder)
    held, offsets, at = file.read_bytes()[:100], [], 100
    records = b""
    for number, one in enumerate(good.pipes().geometry, 1):
        places = np.array(one.coords)
        box = [*places.min(axis=0), *places.max(axis=0)]
        content = struct.pack("<i4d3i", 23, *box, 1, len(places), 0) + places.astype("<f8").tobytes()
        content += struct.pack("<2d", 0.0, 1.0) + np.array([0.0, 1.0]).astype("<f8").tobytes()
        offsets.append((at // 2, len(content) // 2))
        records += struct.pack(">ii", number, len(content) // 2) + content
        at += 8 + len(content)
    for path, body in (
        (file, records),
        (file.with_suffix(".shx"), b"".join(struct.pack(">ii", *o) for o in offsets)),
    ):
        head = (
            held[:24]
            + struct.pack(">i", (100 + len(body)) // 2)
            + held[28:32]
            + struct.pack("<i", 23)
            + held[36:]
        )
        path.write_bytes(head + body)
    return file


def five_million(folder):
    x = np.arange(5_000_000, dtype=float)
    giant = shapely.linestrings(np.column_stack([good.AT[0] + x * 1e-3, good.AT[1] + np.sin(x)]))
    return drawn(line((0, 0), (100, 0)), giant)(folder)


def valves(*places):
    return points("阀门", "阀门编号", [point(*place) for place in places])


def doubled(folder):
    return drawn(line((0, 0), (100, 0)), line((100, 0), (0, 0)), line((100, 0), (200, 0)))(folder)


IN_MM = '[[layer]]\nlayer = "nodes"\ntable = "节点"\nfields.node_id = "节点编号"\nfields.elevation_m = { column = "Z", unit = "mm" }\n' \
    '[[layer]]\nlayer = "pipes"\ntable = "供水管段"\nfields.pipe_id = "管段编号"\nfields.dn = "公称直径"\n'  # fmt: skip
NAN = float("nan")

CASES = [
    Case("B-025 lines in two, three and four dimensions", mixed_dimensions, accepted(lengths(P0=100.0, P1=100.0, P2=100.0))),
    Case("B-025 lines with measures", measured, accepted(good.both_pipes)),
    Case("B-025 heights of points", nodes(41.5, 41.6, 41.7), accepted(levels(41.5, 41.6, 41.7))),
    Case("B-025 a height that is NaN", nodes(41.5, NAN, 41.7), accepted(levels(41.5, 41.6, 41.7))),
    Case("B-025 a height of -9999", nodes(41.5, -9999.0, 41.7), accepted(levels(41.5, 41.6, 41.7), elevation_impossible=("N1", "-9999"))),
    Case("B-025 heights in millimetres", nodes(41500.0, 41600.0, 41700.0), accepted(elevation_impossible=("N0", "41500", "unit")), IN_MM, accepted(levels(41.5, 41.6, 41.7))),
    Case("B-026 a line that touches itself", drawn(line((0, 0), (100, 0), (100, 50), (50, 50), (50, 0))), accepted(lambda network: None)),
    Case("B-026 a pipe of no length", drawn(line((0, 0), (100, 0)), line((100, 0), (100, 0))), accepted(lengths(P0=100.0), pipe_too_short="P1")),
    Case("B-026 vertices twice", drawn(line((0, 0), (50, 0), (50, 0), (50, 0), (100, 0)), line((100, 0), (200, 0))), accepted(lengths(P0=100.0, P1=100.0))),
    Case("B-026 gaps of a millimetre", drawn(line((0, 0), (100, 0)), line((100.001, 0), (200, 0))), accepted(lambda network: _joined(network, 3), ends_apart="0.001")),
    Case("B-026 doubled pipes", doubled, accepted(lengths(P0=100.0, P2=100.0), pipe_twice=("P1", "P0"))),
    Case("B-027 lines that cross without a node", drawn(line((0, 0), (100, 0)), line((50, -50), (50, 50))), accepted(lambda network: _joined(network, 4), crossing=("P0", "P1")),
         '[repair.rules]\ncrossing = "join"\n', accepted(lambda network: _joined(network, 5))),
    Case("B-027 a valve not on a pipe", drawn(line((0, 0), (100, 0)), more={"阀门": valves((50, 30))}), accepted(off_network="N0")),
    Case("B-027 a valve on a pipe and on no node", drawn(line((0, 0), (100, 0)), more={"阀门": valves((50, 0.2))}), accepted(asset_off_node=("N0", "P0"))),
    Case("B-027 a pipe that ends 0.3 m from a node", drawn(line((0, 0), (100, 0)), line((100.3, 0), (200, 0))), accepted(lambda network: _joined(network, 4), end_near_end="0.3"),
         "[repair]\nsnap_m = 0.5\n", accepted(lambda network: _joined(network, 3))),
    Case("B-029 five million vertices in one line", five_million, refused("管网.gpkg", good.NAME, 2, 5_000_000, 1_000_000)),
]  # fmt: skip


def _joined(network, count):
    assert len(network.nodes) == count, network.nodes
