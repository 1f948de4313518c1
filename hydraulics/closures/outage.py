"""
Closures 关阀: what shutting off segments of a model does to its customers.

What hangs on a shut segment is found on the graph; the rest of the network by a local re-solve with all its links
gone at once, and by EPANET where a device would switch.
"""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from gis.progress import SILENT
from hydraulics.closures.graph import segment_graph
from hydraulics.closures.local import LocalClosures
from hydraulics.closures.loss import Loss
from hydraulics.closures.plan import valve_plan
from hydraulics.closures.service import asked_m3s, customers_of, drawn_m3s
from hydraulics.errors import HydraulicsError
from hydraulics.outages import shares
from hydraulics.scenarios.by_pressure import Drawn, solve_by_pressure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.network import Network
    from gis.progress import Progress
    from hydraulics.capacity import Spread
    from hydraulics.outages import Service
    from hydraulics.results import FloatArray
    from hydraulics.session import Session

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]


class Closures:
    """
    Valves, segments and customers of a session, ready for questions; build one a network version and keep it.

    Safe to share between threads: a lock lets one question at a time pass.
    """

    def __init__(self, session: Session, network: Network, service: Service) -> None:
        self.session, self.service = session, service
        self.plan = valve_plan(session, network.layer("valves"))
        self.graph = segment_graph(session, self.plan)
        self.customers = customers_of(session, network.layer("customers"), network.pipes)
        segments, count = self.plan.segments, self.plan.segments.count
        self.drawn_m3s = drawn_m3s(session, service)
        self.segment_drawn_m3s = _sums(segments.node, self.drawn_m3s, count)
        self.segment_customers_count = _sums(segments.link, self.customers.on_link_count, count)
        if not self.customers.is_counted:
            self.segment_customers_count = _sums(segments.node, self.customers.at_node_count, count)
        self._lock = Lock()

    @cached_property
    def _local(self) -> LocalClosures | None:
        try:
            return LocalClosures(self.session, self.plan, self.graph, self.service, self.customers)
        except HydraulicsError:
            return None

    def loss(self, shut: IntArray, left: tuple[BoolArray, IntArray] | None = None) -> Loss:
        """Give what is lost while some segments are shut together; `left` is what the graph says of that."""
        dry, part = left or self.graph.dry(shut)
        cut_m3s, out = self.segment_drawn_m3s[dry].sum(), self.segment_customers_count[dry].sum()
        reached = shut[self.graph.is_reached[shut]]
        if not len(reached) or (len(shut) == 1 and self.graph.is_leaf[shut[0]]):
            return Loss(float(cut_m3s), 0.0, float(out), 0.0, -1, float("nan"), "graph")
        with self._lock:
            found = None if self._local is None else self._local.ask(shut, part, dry)
        if found is not None:
            return Loss(float(cut_m3s), found[0], float(out), found[1], found[2], found[3], "local")
        return self._by_epanet(dry, float(cut_m3s), float(out))

    @cached_property
    def base_by_pressure(self) -> Drawn:
        """The base state with demands drawn by pressure."""
        return solve_by_pressure(self.session, self.service)

    @property
    def is_pipe(self) -> BoolArray:
        """Shape (links,): False for pumps and valves of the model."""
        tables = self.session.model.tables
        device = np.zeros(len(self.session.index.link_ids), dtype=bool)
        device[tables.pipe_count : len(tables.link_ids)] = True
        return ~device

    def dry_nodes(self, shut: IntArray) -> IntArray:
        """Nodes without water while some segments are shut, and that had it before."""
        dry, _ = self.graph.dry(shut)
        return np.flatnonzero(dry[self.plan.segments.node] & np.isfinite(self.session.base.head_m))

    def links_at(self, dry: BoolArray) -> IntArray:
        """
        Links that carry nothing while the segments of `dry` have no water: those in them and those that lead up to them.

        All of them, for EPANET stops on an open part that hangs on nothing (error 110).
        """
        segments, index = self.plan.segments, self.session.index
        node = dry[segments.node]
        gone = dry[segments.link] | node[index.link_start] | node[index.link_end]
        return np.flatnonzero(gone[: len(self.session.model.tables.link_ids)])

    def _by_epanet(self, dry: BoolArray, cut_m3s: float, out_count: float) -> Loss:
        session, service = self.session, self.service
        dry_nodes = np.flatnonzero(dry[self.plan.segments.node])
        after = session.solve_without(self.links_at(dry).tolist(), dry=dry_nodes.tolist())
        asked, base_m = asked_m3s(session), session.base.pressure_m
        alive = asked > 0
        alive[dry_nodes] = False
        # What a device shuts off by itself then has no head: it is cut off like the rest.
        gone = alive & np.isnan(after.head_m)
        less = asked * (shares(base_m, service) - shares(after.pressure_m, service))
        low = alive & (base_m >= service.required_pressure_m)
        low &= ~(after.pressure_m >= service.required_pressure_m)
        held = np.flatnonzero(alive & ~gone)
        worst = int(held[np.argmin(after.pressure_m[held])]) if len(held) else -1
        return Loss(
            cut_m3s + float(self.drawn_m3s[gone].sum()), float(less[alive & ~gone].sum()),
            out_count + float(self.customers.at_node_count[gone].sum()),
            float(self.customers.at_node_count[low & ~gone].sum()), worst,
            float(after.pressure_m[worst]) if worst >= 0 else float("nan"), "epanet",
        )  # fmt: skip

    def each_segment(self, progress: Progress = SILENT, *, spread: Spread = map) -> list[Loss]:
        """Give what is lost without each segment, in their order; `spread` may be the `map` of a thread pool."""
        cut_m3s = self.graph.behind(self.segment_drawn_m3s)
        out = self.graph.behind(self.segment_customers_count)
        answers = [
            Loss(float(c), 0.0, float(n), 0.0, -1, float("nan"), "graph")
            for c, n in zip(cut_m3s, out, strict=True)
        ]
        wanted = np.flatnonzero(self.graph.is_reached & ~self.graph.is_leaf)
        with self._lock:
            left = (
                wanted if self._local is None else self._local.each(wanted, answers, progress, spread=spread)
            )
        for done, segment in enumerate(left):
            progress.step("segments-epanet", done, len(left))
            dry, _ = self.graph.dry(np.array([segment]))
            answers[segment] = self._by_epanet(dry, float(cut_m3s[segment]), float(out[segment]))
        progress.step("segments-epanet", len(left), len(left))
        return answers


def _sums(group: IntArray, value: FloatArray, count: int) -> FloatArray:
    return np.bincount(group, weights=value, minlength=count).astype(np.float64)
