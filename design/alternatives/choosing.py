"""
Choosing: every routed point is sketched, the most promising are worked out whole, best bound first.

Other routes of a point are looked for once its cheapest one would be shown: as routes are reckoned they come after it.

A sketch leaves out only what can make an alternative worse (warnings, fire, rules along the route). So once the last
option shown is at least as good as the best sketch that is left, nothing left can be better, and each loser can say
by how much it lost.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from design.alternatives.sketch import Figures, figures_of, sketch, with_second_inlet
from design.alternatives.ways import other_ways
from design.options import SAME_PLACE_M, work_out
from design.points import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from design.alternatives.case import Case
    from design.option import SchemeOption
    from design.routing import RoutedPoint
    from gis.progress import Progress

Whole = tuple["SchemeOption", Figures]
MANY = 3


def choose(
    routed: Sequence[RoutedPoint], case: Case, *, progress: Progress
) -> tuple[list[Whole], list[Figures], list[Rejected]]:
    """Give the options to show, best first; the figures of the others; and points that cannot be built at all."""
    sketched, lost = _sketched(routed, case, progress)
    left = sorted(_with_inlets(sketched, sketched, case), key=lambda one: one.key)
    done: list[Whole] = []
    looked: set[tuple[str, str]] = set()
    while left and len(done) < case.search.trials_count and not _settled(done, left[0], case.count):
        _work_out(left.pop(0), case, done, lost)
        left = sorted(
            [*left, *_with_inlets([*_other_ways(done, looked, case, lost)], sketched, case)],
            key=lambda one: one.key,
        )
        progress.step("options", min(len(done), case.count - 1), case.count)
    shown = sorted(done, key=lambda one: one[1].key)[: case.count]
    other = _other_kind(shown, done, left, case, lost)
    if other is not None:
        shown = [*shown[: case.count - 1], other]
    progress.step("options", case.count, case.count)
    rest = [figures for option, figures in done if all(option is not one for one, _ in shown)]
    return shown, sorted([*rest, *left], key=lambda one: one.key), lost


def _sketched(
    routed: Sequence[RoutedPoint], case: Case, progress: Progress
) -> tuple[list[Figures], list[Rejected]]:
    found: list[Figures] = []
    lost: list[Rejected] = []
    entries = list(_apart(routed))
    for done, entry in enumerate(entries):
        progress.step("alternatives", done, len(entries))
        result = sketch(entry, case)
        if isinstance(result, Rejected):
            lost.append(result)
        else:
            found.append(result)
    progress.step("alternatives", len(entries), len(entries))
    return found, lost


def _with_inlets(sketched: Sequence[Figures], among: Sequence[Figures], case: Case) -> Sequence[Figures]:
    """Sketches with the least that a second inlet adds, where the site needs two."""
    if case.site.need is None or case.site.need.count < 2:
        return sketched
    return with_second_inlet(sketched, case, among=among)


def _settled(done: Sequence[Whole], best_left: Figures, count: int) -> bool:
    """Nothing that is left can come before what would be shown."""
    keys = sorted(figures.key for _, figures in done)
    return len(keys) >= count and keys[count - 1] <= best_left.key


def _work_out(figures: Figures, case: Case, done: list[Whole], lost: list[Rejected]) -> None:
    result = work_out(
        figures.entry, site=case.site, demand=case.demand, meter=case.meter, city=case.city, book=case.book
    )
    if isinstance(result, Rejected):
        lost.append(result)
    else:
        option = case.behind(result)
        whole = replace(figures_of(option, case), counted_short_m=figures.counted_short_m)
        done.append((option, whole))


def _other_ways(
    done: Sequence[Whole], looked: set[tuple[str, str]], case: Case, lost: list[Rejected]
) -> Iterator[Figures]:
    """Sketches of other routes of the points that would be shown as it stands, each point once."""
    for option, figures in sorted(done, key=lambda one: one[1].key)[: case.count]:
        if option.point.key in looked:
            continue
        looked.add(option.point.key)
        ways, none = other_ways(figures.entry, case)
        lost.extend(none)
        for entry in ways:
            result = sketch(entry, case)
            if isinstance(result, Rejected):
                lost.append(replace(result, way=entry.way))
            else:
                yield replace(result, counted_short_m=figures.short_m)


def _other_kind(
    shown: Sequence[Whole], done: list[Whole], left: list[Figures], case: Case, lost: list[Rejected]
) -> Whole | None:
    """The best feasible option of the other kind for the last place shown, so that it can be compared; or None."""
    if case.count < MANY or not shown or len({option.point.kind for option, _ in shown}) > 1:
        return None
    kind = shown[0][0].point.kind

    def found() -> Whole | None:
        fitting = [one for one in done if one[0].point.kind != kind and one[0].feasible]
        return min(fitting, key=lambda one: one[1].key, default=None)

    while found() is None and len(done) < case.search.trials_count + MANY:
        candidates = [one for one in left if one.entry.point.kind != kind and one.fits]
        if not candidates:
            return None
        left.remove(candidates[0])
        _work_out(candidates[0], case, done, lost)
    return found()


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
