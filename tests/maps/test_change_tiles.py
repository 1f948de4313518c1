"""Differences as tiles: every thing that came, changed or went is there under its id, and nothing else."""

import mapbox_vector_tile
import pytest
import shapely

from gis.crs import parse_crs
from gis.network import Network
from gis.schema import empty_layer
from gis.version import conformed
from gis.versions.diff import change_versions
from maps.tiling.changes import ChangeTiles
from maps.errors import MapError
from tests.gis.test_version_history import street

Z = 12


def network_of(candidate):
    ready, crs = conformed(candidate), parse_crs(candidate.crs)

    def read(name):
        return ready.layers[name] if name in ready.layers else empty_layer(name, crs)

    return Network("v", crs, "street", synthetic=True, read_layer=read)


def changes_between(old, new):
    return change_versions(network_of(old), network_of(new))


def found(tiles):
    """Every feature of the tiles around the street, which lies at the equator near 112.5 degrees east."""
    things = set()
    middle = int((112.513 + 180) / 360 * 2**Z)
    for x in (middle - 1, middle, middle + 1):
        for y in (2 ** (Z - 1) - 1, 2 ** (Z - 1)):
            content = tiles.tile(Z, x, y)
            for layer, part in (mapbox_vector_tile.decode(content) if content else {}).items():
                things |= {
                    (layer, *(f["properties"][key] for key in ("layer", "id", "change")))
                    for f in part["features"]
                }
    return things


def expected(changes):
    return {
        ("LineString", "pipes", pipe_id, kind)
        for kind in ("added", "changed", "removed")
        for pipe_id in getattr(changes["pipes"], kind)["pipe_id"]
    }


def test_what_came_and_what_went_is_drawn_under_its_id():
    changes = changes_between(street(pipes=9), street(pipes=12))
    assert found(ChangeTiles(changes)) == expected(changes)
    back = changes_between(street(pipes=12), street(pipes=9))
    assert {one[3] for one in found(ChangeTiles(back))} == {"removed"}


def test_a_thing_of_another_size_is_drawn_once_and_one_that_moved_also_where_it_was():
    resized = found(ChangeTiles(changes_between(street(), street(dn=300))))
    assert {one[3] for one in resized} == {"changed"}
    moved = street()
    pipes = moved.layers["pipes"].copy()
    shapes = pipes.geometry.to_numpy().copy()
    shapes[0] = shapely.transform(shapes[0], lambda xy: xy + 5.0)
    moved.layers["pipes"] = pipes.set_geometry(shapes)
    drawn = found(ChangeTiles(changes_between(street(), moved)))
    own = pipes["pipe_id"].iloc[0]
    assert drawn == {("LineString", "pipes", own, "changed"), ("LineString", "pipes", own, "former")}


def test_equal_versions_give_empty_tiles_and_addresses_are_checked():
    tiles = ChangeTiles(changes_between(street(), street()))
    assert found(tiles) == set()
    with pytest.raises(MapError):
        tiles.tile(1, 2, 0)
