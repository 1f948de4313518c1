"""What is proposed for a source table and its columns, each with reasons a person can check."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gis.messages import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.errors import TapwrightError
    from gis.intake.mapping import LayerRule
    from gis.sources.raw import TableRef

Confidence = Literal["high", "medium", "low"]
WRITTEN: tuple[Confidence, ...] = ("high", "medium")  # a low one is only a remark in the mapping file


def because(key: str, **params: Any) -> Text:
    """Give a reason of a guess, by its key under [suggest]."""
    return Text("gis", f"suggest.{key}", params)


LEFT_OUT = "left-out"  # kind of a file that holds data but is not read


@dataclass(frozen=True)
class SuggestedColumn:
    """
    What a column is taken for.

    Attributes
    ----------
    attribute
        Ours, or `x`, `y`, `end_x`, `end_y`; None for a column nothing is known of.
    also
        More attributes taken from the same column: a name that is also the id.
    unread
        Words in the column that no code list knows, the most frequent first: what `codes` in the file is for.
    samples
        A few values as they stand.
    filled_share
        Share of rows with a value, 0 to 1.
    """

    column: str
    attribute: str | None = None
    unit: str | None = None
    confidence: Confidence | None = None
    reasons: tuple[Text, ...] = ()
    samples: tuple[str, ...] = ()
    filled_share: float = 0.0
    unread: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class SuggestedTable:
    """
    What a source table is taken for.

    Attributes
    ----------
    rules
        As the mapping file says it; a result table has two, a table nothing is known of none.
    rows
        Rows of the table; `looked_at` of them the guess rests on.
    geometry
        Point, LineString, Polygon, `mixed`, or None for a table without shapes.
    problem
        Why the table could not be read.
    """

    ref: TableRef
    rules: tuple[LayerRule, ...] = ()
    rows: int = 0
    looked_at: int = 0
    geometry: str | None = None
    crs: str | None = None
    confidence: Confidence | None = None
    reasons: tuple[Text, ...] = ()
    columns: tuple[SuggestedColumn, ...] = ()
    problem: TapwrightError | None = None
    constants: Mapping[str, str] = field(default_factory=dict)

    @property
    def layer(self) -> str | None:
        """The layer its rows become; a result table is one of pipes."""
        return self.rules[-1].layer if self.rules else None

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Columns that nothing is taken from."""
        return tuple(one.column for one in self.columns if one.confidence not in WRITTEN)
