"""
Choosing: the most promising alternatives are sketched, the best sketches worked out whole, best bound first.

Other routes of a point are looked for once its cheapest one would be shown: as routes are reckoned they come after it.

What is known of a route alone leaves out all that can make it worse; a sketch leaves out less (warnings, fire, rules
along the route). So once the last option shown is at least as good as the best bound that is left, nothing left can be
better, and each loser can say by how much it lost, or by how much at least.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from design.alternatives.least import Least, least_of
from design.alternatives.sketch import Figures, figures_of, sketch, with_second_inlet
from design.alternatives.ways import other_ways
from design.options import SAME_PLACE_M, work_out
from design.points import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from design.alternatives.case import Case
    from design.option import SchemeOption
    from design.route.routing import RoutedPoint
    from gis.progress import Progress

Whole = tuple["SchemeOption", Figures]
MANY = 3


@dataclass(frozen=True)
class Choice:
    """
    The options to show, best first, and everything else.

    `losers` have figures of their own, `spared` were ruled out by their route alone, `lost` cannot be built.
    """

    shown: list[Whole]
    losers: list[Figures]
    spared: list[Least]
    lost: list[Rejected]


def choose(routed: Sequence[RoutedPoint], case: Case, *, progress: Progress) -> Choice:
    """Work out as many alternatives as it takes to be sure of those to show."""
    race = _Race(case)
    race.enter(_apart(routed), progress)
    race.run(progress)
    shown = race.best()
    other = race.other_kind(shown)
    if other is not None:
        shown = [*shown[: case.count - 1], other]
    if shown:
        race.look_nearer(shown[0])
    progress.step("options", case.count, case.count)
    rest = [figures for option, figures in race.done if all(option is not one for one, _ in shown)]
    left = [one for one in race.waiting if isinstance(one, Figures)]
    spared = sorted((one for one in race.waiting if isinstance(one, Least)), key=lambda one: one.key)
    return Choice(shown, sorted([*rest, *left], key=lambda one: one.key), spared, race.lost)


@dataclass
class _Race:
    """Alternatives on their way: waiting with what is known of them, worked out whole, or lost."""

    case: Case
    waiting: list[Least | Figures] = field(default_factory=list)
    sketched: list[Figures] = field(default_factory=list)
    done: list[Whole] = field(default_factory=list)
    lost: list[Rejected] = field(default_factory=list)
    looked: set[tuple[str, str]] = field(default_factory=set)

    def enter(self, entries: Iterator[RoutedPoint], progress: Progress) -> None:
        """Bring in the cheapest route of every point; where two inlets are needed each is a bound for the others."""
        self.waiting = [least_of(entry, self.case) for entry in entries]
        if not self.case.needs_two_inlets:
            return
        for number in range(len(self.waiting)):
            progress.step("alternatives", number, len(self.waiting))
            self._sketch(self.waiting[0], keep=True)
        self.waiting = list(with_second_inlet(self.sketched, self.case))

    def run(self, progress: Progress) -> None:
        """Go on until nothing that waits can come before what would be shown."""
        while self.waiting and len(self.done) < self.case.search.trials_count:
            first = min(self.waiting, key=lambda one: one.key)
            if self._settled(first):
                return
            if isinstance(first, Least):
                self._sketch(first)
            else:
                self._work_out(first)
                self._other_ways()
            progress.step("options", min(len(self.done), self.case.count - 1), self.case.count)

    def best(self) -> list[Whole]:
        """What would be shown as it stands."""
        return sorted(self.done, key=lambda one: one[1].key)[: self.case.count]

    def other_kind(self, shown: Sequence[Whole]) -> Whole | None:
        """The best feasible option of the other kind for the last place shown, so that it can be compared; or None."""
        if self.case.count < MANY or not shown or len({option.point.kind for option, _ in shown}) > 1:
            return None
        kind = shown[0][0].point.kind

        def found() -> Whole | None:
            fitting = [one for one in self.done if one[0].point.kind != kind and one[0].feasible]
            return min(fitting, key=lambda one: one[1].key, default=None)

        while found() is None and len(self.done) < self.case.search.trials_count + MANY:
            first = self._first(
                lambda one: one.entry.point.kind != kind and (isinstance(one, Least) or one.fits)
            )
            if first is None:
                return None
            if isinstance(first, Least):
                self._sketch(first)
            else:
                self._work_out(first)
        return found()

    def look_nearer(self, best: Whole) -> None:
        """Sketch the nearest place that lies nearer than the first choice: everybody asks why not that one."""
        away_m = best[0].point.distance_m
        nearer = [
            one for one in self.waiting if isinstance(one, Least) and one.entry.point.distance_m < away_m
        ]
        if nearer:
            self._sketch(min(nearer, key=lambda one: (one.entry.point.distance_m, one.entry.key)))

    def _first(self, wanted: Callable[[Least | Figures], bool]) -> Least | Figures | None:
        return min(filter(wanted, self.waiting), key=lambda one: one.key, default=None)

    def _settled(self, best_left: Least | Figures) -> bool:
        keys = sorted(figures.key for _, figures in self.done)
        return len(keys) >= self.case.count and keys[self.case.count - 1] <= best_left.key

    def _sketch(self, least: Least | Figures, *, keep: bool = False) -> None:
        """Put the figures of an alternative in the place of its bound."""
        self.waiting.remove(least)
        entry = least.entry
        result = sketch(entry, self.case)
        if isinstance(result, Rejected):
            self.lost.append(result if entry.number == 1 else replace(result, way=entry.way))
            return
        (self.sketched if keep else self.waiting).append(result)

    def _work_out(self, figures: Figures) -> None:
        case = self.case
        self.waiting.remove(figures)
        result = work_out(
            figures.entry,
            site=case.site,
            demand=case.demand,
            meter=case.meter,
            city=case.city,
            book=case.book,
        )
        if isinstance(result, Rejected):
            self.lost.append(result)
            return
        option = case.behind(result)
        whole = replace(figures_of(option, case), counted_short_m=figures.counted_short_m)
        self.done.append((option, whole))

    def _other_ways(self) -> None:
        """Other routes of the points that would be shown as it stands, each point once."""
        for option, figures in self.best():
            if option.point.key in self.looked:
                continue
            self.looked.add(option.point.key)
            ways, none = other_ways(figures.entry, self.case)
            self.lost.extend(none)
            found = [result for entry in ways if (result := self._way(entry, figures)) is not None]
            if self.case.needs_two_inlets:
                sketches = [one for one in found if isinstance(one, Figures)]
                self.waiting += with_second_inlet(sketches, self.case, among=self.sketched)
            else:
                self.waiting += found

    def _way(self, entry: RoutedPoint, first: Figures) -> Least | Figures | None:
        """Another route of a point: by its bound where its point fits, else by its figures at once."""
        if first.fits and not self.case.needs_two_inlets:
            return least_of(entry, self.case)
        result = sketch(entry, self.case)
        if isinstance(result, Rejected):
            self.lost.append(replace(result, way=entry.way))
            return None
        return replace(result, counted_short_m=first.short_m)


def _apart(entries: Sequence[RoutedPoint]) -> Iterator[RoutedPoint]:
    """Leave out a main tapped where a cheaper one already is: pipes that meet in a node give the same place twice."""
    kept: list[tuple[float, float]] = []
    for entry in entries:
        place = entry.point.position_xy
        if entry.point.kind == "tapoff":
            yield entry
        elif all(math.dist(place, other) > SAME_PLACE_M for other in kept):
            kept.append(place)
            yield entry
