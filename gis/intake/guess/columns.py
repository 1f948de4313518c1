"""Which column is which attribute of a layer: names and values weighed together, each column and attribute once."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

from gis.intake.guess.fit import NOTHING, STRONG, WEAK, Fit, fit
from gis.intake.guess.proposal import SuggestedColumn, because
from gis.intake.mapping import matched_headings
from gis.schema import data_rows, layers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.intake.guess.fit import Context
    from gis.intake.guess.profile import Profile
    from gis.intake.guess.proposal import Confidence
    from gis.schema import Attribute

KNOWN_NAME = 0  # rank of a heading that the import itself understands; patterns of suggest.csv have 1 to 4
_POINTS = {KNOWN_NAME: 100.0, 1: 80.0, 2: 60.0, 3: 40.0, 4: 20.0, None: 0.0}
NOT_GUESSED = ("_confidence",)


@dataclass(frozen=True)
class Candidate:
    """One column for one attribute; `rank` of its name (0 best), None when only the values speak."""

    column: Profile
    attribute: Attribute
    rank: int | None
    fit: Fit

    @property
    def score(self) -> float:
        return _POINTS[self.rank] + self.fit.share * (10.0 + 60.0 * self.fit.weight)

    @property
    def confidence(self) -> Confidence:
        """How sure the guess is: name and values agree, one of them speaks, or they disagree."""
        share, weight = self.fit.share, self.fit.weight
        if self.rank == KNOWN_NAME:
            coded = self.attribute.value_type == "code" and share > 0.0
            return "high" if share >= 0.8 else "medium" if share >= 0.5 or coded else "low"
        if self.rank is not None and self.rank <= 2:
            sure = share >= 0.9 and (weight >= WEAK or self.rank == 1)
            return "high" if sure else "medium" if share >= 0.5 else "low"
        if self.rank is not None:
            return "medium" if share >= 0.95 else "low"
        return "medium" if weight >= STRONG and share >= 0.8 else "low"


@cache
def _patterns(layer: str) -> tuple[tuple[str, int, str], ...]:
    rows = data_rows("mappings", "suggest.csv")
    return tuple(
        (row["attribute"], int(row["rank"]), row["pattern"]) for row in rows if row["layer"] in {layer, "*"}
    )


def candidates(columns: Sequence[Profile], context: Context, *, cut: bool) -> list[Candidate]:
    """Give every column with the attributes it may be, the likeliest first."""
    layer = layers()[context.layer]
    known = matched_headings([c.name for c in columns], context.layer, cut=cut)
    found = []
    for column in columns:
        for attribute in layer.attributes:
            if attribute.name.endswith(NOT_GUESSED):
                continue
            rank = _rank(column, attribute, known, layer.id_column)
            judged = fit(column, attribute, context)
            if rank is None and judged.weight < WEAK:
                continue
            if rank not in {None, KNOWN_NAME} and judged.share < 0.2:
                continue
            found.append(Candidate(column, attribute, rank, judged))
    return sorted(found, key=lambda one: -one.score)


def _rank(column: Profile, attribute: Attribute, known: dict[str, str], id_column: str) -> int | None:
    if known.get(column.name) == attribute.name:
        return KNOWN_NAME
    ranks = [
        rank
        for wanted, rank, pattern in _patterns(_layer_of(id_column))
        if (wanted == attribute.name or (wanted == "*_id" and attribute.name == id_column))
        and any(name and fnmatchcase(name, pattern) for name in (column.heading, column.alias))
    ]
    return min(ranks, default=None)


@cache
def _layer_of(id_column: str) -> str:
    return next(layer.name for layer in layers().values() if layer.id_column == id_column)


def assigned(found: Sequence[Candidate]) -> list[Candidate]:
    """Give each attribute its likeliest column, no column twice; only the words for a point may stand in several."""
    taken: set[str] = set()
    given: set[str] = set()
    chosen: list[Candidate] = []
    for one in found:
        name = one.attribute.name
        fills = name == "kind" and one.fit.weight >= STRONG
        if one.column.name not in taken and (name not in given or fills):
            chosen.append(one)
            taken.add(one.column.name)
            given.add(name)
    return [*chosen, *_named_twice(found, given)]


def _named_twice(found: Sequence[Candidate], given: set[str]) -> list[Candidate]:
    """A column that names a thing may also be its id, or the point it stands on."""
    more: dict[str, Candidate] = {}
    for one in found:
        name, fits = one.attribute.name, one.fit
        is_id = one.attribute.required and name.endswith("_id") and one.column.unique
        on_point = name == "node_id" and fits.weight >= STRONG
        if name not in given and one.rank is not None and (is_id or on_point):
            more.setdefault(name, one)
    return list(more.values())


def described(columns: Sequence[Profile], chosen: Sequence[Candidate]) -> tuple[SuggestedColumn, ...]:
    """Give every column of the table with what it is taken for and why."""
    of_column: dict[str, list[Candidate]] = {}
    for one in chosen:
        of_column.setdefault(one.column.name, []).append(one)
    return tuple(_described(column, of_column.get(column.name, [])) for column in columns)


def _described(column: Profile, taken: list[Candidate]) -> SuggestedColumn:
    if not taken:
        return SuggestedColumn(column.name, samples=column.samples, filled_share=column.filled_share)
    one = taken[0]
    reasons = []
    if one.rank == KNOWN_NAME:
        reasons.append(because("name-known"))
    elif one.rank is not None:
        reasons.append(because("name-like"))
    if one.fit.reason is not None:
        reasons.append(one.fit.reason)
    if one.rank is not None and one.fit.share < 0.5:
        reasons.append(because("values-differ"))
    unit = one.fit.unit if one.attribute.unit or one.fit.weight != NOTHING or one.fit.unit else None
    return SuggestedColumn(
        column.name, one.attribute.name, unit, one.confidence, tuple(reasons), column.samples, column.filled_share,
        one.fit.unread, tuple(other.attribute.name for other in taken[1:]),
    )  # fmt: skip
