"""
What a change of the network touches of its capacity map: the chunks that must be found anew, and those that stand.

Every chunk keeps how much capacity its answers lose for a flow drawn in every other one, as a share of what a kept
answer may be off (0.02 L/s + 0.2 %, a part of the 1 % + 0.05 L/s of the map). A promised demand, a pipe laid or taken
away is such a flow; the shares that changes have used up since a chunk was found are added, and it stands up to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from hydraulics.results import FloatArray
    from hydraulics.spare.chunk import Chunk
    from hydraulics.spare.plan import Plan
    from hydraulics.tables import ModelTables

_SAFETY_FACTOR = 2.0  # responses grow while more is drawn
_FASTEST_MPS = 2.0  # a changed pipe may come to carry as much as its bore lets through at this speed
_MARGIN_M = 0.02
_MORE_FACTOR = 1.25  # neighbours of the places that were looked at may move a head a little more


@dataclass(frozen=True)
class Picture:
    """A model as far as capacities depend on it, by ids; `rest` is all that changes every answer."""

    node_ids: NDArray[np.str_]
    node_figures: NDArray[Any]
    pipe_ids: NDArray[np.str_]
    pipe_ends: NDArray[np.str_]
    pipe_figures: NDArray[Any]
    rest: str

    def save(self, path: Path) -> None:
        """Write it."""
        np.savez_compressed(
            path, node_ids=self.node_ids, node_figures=self.node_figures, pipe_ids=self.pipe_ids,
            pipe_ends=self.pipe_ends, pipe_figures=self.pipe_figures, rest=np.asarray(self.rest),
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> Picture:
        """Read it back."""
        with np.load(path) as kept:
            figures: dict[str, Any] = {name: kept[name] for name in kept.files}
        return cls(**{**figures, "rest": str(figures["rest"])})


def picture_of(tables: ModelTables, base_pressure_m: FloatArray) -> Picture:
    """Take the picture of a model; `base_pressure_m` is that of its nodes without extra demand."""
    count, junctions = tables.pipe_count, tables.junction_count
    names = np.array(tables.node_ids, dtype=np.str_)
    ends = np.column_stack([names[tables.link_start[:count]], names[tables.link_end[:count]]])
    figures = [tables.length_m, tables.diameter_m, tables.roughness_factor, tables.minor_k]
    rest = (
        tables.options, tables.tanks, tables.pumps, tables.valves, names[junctions:].tolist(),
        tables.reservoir_head_m.round(6).tolist(), sorted(tables.emitters.items()),
        tables.elevation_m[junctions:].round(6).tolist(),
    )  # fmt: skip
    return Picture(
        names[:junctions],
        np.column_stack([
            tables.demand_m3s[:junctions], np.nan_to_num(tables.elevation_m[:junctions], nan=-1e9), base_pressure_m[:junctions]
        ]),
        np.array(tables.link_ids[:count], dtype=np.str_),
        ends,
        np.column_stack([*(figure[:count] for figure in figures), tables.pipe_state.astype(float)]),
        repr(rest),
    )  # fmt: skip


@dataclass(frozen=True)
class Change:
    """
    What differs between two models.

    Attributes
    ----------
    is_everything
        True where sources, devices or the method differ.
    flow_lps
        Node id to the flow its surroundings may have gained or lost.
    newly_asked
        Node id to the head it may lose [m]: nodes that have become somebody's supply, or stand lower or higher.
    """

    is_everything: bool
    flow_lps: Mapping[str, float]
    newly_asked: Mapping[str, float]


def change_between(
    before: Picture, after: Picture, *, required_pressure_m: float, no_worse_m: float
) -> Change:
    """Compare two pictures; a pipe cut in pieces is the pipe it was."""
    if before.rest != after.rest:
        return Change(True, {}, {})
    pipes = _pipes(after)
    flow_lps: dict[str, float] = {}
    asked: dict[str, float] = {}
    old = dict(zip(before.node_ids.tolist(), before.node_figures.tolist(), strict=True))
    new = dict(zip(after.node_ids.tolist(), after.node_figures.tolist(), strict=True))
    for name in old.keys() | new.keys():
        was, now = old.get(name, [0.0, 0.0, np.inf]), new.get(name, [0.0, 0.0, np.inf])
        for place in (name,) if name in old else _ends_of_cut(name, pipes):
            _add(flow_lps, place, abs(now[0] - was[0]) * 1000.0)
        spare_m = _newly_asked_m(was, now, required_pressure_m, no_worse_m)
        for place in (
            () if spare_m is None else (name,) if name in old else _ends_of_cut(name, pipes) or (name,)
        ):
            asked[place] = min(spare_m or 0.0, asked.get(place, np.inf))
    _changed_pipes(_pipes(before), pipes, flow_lps)
    return Change(False, flow_lps, asked)


def _newly_asked_m(was: list[float], now: list[float], required_m: float, no_worse_m: float) -> float | None:
    """Head a node may lose [m] if its limit is new or another than before, None if it is what it was."""
    if now[0] <= 0:
        return None
    spare_m = now[2] - required_m
    if was[0] <= 0 or now[1] != was[1]:
        return spare_m if spare_m >= 0 else no_worse_m
    # Another rule holds there now: whoever moves it at all is asked anew.
    return None if (was[2] >= required_m) == (spare_m >= 0) else _MARGIN_M


def _ends_of_cut(name: str, pipes: Mapping[str, _Pipe]) -> tuple[str, ...]:
    """Ends of the pipe that a node between its ends lies on, by the node's name."""
    pipe = pipes.get(name.rpartition("@")[0])
    return () if pipe is None else pipe[0]


_Pipe = tuple[tuple[str, ...], tuple[float, ...]]


def _pipes(picture: Picture) -> dict[str, _Pipe]:
    """Ends and figures of every pipe by its id, pieces put together again."""
    rows = zip(
        picture.pipe_ids.tolist(), picture.pipe_ends.tolist(), picture.pipe_figures.tolist(), strict=True
    )
    whole: dict[str, _Pipe] = {}
    for name, (start, end), figures in rows:
        first, mark, number = name.rpartition("~")
        known = whole.get(first) if mark and number.isdigit() else None
        if known is not None and known[0][1] == start and known[1][1:3] == tuple(figures[1:3]):
            length_m, bore_m, rough, minor, state = known[1]
            joined = (length_m + figures[0], bore_m, rough, minor + figures[3], state)
            whole[first] = ((known[0][0], end), joined)
        else:
            whole[name] = ((start, end), tuple(figures))
    return {
        name: (ends, tuple(round(figure, 9) for figure in figures)) for name, (ends, figures) in whole.items()
    }


def _changed_pipes(old: Mapping[str, _Pipe], new: Mapping[str, _Pipe], flow_lps: dict[str, float]) -> None:
    for name in old.keys() | new.keys():
        if old.get(name) != new.get(name):
            for ends, figures in filter(None, (old.get(name), new.get(name))):
                for end in ends:
                    _add(flow_lps, end, _FASTEST_MPS * np.pi / 4.0 * figures[1] ** 2 * 1000.0)


def _add(flow_lps: dict[str, float], name: str, more_lps: float) -> None:
    if more_lps > 1e-9:
        flow_lps[name] = flow_lps.get(name, 0.0) + more_lps


def stale_shares(change: Change, plan: Plan, chunks: Sequence[Chunk]) -> FloatArray:
    """
    Shape (chunks,): share of what its answers may be off that a change uses up; infinite: find it anew.

    `plan` is the one the chunks were found by.
    """
    count = len(chunks)
    if change.is_everything:
        return np.full(count, np.inf)
    home = {name: number for number, names in enumerate(plan.chunks) for name in names}
    drawn_lps = np.zeros(count)
    for name, more_lps in change.flow_lps.items():
        if name in home:
            drawn_lps[home[name]] += more_lps
    drawn = drawn_lps > 0
    stale = np.empty(count)
    for number, chunk in enumerate(chunks):
        # Chunks that came later than this one are not among what it leans on: nobody asked.
        influence = _padded(chunk.influence, count)
        stale[number] = _SAFETY_FACTOR * float((influence[drawn] * drawn_lps[drawn]).sum())
        fall_m = _padded(chunk.fall_m, count)
        for name, spare_m in change.newly_asked.items():
            where = home.get(name)
            if where is None or _MORE_FACTOR * fall_m[where] + _MARGIN_M > spare_m:
                stale[number] = np.inf
    return stale


def _padded(figures: NDArray[Any], count: int) -> NDArray[Any]:
    return np.append(figures, np.full(count - len(figures), np.inf))
