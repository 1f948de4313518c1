"""One segment as a graph of its own: nodes and pipes, what feeds it, what hangs on it, and the two pieces of every cut."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Place = tuple[str, int]  # ("n", node) or ("k", link)
    Joint = tuple[Place, Place]


@dataclass(frozen=True)
class Part:
    """
    A segment.

    Attributes
    ----------
    joints
        Pairs of a pipe and the node at one end of it, both in the segment, with no valve between.
    drawn_m3s, length_m
        Demand of its nodes, length of its pipes, by place.
    fed
        Places from which a valve leads to the rest of the network, and sources.
    touching
        By place, the branches that hang on it there.
    branch_m3s
        Demand of everything behind each branch.
    """

    joints: tuple[Joint, ...]
    drawn_m3s: Mapping[Place, float]
    length_m: Mapping[Place, float]
    fed: frozenset[Place]
    touching: Mapping[Place, set[int]]
    branch_m3s: tuple[float, ...]

    @property
    def own_m3s(self) -> float:
        """Demand of the segment itself [m3/s]."""
        return sum(self.drawn_m3s.values())


@dataclass(frozen=True)
class Piece:
    """One side of a cut; `branches` are those it touches."""

    own_m3s: float
    length_m: float
    is_fed: bool
    branches: frozenset[int]


def cut_pieces(part: Part) -> Iterator[tuple[tuple[int, int], Piece, Piece]]:
    """
    Give every joint whose cut parts the segment: (link, node), the piece on the node's side, the piece on the other.

    Joints on a loop within the segment part nothing.
    """
    if not part.joints:
        return
    order, parent, low = _walked(part)
    rank = {place: n for n, place in enumerate(order)}
    sums, end = {place: _piece(part, place) for place in order}, dict(rank)
    for place in reversed(order):
        end[place] = max(end[place], rank[place])
        above = parent[place]
        if above is not None:
            sums[above] = _with(sums[above], sums[place])
            end[above] = max(end[above], end[place])
    fed, touched = sorted(rank[place] for place in part.fed if place in rank), _touched(part, rank)
    whole = sums[order[0]]
    for place in order[1:]:
        above = parent[place]
        if above is None or low[place] <= rank[above]:
            continue
        below, first, last = sums[place], rank[place], end[place]
        inside_count = bisect_right(fed, last) - bisect_left(fed, first)
        rest = Piece(
            whole.own_m3s - below.own_m3s, whole.length_m - below.length_m, inside_count < len(fed),
            frozenset(b for b, (least, most) in touched.items() if least < first or most > last),
        )  # fmt: skip
        node_first = place[0] == "n"
        joint = (above[1], place[1]) if node_first else (place[1], above[1])
        yield (joint, below, rest) if node_first else (joint, rest, below)


def _touched(part: Part, rank: Mapping[Place, int]) -> dict[int, tuple[int, int]]:
    """First and last place of the walk that each branch hangs on."""
    found: dict[int, tuple[int, int]] = {}
    for place, branches in part.touching.items():
        for branch in branches:
            least, most = found.get(branch, (rank[place], rank[place]))
            found[branch] = (min(least, rank[place]), max(most, rank[place]))
    return found


def _piece(part: Part, place: Place) -> Piece:
    return Piece(
        part.drawn_m3s.get(place, 0.0), part.length_m.get(place, 0.0), place in part.fed,
        frozenset(part.touching.get(place, ())),
    )  # fmt: skip


def _with(one: Piece, other: Piece) -> Piece:
    return Piece(
        one.own_m3s + other.own_m3s, one.length_m + other.length_m, one.is_fed or other.is_fed,
        one.branches | other.branches,
    )  # fmt: skip


def _walked(part: Part) -> tuple[list[Place], dict[Place, Place | None], dict[Place, int]]:
    """Depth-first walk of the connected segment: order, parents, low points."""
    near: dict[Place, list[Place]] = {}
    for one, other in part.joints:
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    root = part.joints[0][0]
    order, rank = [root], {root: 0}
    parent: dict[Place, Place | None] = {root: None}
    low: dict[Place, int] = {root: 0}
    stack: list[tuple[Place, Iterator[Place]]] = [(root, iter(near[root]))]
    while stack:
        place, ways = stack[-1]
        for other in ways:
            if other not in rank:
                rank[other] = low[other] = len(order)
                parent[other] = place
                order.append(other)
                stack.append((other, iter(near[other])))
                break
            if other != parent[place]:
                low[place] = min(low[place], rank[other])
        else:
            stack.pop()
            if stack:
                above = stack[-1][0]
                low[above] = min(low[above], low[place])
    return order, parent, low
