"""What comes out of repair: tables of pipes and nodes, what became of the ids of the source, and every issue once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.intake.normalise import Working, report_renamed
from gis.issues import DataIssue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray
    from pyproj import CRS

    from gis.repair.state import State
    from gis.repair.topology import Lines


@dataclass(frozen=True)
class Repaired:
    """
    A noded network.

    Attributes
    ----------
    pipes, nodes
        Schema columns as far as known, in one CRS; every pipe end is a node of `nodes`.
    became
        Node id of the source to the id of the node it was joined to; only for those that went.
    pieces
        Pipe id of the source to the ids that stand for it now; only for those split or dropped as doubles.
    """

    pipes: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    issues: tuple[DataIssue, ...]
    became: Mapping[str, str]
    pieces: Mapping[str, tuple[str, ...]]


def outcome(state: State, pipes: Working, nodes: Working | None, issues: list[DataIssue]) -> Repaired:
    """Give the repaired network; rows follow each other by id."""
    lines = state.lines.take(np.lexsort((state.lines.order, state.rank[state.lines.origin])))
    degree = np.bincount(np.concatenate([lines.start, lines.end]), minlength=len(state.places.at_xy))
    used = np.flatnonzero(degree)
    labels = np.full(len(state.places.at_xy), None, dtype=object)
    labels[used] = state.places.single_labels(used)
    ids, pieces = _piece_ids(state, lines)
    table = pipes.table.iloc[lines.origin].reset_index(drop=True)
    drawn_m = shapely.length(lines.geometry)
    table["length_m"] = _lengths_m(table, lines.origin, drawn_m)
    table["pipe_id"] = _plain(ids)
    table["start_node_id"], table["end_node_id"] = _plain(labels[lines.start]), _plain(labels[lines.end])
    table = table.set_geometry(gpd.GeoSeries(lines.geometry, crs=pipes.table.crs))
    again = Working("pipes", table, [])
    report_renamed(again, np.array(["~" in str(i) for i in ids], dtype=bool))
    gone = np.flatnonzero((state.node_of != np.arange(len(state.node_of))) & state.places.named)
    stays = state.node_of[gone]
    names = np.where(labels[stays].astype(bool), labels[stays], state.places.labels_of(stays)).tolist()
    became = dict(zip(state.places.labels_of(gone), names, strict=True))
    known = None if nodes is None else nodes.table
    node_table = _node_table(labels[used], state.places.at_xy[used], degree[used], known, pipes.table.crs)
    orphans = _orphans(state, used)
    rest = [*issues, *state.issues, *again.issues, *orphans]
    # What the first round joined or split may be told again by a later one, which is rare.
    told_again = {issue.kind for issue in state.issues} & {"ends-apart", "tee-unsplit", "points-at-one-place"}
    told = _each_once([*state.common, *rest]) if told_again else (*state.common, *_each_once(rest))
    return Repaired(table, node_table, told, became, pieces)


def _each_once(issues: Iterable[DataIssue]) -> tuple[DataIssue, ...]:
    """Of issues told in several rounds the last; compared by what their keys are made of, which is quicker than keys."""
    told: dict[tuple[object, ...], DataIssue] = {}
    for issue in issues:
        pipe = issue.params.get("pipe") or issue.params.get("field")
        told[issue.kind, issue.subject, issue.layer, pipe] = issue
    return tuple(told.values())


def _plain(values: Any) -> pd.Series:
    """Give texts as plain objects: pandas would make string arrays of them, and look-ups there are an order slower."""
    return pd.Series(values, dtype="object")


def _piece_ids(state: State, lines: Lines) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Name pieces ID, ID#2, ID#3 along the source line."""
    of = pd.Series(lines.origin)
    nth = of.groupby(of).cumcount().to_numpy()
    ids = [str(name) for name in state.ids[lines.origin]]
    pieces: dict[str, tuple[str, ...]] = {}
    for row in np.flatnonzero(nth > 0).tolist():
        source = ids[row]
        ids[row] = f"{source}#{nth[row] + 1}"
        pieces[source] = (*pieces.get(source, (source,)), ids[row])
    standing = set(ids)
    for gone, other in state.stands_for.items():
        if gone not in standing:
            pieces[gone] = pieces.get(other, (other,))
    return ids, pieces


def _lengths_m(table: gpd.GeoDataFrame, origin: NDArray[np.int64], drawn_m: NDArray[np.float64]) -> Any:
    """Recorded length where there is one (drawings omit vertical bends), shared out by drawn length over pieces."""
    given = pd.to_numeric(table.get("length_m", pd.Series(np.nan, index=table.index)), errors="coerce")
    whole_m = pd.Series(drawn_m).groupby(origin).transform("sum").to_numpy()
    recorded = given.to_numpy(dtype=float) * drawn_m / np.where(whole_m > 0, whole_m, 1.0)
    return np.where((given > 0) & (whole_m > 0), recorded, drawn_m)


def _node_table(
    labels: NDArray[np.object_], at_xy: NDArray[np.float64], degree: NDArray[np.int64],
    known: gpd.GeoDataFrame | None, crs: CRS | None,
) -> gpd.GeoDataFrame:  # fmt: skip
    geometry = gpd.GeoSeries(shapely.points(at_xy), crs=crs)
    table = gpd.GeoDataFrame({"node_id": _plain(labels)}, geometry=geometry)
    if known is not None:
        known = known.drop(columns="geometry").drop_duplicates("node_id").set_index("node_id")
        table = table.join(known, on="node_id")
    shape = np.select([degree >= 3, degree == 1], ["tee", "end"], "junction")
    kind = table.get("kind", pd.Series(None, index=table.index, dtype="object"))
    table["kind"] = kind.where(kind.notna(), shape)
    return table


def _orphans(state: State, used: NDArray[np.int64]) -> list[DataIssue]:
    """Known points that lie on no line are no nodes of the network."""
    lost = state.places.named & (state.node_of == np.arange(len(state.node_of)))
    lost[used] = False
    return [
        DataIssue(
            "point-without-pipe",
            "warning",
            "nodes",
            state.places.label(int(row)),
            tuple(state.places.at_xy[row].tolist()),
        )
        for row in np.flatnonzero(lost)
    ]
