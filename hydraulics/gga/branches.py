"""
Dead-end branches, compiled: pipes that lead nowhere else, so that what they carry is known whatever happens elsewhere.

A demand in a branch is to the rest of the network one at its root. The root's fall as a function of that demand is kept
from one answer to the next; what comes on top in the branch is the law of each pipe on the way.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hydraulics.gga.compiled import njit
from hydraulics.gga.desk import Base
from hydraulics.gga.laws import Array, loss_and_slope

_POINTS, _HALVINGS = 64, 40
_SURE_SHARE, _SAFE_SHARE, _SURE_M3S = 0.016, 0.006, 2e-6
TOP_KNOWN, BY_PATH, NOT_SURE = range(3)
SAFELY, AT_MOST, LIKELY = range(3)  # which fall of the root is taken between two points


class Branches(NamedTuple):
    """
    Rows of dead-end branches.

    Attributes
    ----------
    up, link
        The next row and link on the way to the root, -1 where a row is in no branch.
    root
        Where the branch hangs: a row in no branch, -1 for a fixed head.
    least, who
        Smallest spare head of a row and all beyond it [m], and the row that has it.
    first, second
        The rows beyond with the smallest and next `least`; -1 for none.
    """

    up: Array
    link: Array
    root: Array
    least: Array
    who: Array
    first: Array
    second: Array


class Trail(NamedTuple):
    """
    What is known of one root: its fall [m] and slope at some demands, ascending from 0.

    Attributes
    ----------
    flow, fall, slope
        Shape (64,).
    about
        Root, how many points, whether somebody outside the branch fails beyond the last one, who, and the outcome.
    """

    flow: Array
    fall: Array
    slope: Array
    about: Array


ROOT, COUNT, TOP, WHO, HOW = range(5)


def new_trail() -> Trail:
    """Nothing known yet."""
    return Trail(np.zeros(_POINTS), np.zeros(_POINTS), np.zeros(_POINTS), np.full(5, -1))


def branches_of(base: Base, spare: Array, kept: Array) -> Branches:
    """Find the branches; `kept` are rows that are in none: ends of devices, held heads."""
    rows = len(base.state.head)
    none = np.full(rows, -1, dtype=np.int64)
    found = Branches(none, none.copy(), none.copy(), spare.copy(), np.arange(rows), none.copy(), none.copy())
    fixed = np.zeros(rows, dtype=np.bool_)
    fixed[len(base.shape.parent) :] = True
    fixed[kept[kept >= 0]] = True
    _prune(base, fixed, found)
    return found


@njit
def _prune(base: Base, fixed: Array, found: Branches) -> None:
    """Take away ends until none is left."""
    grid, rows, columns = base.grid, len(fixed), len(base.shape.parent)
    degree, gone = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.bool_)
    order, count = np.empty(rows, dtype=np.int64), 0
    for row in range(rows):
        degree[row] = grid.meet_start[row + 1] - grid.meet_start[row]
        if degree[row] == 1 and not fixed[row]:
            order[count] = row
            count += 1
    at = 0
    while at < count:
        row = order[at]
        at += 1
        for meeting in range(grid.meet_start[row], grid.meet_start[row + 1]):
            link = grid.meet[meeting]
            other = grid.second[link] if grid.first[link] == row else grid.first[link]
            if not gone[other]:
                found.up[row], found.link[row] = other, link
        above = found.up[row]
        if above < 0:
            continue
        gone[row] = True
        _take_least(found, row)
        _hang(found, row, above)
        degree[above] -= 1
        if degree[above] == 1 and not fixed[above]:
            order[count] = above
            count += 1
    for back in range(count):
        row = order[count - 1 - back]
        above = found.up[row]
        if above >= 0:
            found.root[row] = (
                found.root[above] if found.up[above] >= 0 else (above if above < columns else -1)
            )


@njit
def _take_least(found: Branches, row: int) -> None:
    beyond = found.first[row]
    if beyond >= 0 and found.least[beyond] < found.least[row]:
        found.least[row], found.who[row] = found.least[beyond], found.who[beyond]


@njit
def _hang(found: Branches, row: int, above: int) -> None:
    """Enter a row among those beyond the one above it."""
    first, second = found.first[above], found.second[above]
    if first < 0 or found.least[row] < found.least[first]:
        found.first[above], found.second[above] = row, first
    elif second < 0 or found.least[row] < found.least[second]:
        found.second[above] = row


@njit
def begin(trail: Trail, root: int, slope: Any) -> None:
    """Start with a root nobody draws at; `slope` is its fall per demand there [m per m3/s]."""
    trail.flow[0], trail.fall[0], trail.slope[0] = 0.0, 0.0, slope
    trail.about[ROOT], trail.about[COUNT], trail.about[TOP] = root, 1, 0


@njit
def add(trail: Trail, flow: Any, fall: Any, slope: Any) -> None:
    """Take note of a solved demand that everybody bears."""
    count = trail.about[COUNT]
    if count == _POINTS:
        return
    at = count
    while trail.flow[at - 1] > flow:
        at -= 1
    for back in range(count - at):
        to = count - back
        trail.flow[to], trail.fall[to], trail.slope[to] = (
            trail.flow[to - 1], trail.fall[to - 1], trail.slope[to - 1]
        )  # fmt: skip
    trail.flow[at], trail.fall[at], trail.slope[at] = flow, fall, slope
    trail.about[COUNT] = count + 1


@njit
def _fall_at(trail: Trail, flow: Any, kind: int) -> Any:
    """Fall of the root [m] between two points: a fall grows ever faster, so it lies below their chord, above their tangents."""
    at = 1
    while at < trail.about[COUNT] - 1 and trail.flow[at] < flow:
        at += 1
    a, b = at - 1, at
    width = trail.flow[b] - trail.flow[a]
    if width <= 0.0:
        return trail.fall[b]
    into = flow - trail.flow[a]
    share = into / width
    chord = trail.fall[a] + (trail.fall[b] - trail.fall[a]) * share
    if kind == SAFELY:
        return chord
    low = max(trail.fall[a] + trail.slope[a] * into, trail.fall[b] - trail.slope[b] * (width - into))
    if kind == AT_MOST:
        return min(low, chord)
    left = trail.slope[a] * width - (trail.fall[b] - trail.fall[a])
    right = -trail.slope[b] * width + (trail.fall[b] - trail.fall[a])
    cubic = chord + share * (1.0 - share) * (left * (1.0 - share) + right * share)
    return max(min(cubic, chord), min(low, chord))


@njit
def path_to_root(branches: Branches, row: int, path: Array) -> int:
    """Rows from `row` up to the last one before the root, into `path`; how many."""
    length = 0
    while branches.up[row] >= 0:
        path[length] = row
        length += 1
        row = branches.up[row]
    return length


@njit
def is_beyond(branches: Branches, row: int, path: Array, length: int) -> bool:
    """Whether `row` is on the path or hangs on it below the root."""
    while branches.up[row] >= 0:
        for at in range(length):
            if path[at] == row:
                return True
        row = branches.up[row]
    return False


@njit
def _excess(
    base: Base, branches: Branches, own: Array, spare: Array, path: Array, length: int, flow: Any, fall: Any
) -> Any:
    """By how much the path falls too far [m] when its root falls by `fall`, who does, and the slope of the pipes."""
    worst, who, steep = -np.inf, path[0], 0.0
    for back in range(length):
        at = length - 1 - back
        row, above, link = path[at], branches.up[path[at]], branches.link[path[at]]
        sign = 1.0 if base.grid.second[link] == row else -1.0
        loss, slope = loss_and_slope(base.laws, link, base.state.flow[link] + sign * flow)
        fall += sign * loss - (base.state.head[above] - base.state.head[row])
        steep += slope
        if at == 0:
            limit, failing = own[row], row
            if branches.least[row] < limit:
                limit, failing = branches.least[row], branches.who[row]
        else:
            limit, failing = spare[row], row
            beyond = branches.first[row]
            if beyond == path[at - 1]:
                beyond = branches.second[row]
            if beyond >= 0 and branches.least[beyond] < limit:
                limit, failing = branches.least[beyond], branches.who[beyond]
        if fall - limit > worst:
            worst, who = fall - limit, failing
    return worst, who, steep


@njit
def _bears(
    base: Base,
    branches: Branches,
    trail: Trail,
    own: Array,
    spare: Array,
    path: Array,
    length: int,
    kind: int,
) -> Any:
    """Demand below the last point that the path just bears [m3/s]."""
    low, high = 0.0, trail.flow[trail.about[COUNT] - 1]
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if _excess(base, branches, own, spare, path, length, middle, _fall_at(trail, middle, kind))[0] > 0.0:
            high = middle
        else:
            low = middle
        if high - low <= 1e-5 * low:
            break
    return low


@njit
def from_trail(
    base: Base, branches: Branches, trail: Trail, own: Array, spare: Array, path: Array, length: int
) -> Any:
    """
    (demand, who limits, outcome, slope of the path's pipes, fall per demand of the root) of the row the path starts at.

    TOP_KNOWN: somebody outside limits, as known; BY_PATH: the path does; NOT_SURE: the points lie too far apart, the
    demand is a guess, 0 for none.
    """
    last = trail.about[COUNT] - 1
    top = trail.flow[last]
    if top <= 0.0:
        return 0.0, path[0], NOT_SURE, 0.0, 0.0
    if _excess(base, branches, own, spare, path, length, top, trail.fall[last])[0] <= 0.0:
        return top, trail.about[WHO], TOP_KNOWN if trail.about[TOP] else NOT_SURE, 0.0, 0.0
    demand = _bears(base, branches, trail, own, spare, path, length, LIKELY)
    safe = _bears(base, branches, trail, own, spare, path, length, SAFELY)
    most = _bears(base, branches, trail, own, spare, path, length, AT_MOST)
    if most - safe > _SURE_SHARE * safe + _SURE_M3S:
        return demand, path[0], NOT_SURE, 0.0, 0.0
    demand = min(demand, safe * (1.0 + _SAFE_SHARE) + _SURE_M3S)
    fall = _fall_at(trail, demand, LIKELY)
    _, who, steep = _excess(base, branches, own, spare, path, length, demand, fall)
    return demand, who, BY_PATH, steep, fall / max(demand, 1e-12)
