"""Weights: what cost, pressure, digging, days and risk count against each other; a dated file, and what a request says."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from design.asked.fields import number, part, switch

PARTS = ("cost", "pressure", "digging", "days", "risk")
_MOST = 100.0


@dataclass(frozen=True)
class Weights:
    """
    How alternatives are weighed: data/weights.toml.

    Attributes
    ----------
    factors
        Weight of each part; those of the request in place of the file's.
    tapoff_first
        Whether a free registered tap-off near enough goes before any new tap.
    risks_cny
        What each kind of risk counts.
    mark
        Id of the file with the hash of its content.
    """

    factors: Mapping[str, float]
    tapoff_first: bool
    pressure_cny_m: float
    pressure_enough_m: float
    digging_cny_m: float
    days_cny: float
    risks_cny: Mapping[str, float]
    mark: str

    def doc(self) -> dict[str, Any]:
        """As the scheme document carries it."""
        return {
            "file": self.mark, **{name: self.factors[name] for name in PARTS}, "tapoff_first": self.tapoff_first,
            "pressure_cny_m": self.pressure_cny_m, "pressure_enough_m": self.pressure_enough_m,
            "digging_cny_m": self.digging_cny_m, "days_cny": self.days_cny, "risks_cny": dict(self.risks_cny),
        }  # fmt: skip


@cache
def shipped_weights() -> Weights:
    """The weights of the file."""
    content = files("design").joinpath("data", "weights.toml").read_bytes()
    table = tomllib.loads(content.decode())
    return Weights(
        factors={name: float(table["weights"][name]) for name in PARTS},
        tapoff_first=table["policy"]["tapoff_first"],
        **{name: float(value) for name, value in table["values"].items()},
        risks_cny={name: float(value) for name, value in table["risk"].items()},
        mark=f"{table['id']}@{hashlib.sha256(content).hexdigest()[:12]}",
    )


def weights_of(document: Mapping[str, Any]) -> Weights:
    """
    Weights for a request: the file's, with what its `weights` say.

    Raises
    ------
    RequestError
        A weight that is no number from 0 to 100, or an unknown part.
    """
    shipped = shipped_weights()
    asked = part(document, "weights", (*PARTS, "tapoff_first"))
    factors = dict(shipped.factors)
    for name in PARTS:
        if asked.get(name) is not None:
            factors[name] = number(asked[name], f"weights.{name}", limits=(0.0, _MOST))
    first = switch(asked.get("tapoff_first"), "weights.tapoff_first")
    return replace(shipped, factors=factors, tapoff_first=shipped.tapoff_first if first is None else first)
