"""The line table as the surveyors hand it over: the wanted number of lines, and the dirt that real tables have."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely

from gis.sample.consumers import Customers
from gis.sample.pipes.pipework import Runs
from gis.sample.pipes.survey import END, JUNCTION, LATERAL, LEAD, MAIN, SPINE, STUB, TRUNK, Survey
from gis.sample.settings import BoolArray, FloatArray, IntArray, parameters, stream

CLEAR_M = 0.3  # from a point to any line that does not end there
BESIDE_M = 0.9  # an abandoned pipe to the one that replaced it


@dataclass
class Register:
    """
    Final points and lines.

    Attributes
    ----------
    place_xy, kind, road
        Of the points.
    first, second, run
        Of the lines, each pipe once. `shown` is False for a line a later one replaces in the table.
    customer_line
        Line of each customer, -1 where the register does not say.
    repeated, no_dn, no_date, abandoned
        Masks of lines: listed from both ends, size or date missing, out of use.
    planted
        How much dirt of each kind.
    """

    place_xy: FloatArray
    kind: IntArray
    road: IntArray
    first: IntArray
    second: IntArray
    run: IntArray
    shown: BoolArray
    customer_line: IntArray
    abandoned: BoolArray
    repeated: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    no_dn: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    no_date: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    planted: dict[str, int] = field(default_factory=dict)


def lines_to_spare(pipes: int) -> int:
    """Lines that abandoned pipes will add."""
    return max(2, round(parameters()["dirt"]["abandoned"] * pipes))


def draw_up(survey: Survey, runs: Runs, customers: Customers, seed: int, *, pipes: int) -> Register:
    """Make the register of exactly `pipes` pipes: abandoned ones, survey points on long lines, then the dirt."""
    rng = stream(seed, "register")
    count = survey.line_count
    register = Register(
        place_xy=survey.column("points", "place_xy"), kind=survey.column("points", "kind"),
        road=survey.column("points", "road"), first=survey.column("lines", "first"),
        second=survey.column("lines", "second"), run=survey.column("lines", "run"),
        shown=np.ones(count, dtype=np.bool_), customer_line=customers.line.copy(),
        abandoned=np.zeros(count, dtype=np.bool_),
    )  # fmt: skip
    _abandon(register, runs, rng, count=min(lines_to_spare(pipes), pipes - count))
    _fill(register, runs, customers, rng, count=pipes - len(register.first))
    _clear(register)
    _soil(register, runs, rng, pipes=pipes)
    return register


def _add_points(register: Register, place_xy: FloatArray, kind: int, road: IntArray) -> IntArray:
    start = len(register.place_xy)
    register.place_xy = np.concatenate([register.place_xy, place_xy])
    register.kind = np.concatenate([register.kind, np.full(len(place_xy), kind)])
    register.road = np.concatenate([register.road, road])
    return np.arange(start, start + len(place_xy))


def _add_lines(
    register: Register, first: IntArray, second: IntArray, run: IntArray, *, abandoned: bool = False
) -> IntArray:
    start = len(register.first)
    register.first = np.concatenate([register.first, first])
    register.second = np.concatenate([register.second, second])
    register.run = np.concatenate([register.run, run])
    register.shown = np.concatenate([register.shown, np.ones(len(first), dtype=np.bool_)])
    register.abandoned = np.concatenate([register.abandoned, np.full(len(first), abandoned)])
    return np.arange(start, start + len(first))


def line_lengths(register: Register) -> FloatArray:
    """Drawn length of every line [m]."""
    span = register.place_xy[register.second] - register.place_xy[register.first]
    lengths: FloatArray = np.hypot(span[:, 0], span[:, 1])
    return lengths


def _abandon(register: Register, runs: Runs, rng: np.random.Generator, *, count: int) -> None:
    """Leave a piece of the old pipe beside mains that were renewed: out of use, joined to nothing."""
    renewed = (runs.kind[register.run] == MAIN) & (runs.year[register.run] >= 1999)
    rows = np.flatnonzero(renewed & (line_lengths(register) > 25.0))
    rows = np.sort(rng.permutation(rows)[: max(count, 0)])
    a, b = register.place_xy[register.first[rows]], register.place_xy[register.second[rows]]
    along = (b - a) / np.linalg.norm(b - a, axis=1, keepdims=True)
    aside = BESIDE_M * np.column_stack([-along[:, 1], along[:, 0]])
    road = register.road[register.first[rows]]
    first = _add_points(register, a + 0.2 * (b - a) + aside, END, road)
    second = _add_points(register, a + 0.8 * (b - a) + aside, END, road)
    _add_lines(register, first, second, register.run[rows], abandoned=True)


def _fill(
    register: Register, runs: Runs, customers: Customers, rng: np.random.Generator, *, count: int
) -> None:
    """Put a survey point on the longest lines until there are enough."""
    usable = np.isin(runs.kind[register.run], [MAIN, TRUNK, SPINE, LATERAL]) & ~register.abandoned
    length_m = np.where(usable, line_lengths(register), 0.0)
    rows = np.sort(np.argsort(-length_m, kind="stable")[: max(count, 0)])
    a, b = register.place_xy[register.first[rows]], register.place_xy[register.second[rows]]
    along = (b - a) / np.linalg.norm(b - a, axis=1, keepdims=True)
    aside = rng.uniform(-0.12, 0.12, (len(rows), 1)) * np.column_stack([-along[:, 1], along[:, 0]])
    middle = _add_points(
        register, a + rng.uniform(0.42, 0.58, (len(rows), 1)) * (b - a) + aside, JUNCTION,
        register.road[register.second[rows]],
    )  # fmt: skip
    far = register.second[rows].copy()
    register.second[rows] = middle
    new = _add_lines(register, middle, far, register.run[rows])
    second_half = np.full(len(register.first), -1, dtype=np.int64)
    second_half[rows] = new
    moved = second_half[register.customer_line]
    nearer = np.zeros(len(moved), dtype=np.bool_)
    split = np.flatnonzero(moved >= 0)
    to_a, to_b = (
        np.linalg.norm(customers.place_xy[split] - register.place_xy[end], axis=1)
        for end in (register.first[register.customer_line[split]], register.second[moved[split]])
    )
    nearer[split] = to_b < to_a
    register.customer_line = np.where(nearer, moved, register.customer_line)


def _clear(register: Register) -> None:
    """Move points off lines they have nothing to do with: what lies on a line is taken for a joint with it."""
    for _ in range(3):
        ends = np.stack([register.place_xy[register.first], register.place_xy[register.second]], axis=1)
        lines, points = shapely.linestrings(ends), shapely.points(register.place_xy)
        point, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=CLEAR_M)
        foreign = (register.first[line] != point) & (register.second[line] != point)
        point, line = point[foreign], line[foreign]
        if not len(point):
            return
        span = ends[line, 1] - ends[line, 0]
        across = np.column_stack([-span[:, 1], span[:, 0]]) / np.linalg.norm(span, axis=1, keepdims=True)
        side = ((register.place_xy[point] - ends[line, 0]) * across).sum(axis=1)
        register.place_xy[point] += (np.where(side < 0, -1.0, 1.0) * 2 * CLEAR_M)[:, None] * across


def _share(key: str, pipes: int, *, least: int = 2) -> int:
    return max(least, round(parameters()["dirt"][key] * pipes))


def _soil(register: Register, runs: Runs, rng: np.random.Generator, *, pipes: int) -> None:
    """Make the table as dirty as real ones are, and count it."""
    kind = runs.kind[register.run]
    lead = np.flatnonzero(np.isin(kind, [LEAD, STUB, SPINE]) & ~register.abandoned)
    tee = _starts_on_main(register, kind, lead)
    lead = rng.permutation(lead[tee])
    unsplit = _merge_tees(
        register, runs, rng, lead[kind[lead] == LEAD], count=_share("tees_not_split", pipes)
    )
    loose = lead[~np.isin(lead, unsplit)][: _share("ends_off", pipes)]
    _loosen(register, rng, loose)
    count = len(register.first)
    plain = np.flatnonzero((kind == MAIN) & register.shown[: len(kind)] & ~register.abandoned[: len(kind)])
    used = np.flatnonzero(~register.abandoned)
    register.repeated = _some(count, rng.permutation(used)[: _share("lines_listed_twice", pipes)])
    register.no_date = _some(count, rng.permutation(count)[: _share("date_missing", pipes)])
    between = plain[_between_equals(register, plain)]
    register.no_dn = _some(count, rng.permutation(between)[: _share("diameter_missing", pipes)])
    known = np.flatnonzero(register.customer_line >= 0)
    silent = rng.permutation(known)[: round(parameters()["dirt"]["customers_without_pipe"] * len(known))]
    register.customer_line[silent] = -1
    register.repeated &= register.shown
    register.no_date &= register.shown
    register.planted = {
        "lines_listed_twice": int(register.repeated.sum()),
        "ends_off": len(loose),
        "tees_not_split": len(unsplit),
        "diameter_missing": int(register.no_dn.sum()),
        "date_missing": int(register.no_date.sum()),
        "abandoned_lines": int(register.abandoned.sum()),
        "customers_without_pipe": int((register.customer_line < 0).sum()),
    }


def _some(count: int, rows: IntArray) -> BoolArray:
    mask = np.zeros(count, dtype=np.bool_)
    mask[rows] = True
    return mask


def _starts_on_main(register: Register, kind: IntArray, lead: IntArray) -> BoolArray:
    """Which lines start on a point with exactly two lines of one street main beside them."""
    mains = np.flatnonzero((kind == MAIN) & ~register.abandoned)
    ends = np.concatenate([register.first[mains], register.second[mains]])
    count = np.bincount(ends, minlength=len(register.place_xy))
    total = np.bincount(np.concatenate([register.first, register.second]), minlength=len(register.place_xy))
    start = register.first[lead]
    return (count[start] == 2) & (total[start] == 3)


def _between_equals(register: Register, plain: IntArray) -> BoolArray:
    """Which main lines have a line of their own run at both ends."""
    points = len(register.place_xy)
    keys = np.concatenate(
        [
            register.run[plain] * points + register.first[plain],
            register.run[plain] * points + register.second[plain],
        ]
    )
    unique, counts = np.unique(keys, return_counts=True)
    both = counts[np.searchsorted(unique, keys)].reshape(2, -1) >= 2
    return np.logical_and(both[0], both[1])


def _merge_tees(
    register: Register, runs: Runs, rng: np.random.Generator, lead: IntArray, *, count: int
) -> IntArray:
    """Let the main pass the tees of some hydrants in one line; the hydrant's own point stays on its middle."""
    chosen = lead[:count]
    mains = np.flatnonzero((runs.kind[register.run] == MAIN) & ~register.abandoned)
    into = np.full(len(register.place_xy), -1, dtype=np.int64)
    out = into.copy()
    into[register.second[mains]], out[register.first[mains]] = mains, mains
    point = register.first[chosen]
    before, after = into[point], out[point]
    a, b = register.place_xy[register.first[before]], register.place_xy[register.second[after]]
    span = b - a
    along = ((register.place_xy[point] - a) * span).sum(axis=1) / (span**2).sum(axis=1)
    off = _off(rng, len(chosen))
    register.place_xy[point] = a + along[:, None] * span + 0.6 * off
    register.second[before] = register.second[after]
    register.shown[after] = False
    gone = np.isin(register.customer_line, np.concatenate([before, after]))
    register.customer_line[gone] = -1
    return chosen


def _off(rng: np.random.Generator, count: int) -> FloatArray:
    """Small vectors, at most as long as ends may be off."""
    angle = rng.uniform(0, 2 * np.pi, count)
    size = rng.uniform(0.0, parameters()["dirt"]["end_off_m"], count)
    return np.column_stack([size * np.cos(angle), size * np.sin(angle)])


def _loosen(register: Register, rng: np.random.Generator, rows: IntArray) -> None:
    """Give branches their own first point, a little off the main's."""
    point = register.first[rows]
    own = _add_points(
        register, register.place_xy[point] + _off(rng, len(rows)), JUNCTION, register.road[point]
    )
    register.first[rows] = own
