"""New mains and opened valves: along the water's way, to a main near by, or where something is shut."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from design.fixes.fix import Fix, Kind, fix_terms
from design.fixes.judge import connection_cny, item_quote, judge, main_quote
from design.route.routing import laid_along
from design.sizing.series import all_sizes
from gis.errors import TapwrightError
from gis.messages import Text
from hydraulics.added_link import Between, NewLink, solve_with_link
from hydraulics.headloss import PipeLaw
from hydraulics.tables import PipeState
from hydraulics.tie_in import law_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from design.alternatives.case import Case
    from design.fixes.judge import Verdict
    from design.option import SchemeOption
    from design.pricing.quote import Quote
    from design.sizing.series import PipeSize
    from hydraulics.results import FloatArray

Drawn = dict[int, float]
SEEN_M = 0.01  # so near the heads of a main that is tried must agree: EPANET judges the one that is offered
_ENOUGH = (1.05, 1.5, 2.5)  # a second main takes off most of a stretch's loss, never all of it


def drawn_at(option: SchemeOption, case: Case) -> tuple[Drawn, list[tuple[int, float]]]:
    """The applicant's demand on nodes of the model, and the nodes whose heads give that at the tie-in, with shares."""
    checker, tie_in = case.city.checker, option.point.tie_in
    flow_m3s = case.demand.design_flow_m3s
    if tie_in.node_id is not None:
        node = checker.node_position[tie_in.node_id]
        return {node: flow_m3s}, [(node, 1.0)]
    link = checker.link_position[tie_in.pipe_id or ""]
    start, end = int(checker.index.link_start[link]), int(checker.index.link_end[link])
    shares = [(start, 1.0 - tie_in.fraction), (end, tie_in.fraction)]
    return {node: share * flow_m3s for node, share in shares}, shares


def parallel_mains(option: SchemeOption, case: Case) -> Iterator[Fix]:
    """A second main beside stretches of the water's way to the tie-in that lose most of its head."""
    city, terms = case.city, fix_terms()
    index, base = city.session.index, city.session.base
    _, shares = drawn_at(option, case)
    anchor = max(
        (node for node, _ in shares), key=lambda node: float(np.nan_to_num(base.head_m[node], nan=-1e9))
    )
    way = city.feeding.way(anchor)[: terms.path_count]
    pipe_count = city.session.model.tables.pipe_count
    whole = next((k for k, link in enumerate(way) if link >= pipe_count), len(way))
    nodes = [anchor]
    for link in way[:whole]:
        ends = int(index.link_start[link]), int(index.link_end[link])
        nodes.append(ends[1] if ends[0] == nodes[-1] else ends[0])
    heads = option.check.after.head_m[nodes]
    lengths = np.append(0.0, np.cumsum(index.link_length_m[way[:whole]]))
    mains = _Mains(option, case, "parallel-main")
    for low, high in _windows(heads, lengths, short_m=max(-option.margin_m, 0.5), most=terms.window_count):
        yield from mains.between(nodes[high], nodes[low], nodes[low : high + 1][::-1])


def _windows(
    heads_m: FloatArray, lengths_m: FloatArray, *, short_m: float, most: int
) -> Iterator[tuple[int, int]]:
    """The shortest stretches that lose the missing head, half as much more, twice and a half as much; then the whole way."""
    seen: set[tuple[int, int]] = set()
    for factor in _ENOUGH:
        found = []
        for low in range(len(heads_m) - 1):
            enough = np.flatnonzero(heads_m[low + 1 :] - heads_m[low] >= factor * short_m)
            if len(enough):
                high = low + 1 + int(enough[0])
                found.append((float(lengths_m[high] - lengths_m[low]), low, high))
        for _, low, high in sorted(found)[:most]:
            if (low, high) not in seen:
                seen.add((low, high))
                yield low, high
    if len(heads_m) > 1 and (0, len(heads_m) - 1) not in seen:
        yield 0, len(heads_m) - 1


def loops(option: SchemeOption, case: Case) -> Iterator[Fix]:
    """A main from near the tie-in to another that has more head."""
    city, terms = case.city, fix_terms()
    index, base = city.session.index, city.session.base
    _, shares = drawn_at(option, case)
    anchor = shares[0][0]
    place = city.node_positions.get(index.node_ids[anchor])
    if place is None:
        return
    wanted_m = float(option.check.after.head_m[anchor]) + max(-option.margin_m, 0.0) + terms.loop_gain_m
    near = []
    for name, xy in city.nodes_near(place, within_m=terms.loop_reach_m):
        node = city.session.node_position.get(name)
        if node is not None and index.is_fed[node] and float(base.head_m[node]) >= wanted_m:
            near.append((float(np.hypot(xy[0] - place[0], xy[1] - place[1])), node))
    mains = _Mains(option, case, "loop")
    for _, node in sorted(near)[: terms.loop_count]:
        yield from mains.between(node, anchor, [node, anchor])


@dataclass
class _Mains:
    """New mains of one kind on the way to the cheapest: what cannot be cheaper than one that passes is left out."""

    option: SchemeOption
    case: Case
    kind: Kind
    cheapest_cny: Decimal | None = None

    def between(self, start: int, end: int, via: Sequence[int]) -> Iterator[Fix]:
        """The smallest main between two nodes with which the option passes; nothing where none does."""
        option, case, city = self.option, self.case, self.case.city
        names = city.session.index.node_ids
        places = [city.node_positions.get(names[node]) for node in via]
        if any(place is None for place in places):
            return
        known = [place for place in places if place is not None]
        laid = laid_along(known, city, case.book, straight=self.kind == "parallel-main")
        sizes = [
            size for size in all_sizes() if size.series == fix_terms().series and size.dn in fix_terms().sizes
        ]
        sizes.sort(key=lambda one: one.dn)
        if laid is None or self._is_dearer(main_quote(option, case, sizes[0], laid)):
            return
        found = _smallest(option, case, (start, end), sizes, laid.route.length_m)
        if found is None:
            return
        size, verdict, link = found
        told: dict[str, str | int] = {
            "dn": size.dn, "length_m": f"{laid.route.length_m:.0f}", "from": names[start], "to": names[end],
        }  # fmt: skip
        fix = _fix(
            option, case, verdict, self.kind, told, quote=main_quote(option, case, size, laid), dn=size.dn,
            length_m=laid.route.length_m, link=link,
            line_xy=tuple((float(x), float(y)) for x, y in laid.line.coords),
        )  # fmt: skip
        self.cheapest_cny = min(fix.extra_cny, self.cheapest_cny or fix.extra_cny)
        yield fix

    def _is_dearer(self, least: Quote) -> bool:
        return self.cheapest_cny is not None and least.total_cny >= self.cheapest_cny


def _smallest(
    option: SchemeOption, case: Case, ends: tuple[int, int], sizes: Sequence[PipeSize], length_m: float
) -> tuple[PipeSize, Verdict, NewLink] | None:
    """The smallest of rising sizes with which the option passes; a larger one never gives less, so halves are enough."""
    extra, shares = drawn_at(option, case)
    between = Between(case.city.checker, *ends, extra, same_head_m=SEEN_M)

    def judged_with(size: PipeSize) -> tuple[PipeSize, Verdict, NewLink] | None:
        link = NewLink(*ends, _law(case, size, length_m))
        try:
            after, _ = between.with_pipe(link.law)
        except TapwrightError:
            return None
        verdict = judge(option, case, _head(after.head_m, shares), after)
        return (size, verdict, link) if verdict.passes else None

    best = judged_with(sizes[-1])
    low, high = 0, len(sizes) - 1
    while best is not None and low < high:
        middle = (low + high) // 2
        found = judged_with(sizes[middle])
        best, low, high = (best, middle + 1, high) if found is None else (found, low, middle)
    return best


def valves_to_open(option: SchemeOption, case: Case) -> Iterator[Fix]:
    """Closed pipes near the tie-in: what happens when one is opened."""
    city, terms = case.city, fix_terms()
    index, tables = city.session.index, city.session.model.tables
    extra, shares = drawn_at(option, case)
    x, y = option.point.position_xy
    near = []
    for link in np.flatnonzero(tables.pipe_state == PipeState.CLOSED).tolist():
        ends = int(index.link_start[link]), int(index.link_end[link])
        place = city.node_positions.get(index.node_ids[ends[0]])
        if place is None or not all(index.is_fed[end] for end in ends):
            continue
        away_m = float(np.hypot(place[0] - x, place[1] - y))
        if away_m <= terms.valve_reach_m:
            near.append((away_m, link, ends))
    quote = item_quote("valve-open", case)
    for _, shut, ends in sorted(near)[: terms.valve_count]:
        link_open = NewLink(*ends, law_of(city.session, shut))
        try:
            after, _ = solve_with_link(city.checker, link_open, extra)
        except TapwrightError:
            continue
        verdict = judge(option, case, _head(after.head_m, shares), after)
        if verdict.passes:
            told = {"pipe": index.link_ids[shut], "valves": _valves_on(case, index.link_ids[shut])}
            yield _fix(option, case, verdict, "open-valve", told, quote=quote, opened_link=shut)


def _valves_on(case: Case, pipe_id: str) -> str:
    """Closed valves on a pipe, by id; a dash where the data knows none."""
    valves = case.city.network.layer("valves")
    shut = valves[(valves["pipe_id"] == pipe_id) & (valves["state"] == "closed")]
    return "、".join(shut["valve_id"].astype(str)) or "—"


def _head(head_m: FloatArray, shares: Sequence[tuple[int, float]]) -> float:
    return float(sum(head_m[node] * share for node, share in shares))


def _law(case: Case, size: PipeSize, length_m: float) -> PipeLaw:
    terms, options = fix_terms(), case.city.session.model.tables.options
    rough = {"H-W": terms.new_c, "D-W": terms.new_mm, "C-M": terms.new_manning_c}[options.formula]
    return PipeLaw(
        options.formula, length_m, size.inner_diameter_m, rough, viscosity_ratio=options.viscosity_ratio
    )


def _fix(
    option: SchemeOption, case: Case, verdict: Verdict, kind: Kind, told: Mapping[str, str | int], *, quote: Quote,
    **change: Any,
) -> Fix:  # fmt: skip
    return Fix(
        kind=kind, what=Text("design", f"fix.{kind}", dict(told)), extra_cny=quote.total_cny,
        total_cny=quote.total_cny + connection_cny(option, case, verdict.service), margin_m=verdict.margin_m,
        before_m=option.site_pressure_after_m, after_m=verdict.site_pressure_m, tie_in_head_m=verdict.head_m,
        below_before_count=len(option.check.newly_below), below_after_count=verdict.below_count,
        service_dn=verdict.service.dn, lines=tuple(dict(line.doc()) for line in quote.lines), **change,
    )  # fmt: skip
