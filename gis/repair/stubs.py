"""What a reserved tap-off hangs on: the walk from its capped end along the stub to the main."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

LONGEST_WALK = 30  # fittings on one stub; more means it is no stub


class Incidence:
    """Which pipes meet at which node, as arrays; only pipes that are in the ground and not abandoned."""

    def __init__(self, pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame) -> None:
        live = pipes[pipes["status"].fillna("open") != "abandoned"]
        self._pipes = live.reset_index(drop=True)
        self.pipe_ids: NDArray[np.object_] = live["pipe_id"].to_numpy(object)
        self._dn = pd.to_numeric(live["dn"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        self._label = np.nan_to_num(self._dn).tolist()
        self.length_m = live["length_m"].to_numpy(dtype=float)
        self._node = {node: row for row, node in enumerate(nodes["node_id"])}
        start = np.array([self._node[node] for node in live["start_node_id"]], dtype=np.int64)
        end = np.array([self._node[node] for node in live["end_node_id"]], dtype=np.int64)
        self._names = nodes["node_id"].to_numpy(object)
        both = np.concatenate([start, end])
        self._order = np.argsort(both, kind="stable")
        self._first = np.searchsorted(both[self._order], np.arange(len(self._names) + 1))
        self._far = np.concatenate([end, start])

    def at(self, node: int) -> list[tuple[int, int]]:
        """Pipes at a node, as (pipe row, node at the other end)."""
        places = self._order[self._first[node] : self._first[node + 1]]
        count = len(self.pipe_ids)
        return [(int(place % count), int(self._far[place])) for place in places]

    def node_row(self, node_id: Any) -> int | None:
        """Row of a node, None for an unknown one."""
        return self._node.get(node_id)

    def name(self, node: int) -> str:
        """Id of a node."""
        return str(self._names[node])

    def dn(self, pipe: int) -> float:
        """Size label of a pipe, 0 when unknown."""
        return float(self._label[pipe])

    def closest(self, node_id: Any, dn: float) -> int | None:
        """Give of the pipes at a node the one nearest to a size; the largest when the size is not known."""
        node = self.node_row(node_id)
        pipes = self.at(node) if node is not None else []
        if not pipes:
            return None
        if np.isnan(dn):
            return min((pipe for pipe, _ in pipes), key=lambda p: (-self.dn(p), str(self.pipe_ids[p])))
        return min((pipe for pipe, _ in pipes), key=lambda p: (abs(self.dn(p) - dn), str(self.pipe_ids[p])))

    def ids_of(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Pipe ids of rows, None for -1."""
        return np.append(self.pipe_ids, np.array([None], dtype=object))[rows]

    def dn_of(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Sizes of rows, NaN for -1."""
        return np.append(self._dn, np.nan)[rows]

    def value_of(self, column: str, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Numbers of a pipe column, NaN for -1 and for a column the source has not."""
        if column not in self._pipes:
            return np.full(len(rows), np.nan)
        values = pd.to_numeric(self._pipes[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        return np.append(values, np.nan)[rows]

    def text_of(self, column: str, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Text of a pipe column, None for -1 and for a column the source has not."""
        if column not in self._pipes:
            return np.full(len(rows), None, dtype=object)
        values = self._pipes[column].astype("object").where(self._pipes[column].notna(), None).to_numpy()
        return np.append(values, np.array([None], dtype=object))[rows]


@dataclass(frozen=True)
class Stub:
    """Rows of the stub's first pipe and of the main (-1: none), and the valve on the way."""

    pipe: int = -1
    main: int = -1
    valve: str | None = None


def stub_of(node_id: Any, incidence: Incidence, valve_at: Mapping[Any, str], reach_m: float) -> Stub:
    """
    Walk from the end of a stub to the main it leaves from.

    The stub ends where pipes branch or where the next pipe is larger; the main is the largest pipe there. A tap-off
    in the middle of a line hangs on that line. The valve is the first one on the way within `reach_m` of the end.
    """
    node = incidence.node_row(node_id)
    pipes = incidence.at(node) if node is not None else []
    if not pipes or node is None:
        return Stub()
    if len(pipes) > 1:
        through = incidence.closest(node_id, float("nan"))
        return Stub(pipe=-1, main=-1 if through is None else through)
    first, here = pipes[0]
    came, walked_m, valve = first, float(incidence.length_m[first]), valve_at.get(node_id)
    for _ in range(LONGEST_WALK):
        onward = [(pipe, far) for pipe, far in incidence.at(here) if pipe != came]
        if len(onward) != 1 or incidence.dn(onward[0][0]) > incidence.dn(first):
            break
        if valve is None and walked_m <= reach_m:
            valve = valve_at.get(incidence.name(here))
        came, here = onward[0]
        walked_m += float(incidence.length_m[came])
    mains = sorted(onward, key=lambda item: (-incidence.dn(item[0]), str(incidence.pipe_ids[item[0]])))
    return Stub(first, mains[0][0] if mains else -1, valve)
