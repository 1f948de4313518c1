"""Networks written in other formats, disturbed on the way, and what must be the same when they are read again."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.crs import parse_crs
from gis.export.formats import FOLDERS, export_tables
from gis.importing import import_sources
from gis.sample.city import write_sample
from gis.versions.export import write_layers

FORMATS = ("survey", "shp", "dxf", "gdb", "gpkg")
NETWORK = ("pipes", "nodes", "valves", "hydrants", "tapoffs", "customers", "sources")
FILES = {"dxf": "x.dxf", "gdb": "x.gdb", "gpkg": "x.gpkg"}


def sample_network(folder, seed, pipes=280):
    """The layers of the network of a small sample city, imported and repaired, and their CRS."""
    write_sample(folder, seed=seed, pipes=pipes)
    sources = [*folder.glob("*.xlsx"), folder / "运行数据.gpkg"]
    candidate = import_sources(sources)
    return {name: candidate.layers[name] for name in NETWORK}, candidate.crs


def written(tables, crs, folder, form):
    """Write layers in a format; gives what to import."""
    folder.mkdir(parents=True)
    target = folder / FILES.get(form, "")
    if form == "gpkg":
        write_layers(tables, target)
    else:
        export_tables(tables, parse_crs(crs), target, form=form)
    return folder if form in FOLDERS else target


def shuffled(tables, rng):
    return {
        name: table.iloc[rng.permutation(len(table))].reset_index(drop=True) for name, table in tables.items()
    }


def turned(tables, rng):
    """Half of the pipes drawn from their other end."""
    pipes = tables["pipes"].copy()
    rows = rng.random(len(pipes)) < 0.5
    geometry = pipes.geometry.to_numpy().copy()
    geometry[rows] = shapely.reverse(geometry[rows])
    pipes.loc[rows, ["start_node_id", "end_node_id"]] = pipes.loc[
        rows, ["end_node_id", "start_node_id"]
    ].to_numpy()
    return {**tables, "pipes": pipes.set_geometry(gpd.GeoSeries(geometry, crs=pipes.crs))}


def noisy(tables, rng, *, reach_m=0.02):
    """Each pipe end moved by up to `reach_m` in any direction, each on its own; where points stand it is they that move."""
    pipes = tables["pipes"].copy()
    coordinates, owner = shapely.get_coordinates(pipes.geometry.to_numpy(), return_index=True)
    ends = np.flatnonzero(np.diff(owner, prepend=-1) | np.diff(owner, append=owner[-1] + 1))
    coordinates[ends] += _within(rng, len(ends), reach_m)
    return {
        **tables,
        "pipes": pipes.set_geometry(
            gpd.GeoSeries(shapely.linestrings(coordinates, indices=owner), crs=pipes.crs)
        ),
    }


def noisy_points(tables, rng, *, reach_m=0.02):
    """Each survey point moved; lines between them have no place of their own."""
    nodes, pipes = tables["nodes"].copy(), tables["pipes"].copy()
    places = shapely.get_coordinates(nodes.geometry.to_numpy()) + _within(rng, len(nodes), reach_m)
    at = dict(zip(nodes["node_id"], places))
    lines = [LineString_(at, row) for row in pipes[["start_node_id", "end_node_id"]].itertuples(index=False)]
    return {
        **tables, "nodes": nodes.set_geometry(gpd.GeoSeries(shapely.points(places), crs=nodes.crs)),
        "pipes": pipes.set_geometry(gpd.GeoSeries(lines, crs=pipes.crs)),
    }  # fmt: skip


def LineString_(at, ends):
    return shapely.linestrings([at[ends[0]], at[ends[1]]])


def _within(rng, count, reach_m):
    angle, away = rng.uniform(0, 2 * np.pi, count), reach_m * np.sqrt(rng.random(count))
    return np.column_stack([away * np.cos(angle), away * np.sin(angle)])


def without_names(tables):
    """Pipes that do not tell their end nodes, and no table of nodes: only what is drawn."""
    pipes = tables["pipes"].drop(columns=["start_node_id", "end_node_id"])
    return {**{name: table for name, table in tables.items() if name != "nodes"}, "pipes": pipes}


def differences(before, after, *, length_m=0.1, places=False):
    """
    What is not the same network: pipes by id with their ends, size, material, length, state; tap-offs by id with their pipe.

    With `places` nodes are the same when they lie at one place, whatever they are called.
    """
    found = []
    known = _same_places(before["nodes"], after["nodes"]) if places else None
    a, b = (_pipes(tables, known if at else None) for at, tables in enumerate((before, after)))
    if list(a.index) != list(b.index):
        return [("pipes", sorted(set(a.index) ^ set(b.index))[:5], len(a), len(b))]
    for column in ("ends", "dn", "material", "status", "install_year"):
        found += [("pipes", *row) for row in _unequal(a, b, column)]
    off = (a["length_m"] - b["length_m"]).abs()
    found += [("pipes", "length_m", pipe, metres) for pipe, metres in off[off > length_m].head(3).items()]
    for name in ("tapoffs", "valves", "hydrants", "customers"):
        found += _things(before[name], after[name], name)
    return found


def _pipes(tables, known):
    pipes = tables["pipes"].set_index("pipe_id").sort_index()
    ends = pipes[["start_node_id", "end_node_id"]]
    if known is not None:
        ends = ends.map(lambda node: known.get(node, f"? {node}"))
    return pipes.assign(ends=[frozenset(pair) for pair in ends.itertuples(index=False)])


def _same_places(before, after):
    """Name in `before` of each node in `after`."""
    tree = cKDTree(shapely.get_coordinates(before.geometry.to_numpy()))
    away, row = tree.query(shapely.get_coordinates(after.geometry.to_numpy()), distance_upper_bound=0.1)
    names = [before["node_id"].iloc[at] if np.isfinite(d) else None for d, at in zip(away, row)]
    return dict(zip(after["node_id"], names))


def _things(before, after, name):
    column = before.columns[0]
    a, b = (table.set_index(column).sort_index() for table in (before, after))
    if list(a.index) != list(b.index):
        return [(name, sorted(set(a.index) ^ set(b.index))[:5], len(a), len(b))]
    wanted = [c for c in ("pipe_id", "dn", "pipe_dn", "status", "state", "meter_dn") if c in a]
    return [(name, *row) for column in wanted for row in _unequal(a, b, column)]


def _unequal(a, b, column):
    """The first rows in which a column differs; missing is equal to missing."""
    pairs = [[None if pd.api.types.is_scalar(v) and pd.isna(v) else v for v in t[column]] for t in (a, b)]
    return [(column, row, x, y) for row, x, y in zip(a.index, *pairs) if x != y][:3]


def again(tables, crs, folder, form):
    """The layers that come out when written and imported again."""
    return import_sources([written(tables, crs, folder, form)], crs=None if form != "survey" else crs).layers


def disturbed(tables, rng, form):
    """The same network as a careless hand-over has it: rows in any order, lines from either end, ends 2 cm off."""
    moved = noisy_points(tables, rng) if form == "survey" else noisy(tables, rng)
    return shuffled(turned(moved, rng), rng)
