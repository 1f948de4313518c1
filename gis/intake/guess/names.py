"""Numbers by which tables speak of each other: those points bear, and those lines name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.intake.cells.values import each, text
from gis.intake.guess.profile import profiles
from gis.intake.guess.shapes import shape_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.intake.guess.profile import Profile
    from gis.sources.raw import RawTable

FEWEST = 3  # rows of a table whose numbers tell anything
REPEATING_SHARE = 0.3  # of the sampled values that differ: a line column names each point two or three times


@dataclass(frozen=True)
class Names:
    """For each table: numbers its points bear (columns without repetition), numbers its lines name (with some)."""

    borne: dict[int, frozenset[str]]
    named: dict[int, frozenset[str]]

    @classmethod
    def of(cls, tables: Sequence[RawTable]) -> Names:
        """Collect the numbers of all tables."""
        borne: dict[int, frozenset[str]] = {}
        named: dict[int, frozenset[str]] = {}
        for raw in tables:
            kind = shape_kind(raw)
            columns = profiles(raw) if len(raw.table) >= FEWEST else []
            if kind in {"Point", None}:
                borne[id(raw)] = _words(raw, [one for one in columns if bears(one)])
            if kind in {"LineString", None}:
                named[id(raw)] = _words(raw, [one for one in columns if refers(one)])
        return cls(borne, named)

    def without(self, raw: RawTable) -> Names:
        """Leave out a table's own numbers: a running number of lines must not pass for one of points."""
        return Names(
            {key: words for key, words in self.borne.items() if key != id(raw)},
            {key: words for key, words in self.named.items() if key != id(raw)},
        )

    def borne_share(self, column: Profile) -> float:
        """Share of a column's values that are numbers of points in another table."""
        return max((_share(column, words) for words in self.borne.values()), default=0.0)

    def named_share(self, column: Profile) -> float:
        """Share of a column's values that lines of another table name."""
        return max((_share(column, words) for words in self.named.values()), default=0.0)


def bears(column: Profile) -> bool:
    """Tell whether a column may hold the numbers of things: none twice, and no measures."""
    decimals = np.isfinite(column.numbers) & (np.mod(column.numbers, 1.0) != 0)
    return column.unique and column.filled_share > 0.9 and not decimals.any()


def refers(column: Profile) -> bool:
    """
    Tell whether a column may name points: many different ones, as a rule some of them more than once.

    Without repetition it may as well be a running number, unless its words have letters.
    """
    decimals = np.isfinite(column.numbers) & (np.mod(column.numbers, 1.0) != 0)
    several = len(set(column.words)) >= REPEATING_SHARE * len(column.words)
    telling = not column.unique or column.numeric_share < 0.5
    return telling and bool(column.words) and several and not decimals.any()


def _share(column: Profile, words: frozenset[str]) -> float:
    return sum(word in words for word in column.words) / len(column.words) if column.words else 0.0


def _words(raw: RawTable, columns: Sequence[Profile]) -> frozenset[str]:
    return frozenset(
        str(word) for column in columns for word in each(raw.table[column.name], text) if word is not None
    )
