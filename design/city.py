"""City: one network version with everything a plan asks of it held warm: indexes, corridors, hydraulics, ground."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import shapely

from gis.corridors import Corridors
from gis.errors import TapwrightError
from gis.messages import error_sentence
from gis.nearest import MainIndex, TapoffIndex
from hydraulics.mending.refusals import ground_impossible, is_impossible_ground
from hydraulics.supplied.feeding import Feeding, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy.typing import NDArray

    from design.reservations import Reservation
    from gis.network import Network
    from gis.ways.terms import Terms
    from hydraulics.epanet.repeatable import Repeatable
    from hydraulics.results import TieIn
    from hydraulics.session import Session

T = TypeVar("T")
NEIGHBOURS_COUNT = 4
SCOUT_M = 0.02


@dataclass(frozen=True)
class City:
    """
    A network version ready for questions; build one a version and keep it.

    `make_session` is called at the first hydraulic question, so that a question without one does not wait. `reserved`
    are the accepted schemes not yet built: what they will draw is in the session's base state.
    """

    network: Network
    make_session: Callable[[], Session]
    reserved: tuple[Reservation, ...] = ()
    _kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give the value kept under `key`; made at the first call."""
        if key not in self._kept:
            self._kept[key] = make()
        value: T = self._kept[key]
        return value

    def once_for_session(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give the value kept under `key` for as long as the session is the same one."""
        if key not in self.of_session:
            self.of_session[key] = make()
        value: T = self.of_session[key]
        return value

    @cached_property
    def of_session(self) -> dict[Hashable, Any]:
        """What was made from the session and goes with it."""
        return {}

    def close(self) -> None:
        """Give back what the hydraulic sessions hold."""
        for kept in self.of_session.values():
            if hasattr(kept, "close"):
                kept.close()
        if "session" in self.__dict__:
            self.session.close()

    def renewed(
        self,
        network: Network,
        reserved: tuple[Reservation, ...],
        make_session: Callable[[], Session],
        *,
        other_model: bool = False,
    ) -> City:
        """
        Give the city with other states of the same tap-offs and other reservations; what depends on neither stays warm.

        `other_model`: the parameters of its model changed too.
        """
        same = reserved == self.reserved and not other_model
        city = City(network, self.make_session if same else make_session, reserved, self._kept)
        fields = {"network", "make_session", "reserved", "_kept", "tapoffs"}
        if not same:
            fields |= {"session", "of_session", "checker", "scout", "feeding", "problem"}
        city.__dict__.update({name: value for name, value in self.__dict__.items() if name not in fields})
        return city

    @cached_property
    def session(self) -> Session:
        """The warm hydraulic session."""
        return self.make_session()

    @cached_property
    def checker(self) -> Repeatable:
        """The session with answers that do not depend on what was asked before: schemes are checked by it."""
        from hydraulics.epanet.repeatable import Repeatable

        return Repeatable(self.session)

    @cached_property
    def scout(self) -> Repeatable:
        """The checker for a first look: heads right to `SCOUT_M`."""
        return self.checker.rougher(SCOUT_M)

    def by_epanet_alone(self) -> City:
        """Give the city with every scheme checked by EPANET, cold: for the case that it does not confirm our own answers."""
        from hydraulics.epanet.repeatable import Repeatable

        city = City(self.network, self.make_session, self.reserved, self._kept)
        city.__dict__.update(self.__dict__)
        city.__dict__["checker"] = city.__dict__["scout"] = Repeatable(
            self.session, small_count=len(self.session.index.node_ids)
        )
        return city

    @cached_property
    def tapoffs(self) -> TapoffIndex:
        """Reserved tap-offs by place."""
        return TapoffIndex(self.network.tapoffs)

    @cached_property
    def mains(self) -> MainIndex:
        """Pipes by place."""
        return MainIndex(self.network.pipes)

    def corridors(self, terms: Terms) -> Corridors:
        """Where a trench may run under those terms."""
        return self.once(("corridors", terms), lambda: Corridors(self.network, terms))

    @cached_property
    def _pipe_rows(self) -> dict[str, int]:
        return {pipe_id: row for row, pipe_id in enumerate(self.network.pipes["pipe_id"])}

    @cached_property
    def node_positions(self) -> dict[str, tuple[float, float]]:
        """Position of every node that has one."""
        nodes = self.network.nodes
        placed = nodes[nodes.geometry.notna() & ~nodes.geometry.is_empty]
        return dict(
            zip(placed["node_id"], zip(placed.geometry.x, placed.geometry.y, strict=True), strict=True)
        )

    def nodes_near(
        self, xy: tuple[float, float], *, within_m: float
    ) -> list[tuple[str, tuple[float, float]]]:
        """Nodes within a distance of a place, with their positions."""
        from scipy.spatial import cKDTree

        names = list(self.node_positions)
        tree = self.once(("node-tree",), lambda: cKDTree(np.array(list(self.node_positions.values()))))
        rows = tree.query_ball_point(xy, within_m, return_sorted=True)
        return [(names[row], self.node_positions[names[row]]) for row in rows]

    @cached_property
    def stub_nodes(self) -> frozenset[str]:
        """End nodes of registered tap-offs: pipes that end there are stubs, not mains; a derived one may end a main."""
        table = self.network.tapoffs
        return frozenset(str(node) for node in table["node_id"][table["origin"] != "derived"].dropna())

    def pipe_row(self, pipe_id: Any) -> Any:
        """Give the pipe of that id as a row, or None."""
        row = self._pipe_rows.get(pipe_id) if isinstance(pipe_id, str) else None
        return None if row is None else self.network.pipes.iloc[row]

    def node_row(self, node_id: str) -> int:
        """Row of a node in the session's arrays; KeyError when the model lacks it."""
        return self.session.node_position[node_id]

    @cached_property
    def problem(self) -> dict[str, str] | None:
        """Why there is no base state, in both languages; None when there is one."""
        try:
            self.session  # noqa: B018
        except TapwrightError as error:
            return {"zh": error_sentence(error, "zh"), "en": error_sentence(error, "en")}
        return None

    @cached_property
    def feeding(self) -> Feeding:
        """Where the water of every node comes from at the peak hour."""
        session = self.session
        return trace(session.index, session.base.flow_m3s, pipe_count=session.model.tables.pipe_count)

    def source_of(self, node_id: str, head_m: float) -> dict[str, Any]:
        """Give the source, tank or reservoir that stands on a node, by id, name and kind, with its head [m]."""
        table = self.network.layer("sources")
        rows = np.flatnonzero(table["node_id"].to_numpy() == node_id)
        if not len(rows):
            return {"id": node_id, "name": None, "kind": None, "head_m": round(head_m, 2)}
        row = table.iloc[rows[0]]
        return {"id": row["source_id"], "name": row["name"], "kind": row["kind"], "head_m": round(head_m, 2)}

    @cached_property
    def valve_tree(self) -> Any:
        """Valves by place."""
        return shapely.STRtree(self.network.layer("valves").geometry.to_numpy())

    @cached_property
    def pipe_ends(self) -> NDArray[np.int64]:
        """Shape (pipes, 2): places of each pipe's ends in the session's arrays; -1 where the model lacks the node."""
        places, pipes = pd.Index(self.session.index.node_ids), self.network.pipes
        ends = [places.get_indexer(pd.Index(pipes[name])) for name in ("start_node_id", "end_node_id")]
        return np.column_stack(ends).astype(np.int64)

    def pipe_pressures_m(self) -> NDArray[np.float64]:
        """Shape (pipes,): lower pressure of each pipe's ends at the peak hour [m]; NaN where water does not reach both."""
        known = np.where(self.session.index.is_fed, self.session.base.pressure_m, np.nan)
        return np.append(known, np.nan)[self.pipe_ends].min(axis=1)

    def tie_in_elevation_m(self, tie_in: TieIn) -> float:
        """
        Ground at a tie-in [m]: the node's, or between the ends of the pipe.

        Raises
        ------
        HydraulicsError
            `ground-impossible`: it is a placeholder, so no pressure can be told there.
        """
        index = self.session.index
        if tie_in.node_id is not None:
            nodes = [self.node_row(tie_in.node_id)] * 2
        else:
            link = self.session.link_position[tie_in.pipe_id or ""]
            nodes = [int(index.link_start[link]), int(index.link_end[link])]
        start_m, end_m = index.elevation_m[nodes]
        for node, off in zip(nodes, is_impossible_ground(index.elevation_m[nodes]), strict=True):
            if off and index.is_junction[node]:
                raise ground_impossible(index.node_ids[node], float(index.elevation_m[node]))
        return float(start_m + (end_m - start_m) * tie_in.fraction)

    def is_fed(self, node_id: str) -> bool:
        """Tell whether water reaches the node in the model."""
        row = self.session.node_position.get(node_id)
        return row is not None and bool(self.session.index.is_fed[row])

    def can_tap(self, row: int) -> bool:
        """Tell whether the pipe of that row is open in the model, with water at both ends."""
        return self.session.can_tap(str(self.network.pipes["pipe_id"].iloc[row]))

    @cached_property
    def _extent(self) -> tuple[float, float, float, float]:
        west, south, east, north = shapely.total_bounds(self.network.pipes.geometry.to_numpy())
        return float(west), float(south), float(east), float(north)

    def surrounds(self, x: float, y: float) -> bool:
        """Tell whether a point lies within the extent of the network's pipes."""
        west, south, east, north = self._extent
        return west <= x <= east and south <= y <= north

    @cached_property
    def ground(self) -> tuple[Any, NDArray[Any]]:
        """Surveyed heights: a search tree (None when there are none), and the heights in its order."""
        frames = [self.network.nodes, self.network.layer("terrain")]
        points = [f[f["elevation_m"].notna() & f.geometry.notna()] for f in frames]
        xy = np.concatenate([np.column_stack([p.geometry.x, p.geometry.y]).reshape(-1, 2) for p in points])
        heights = np.concatenate([p["elevation_m"].to_numpy(float) for p in points])
        from scipy.spatial import cKDTree  # half a second to load: only who asks waits

        return (cKDTree(xy) if len(xy) else None), heights

    def elevation_m(self, x: float, y: float) -> float | None:
        """Ground elevation by inverse distance from the nearest surveyed points; None when there are none."""
        tree, heights = self.ground
        if tree is None:
            return None
        count = min(NEIGHBOURS_COUNT, len(heights))
        distances, rows = tree.query([x, y], k=list(range(1, count + 1)))
        weights = 1.0 / np.maximum(distances, 1e-3) ** 2
        return float(np.average(heights[rows], weights=weights))
