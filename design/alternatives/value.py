"""Score: what an alternative is weighed at, part by part in yuan; less is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.wire.weighing import ScoreDoc


@dataclass(frozen=True)
class Score:
    """
    Parts by name, each already multiplied by its weight [yuan].

    `fits` and `first` go before the sum: what works, then tap-offs that go before new taps by policy.
    """

    parts: Mapping[str, float]
    fits: bool = True
    first: bool = False

    @property
    def total_cny(self) -> float:
        """What decides: the sum."""
        return round(sum(self.parts.values()), 2)

    def doc(self) -> ScoreDoc:
        """As the scheme document carries it."""
        return {
            "unit": "cny", "parts": dict(self.parts), "total": self.total_cny, "fits": self.fits, "first": self.first,
        }  # fmt: skip
