"""Where pumps and valves stand: between two nodes, or at one end of a pipe, which then begins behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.equipment.records import place_of
from gis.issues import DataIssue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    Ids = NDArray[np.object_]
    Row = Mapping[str, Any]

_UNKNOWN = (None, "", "nan", "None", "<NA>")


@dataclass(frozen=True)
class Seat:
    """Water passes from `start_id` to `end_id`; `pipe` is the row of the pipe behind it, -1 for a link of its own."""

    start_id: str
    end_id: str
    pipe: int


class Seats:
    """
    Gives devices their seats, one after another; several in one place stand in a row or side by side.

    Attributes
    ----------
    start_ids, end_ids
        Shape (pipes,): nodes of the pipes, behind the devices seated so far.
    split_from
        New node to the node it was split from.
    issues
        Directions that were assumed, and devices that found no seat.
    beyond
        Node to the row of the pipe behind a device there that does not say so itself.
    """

    def __init__(self, pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, named: Iterable[str]) -> None:
        self.start_ids: Ids = pipes["start_node_id"].astype(str).to_numpy(dtype=object).copy()
        self.end_ids: Ids = pipes["end_node_id"].astype(str).to_numpy(dtype=object).copy()
        self.split_from: dict[str, str] = {}
        self.issues: list[DataIssue] = []
        self._pipe_ids = pipes["pipe_id"].astype(str).to_numpy(dtype=object)
        self.beyond: dict[str, int] = {}
        wanted = list(dict.fromkeys(named))
        ids = nodes["node_id"].astype(str)
        self._known = set(ids[ids.isin(wanted)])
        self._at: dict[str, list[tuple[int, bool]]] = {}
        self._drawn = self.start_ids.copy(), self.end_ids.copy()
        for leaves, column in ((True, self.start_ids), (False, self.end_ids)):
            for row in np.flatnonzero(np.isin(column.astype(str), wanted)).tolist():
                self._at.setdefault(str(column[row]), []).append((row, leaves))
                self._known.add(str(column[row]))
        self._beside: dict[tuple[int, str, str], Seat] = {}

    def without_direction(self, row: Row) -> str | None:
        """Node of a device that names no node behind it; None where it does, or where it has none."""
        node = _text(row.get("node_id"))
        return node if node in self._known and _text(row.get("to_node_id")) in (None, node) else None

    def links(self, rows: Iterable[Row]) -> list[tuple[str, str]]:
        """Ends of the devices that stand between two nodes that no pipe joins."""
        found = [self._found(row)[0] for row in rows if self.without_direction(row) is None]
        return [(place[0], place[1]) for place in found if place is not None and place[2] < 0]

    def is_link(self, row: Row) -> bool:
        """Say whether a device stands between two nodes that no pipe joins: without it there is nothing there."""
        place = self._found(row)[0]
        return place is not None and place[2] < 0

    def give(self, layer: str, name: str, row: Row, *, group: str) -> Seat | None:
        """Seat a device; those of one `group` in one place stand side by side. None, and an issue, without a place."""
        place, doubt = self._found(row)
        if doubt:
            about = {"attribute": "to_node_id"}
            self.issues.append(DataIssue(doubt, "warning", layer, name, place_of(row), about))
        if place is None:
            return None
        start, end, pipe = place
        if pipe < 0:
            return Seat(start, end, -1)
        known = self._beside.get((pipe, start, group))
        if known is not None:
            return known
        column = self.start_ids if self._drawn[0][pipe] == start else self.end_ids
        before, behind = str(column[pipe]), f"{start}~{name}"
        column[pipe] = behind
        self.split_from[behind] = start
        seat = self._beside[(pipe, start, group)] = Seat(before, behind, pipe)
        return seat

    def pipe_along(self, row: Row) -> int | None:
        """Row of a pipe at the device that is drawn the way its water passes, so that it can stand for it."""
        place, _ = self._found(row)
        if place is None or place[2] < 0:
            return None
        start, _, pipe = place
        if self._drawn[0][pipe] == start:
            return pipe
        into = [row for row, leaves in self._at.get(start, ()) if not leaves and row != pipe]
        return into[0] if len(into) == 1 and len(self._at[start]) == 2 else None

    def _found(self, row: Row) -> tuple[tuple[str, str, int] | None, str | None]:
        """Nodes before and behind the device with the pipe between them, and what is doubtful about that."""
        start, end = (_text(row.get(key)) for key in ("node_id", "to_node_id"))
        if start is None or start not in self._known:
            return self._on_pipe(row)
        pipes = self._at.get(start, [])
        if end is not None and end != start:
            joined = [pipe for pipe, leaves in pipes if self._drawn[int(leaves)][pipe] == end]
            if not joined and end not in self._known:
                return None, "device-end-unknown"
            own = [pipe for pipe in joined if self._pipe_ids[pipe] == _text(row.get("pipe_id"))]
            return (start, end, (own or joined or [-1])[0]), None
        pipe = self.beyond.get(start, -1)
        if pipe < 0:
            return None, "device-direction-unknown"
        return (start, str(self._drawn[int(self._drawn[0][pipe] == start)][pipe]), pipe), None

    def _on_pipe(self, row: Row) -> tuple[tuple[str, str, int] | None, str | None]:
        """A device that names its pipe only stands at the start of it, the way it is drawn."""
        rows = np.flatnonzero(self._pipe_ids == (_text(row.get("pipe_id")) or ""))
        if not len(rows):
            return None, "device-off-network"
        pipe = int(rows[0])
        return (str(self._drawn[0][pipe]), str(self._drawn[1][pipe]), pipe), "device-direction-drawn"


def named(rows: Iterable[Row]) -> list[str]:
    """Nodes that rows of devices name."""
    return [name for row in rows for key in ("node_id", "to_node_id") if (name := _text(row.get(key)))]


def _text(value: object) -> str | None:
    return None if value is None or str(value) in _UNKNOWN else str(value)
