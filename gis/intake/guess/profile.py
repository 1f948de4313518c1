"""A column as the guesses look at it: its heading in plain words and a fair sample of its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gis.intake.cells.values import each, is_blank, number, text
from gis.schema import plain_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.sources.raw import RawTable

    FloatValues = NDArray[np.float64]  # of any unit: nobody knows yet what the column is

SAMPLE_ROWS = 2000
SHOWN_VALUES = 5


@dataclass(frozen=True)
class Profile:
    """
    One column.

    Attributes
    ----------
    heading, alias
        In plain text (gis.schema.plain_text); the alias is empty where the source has none.
    rows
        Positions in the table of the sampled values.
    values
        The sampled values, none of them blank, evenly spread over the table.
    words
        The same as text.
    numbers
        The same as numbers, NaN where it is none.
    """

    name: str
    heading: str
    alias: str
    rows: NDArray[np.int64]
    values: pd.Series
    words: tuple[str, ...]
    numbers: FloatValues
    filled_share: float
    unique: bool

    @property
    def numeric_share(self) -> float:
        """Share of the values that are numbers."""
        return float(np.isfinite(self.numbers).mean()) if len(self.numbers) else 0.0

    @property
    def samples(self) -> tuple[str, ...]:
        """A few different values, the most frequent first."""
        return tuple(pd.Series(self.words).value_counts().index[:SHOWN_VALUES]) if self.words else ()


def profiles(raw: RawTable) -> list[Profile]:
    """Give a profile of every column."""
    return [_profile(raw, str(column)) for column in raw.table.columns]


def _profile(raw: RawTable, column: str) -> Profile:
    whole = raw.table[column]
    blank = whole.isna().to_numpy() | np.array([is_blank(value) for value in whole.to_numpy()], dtype=bool)
    filled = np.flatnonzero(~blank)
    rows = filled[:: max(len(filled) // SAMPLE_ROWS, 1)]
    values = whole.iloc[rows].astype("object")
    numbers = [found if isinstance(found, float) else np.nan for found in each(values, number)]
    known = whole.iloc[filled]
    return Profile(
        name=column, heading=plain_text(column), alias=plain_text(raw.aliases.get(column, "")), rows=rows, values=values,
        words=tuple(str(word) for word in each(values, text)), numbers=np.array(numbers, dtype=float),
        filled_share=len(filled) / len(whole) if len(whole) else 0.0,
        unique=len(known) > 0 and bool(known.astype(str).is_unique),
    )  # fmt: skip
