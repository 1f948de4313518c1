"""The peak model with demand that is promised and not yet drawn: what accepted schemes will take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hydraulics.errors import ModelInputError
from hydraulics.model import write_model
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from hydraulics.model import PeakModel
    from hydraulics.results import TieIn


@dataclass(frozen=True)
class Promise:
    """A constant demand that will be drawn at a tie-in."""

    tie_in: TieIn
    flow_m3s: float


def can_hold(model: PeakModel, tie_in: TieIn) -> bool:
    """Say whether the tie-in is in the model, with water."""
    try:
        return bool(shares(model, tie_in))
    except ModelInputError:
        return False


def shares(model: PeakModel, tie_in: TieIn) -> tuple[tuple[int, float], ...]:
    """
    Nodes that carry a demand at the tie-in, as (position, share): one node, or the two ends of a pipe.

    On a pipe each end takes the more the nearer it is, as demand along a main is always put on nodes.

    Raises
    ------
    ModelInputError
        `node-unknown`, `pipe-unknown`, `tie-in-closed`, `tie-in-not-fed`.
    """
    tables = model.tables
    if tie_in.node_id is not None:
        if tie_in.node_id not in tables.node_ids:
            raise ModelInputError("node-unknown", node=tie_in.node_id)
        nodes: tuple[tuple[int, float], ...] = ((tables.node_ids.index(tie_in.node_id), 1.0),)
    else:
        name = tie_in.pipe_id or ""
        if name not in tables.link_ids[: tables.pipe_count]:
            raise ModelInputError("pipe-unknown", pipe=name)
        link = tables.link_ids.index(name)
        if tables.pipe_state[link] == PipeState.CLOSED:
            raise ModelInputError("tie-in-closed", pipe=name)
        ends = (int(tables.link_start[link]), int(tables.link_end[link]))
        nodes = ((ends[0], 1.0 - tie_in.fraction), (ends[1], tie_in.fraction))
    for node, _ in nodes:
        if not model.is_fed[node]:
            raise ModelInputError("tie-in-not-fed", subject=tables.node_ids[node])
    return nodes


def with_promises(model: PeakModel, promises: Sequence[Promise], scratch: Path) -> PeakModel:
    """
    Write the model with promised demands in its base state into `scratch`; the very same model where there are none.

    Raises
    ------
    ModelInputError
        A tie-in is not in the model (ask `can_hold` before).
    HydraulicsError
        EPANET cannot balance the network with them.
    """
    if not promises:
        return model
    demand_m3s = model.tables.demand_m3s.copy()
    for node, flow in _flows(model, promises):
        if node < model.tables.junction_count:
            demand_m3s[node] += flow
    zh, en = model.description
    count = len(promises)
    text = (
        f"{zh}；另计 {count} 个已受理未接通方案的用水",
        f"{en}; with {count} accepted schemes not yet connected",
    )
    tables = replace(model.tables, demand_m3s=demand_m3s)
    promised = write_model(tables, scratch, version=model.version, description=text)
    return replace(promised, calibration=model.calibration, known=model.known, derived=model.derived)


def _flows(model: PeakModel, promises: Iterable[Promise]) -> Iterable[tuple[int, float]]:
    for promise in promises:
        for node, share in shares(model, promise.tie_in):
            yield node, share * promise.flow_m3s
