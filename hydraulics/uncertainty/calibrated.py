"""Calibration 率定: factors of roughness groups and demand found from readings, and a model with them in force."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hydraulics.tables import ModelTables
    from hydraulics.uncertainty.groups import Groups


@dataclass(frozen=True)
class Factor:
    """
    One parameter after calibration.

    Attributes
    ----------
    factor
        What its figure is multiplied by.
    prior_share, share
        Relative standard deviation before and after.
    is_identified
        The readings say more of it than was known before.
    is_at_bound
        It was held at the farthest figure that makes sense: the readings want something else to be wrong.
    """

    factor: float
    prior_share: float
    share: float
    is_identified: bool
    is_at_bound: bool = False


@dataclass(frozen=True)
class Calibration:
    """
    Calibrated parameters.

    Attributes
    ----------
    roughness
        By the group's name: factor of C (mm or n in other formulas).
    demand
        Of the peak demand.
    readings_count, rms_before_m, rms_after_m, worst_after_m
        How well EPANET agrees with the readings, before and with the parameters.
    is_sound
        The misses are about as large as the readings' own; else something other than these parameters is wrong.
    made
        When, and from what (name of the file): provenance.
    """

    roughness: Mapping[str, Factor]
    demand: Factor
    readings_count: int
    rms_before_m: float
    rms_after_m: float
    worst_after_m: float
    is_sound: bool = True
    made: str = ""
    source: str = ""

    def doc(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    def note(self) -> dict[str, Any]:
        """What an answer that rests on it says of it."""
        return {
            "made": self.made, "source": self.source, "readings": self.readings_count,
            "rms_m": round(self.rms_after_m, 3), "worst_m": round(self.worst_after_m, 3),
        }  # fmt: skip

    @classmethod
    def from_doc(cls, document: Mapping[str, Any]) -> Self:
        """Read it back."""
        roughness = {name: Factor(**row) for name, row in document["roughness"].items()}
        return cls(**{**document, "roughness": roughness, "demand": Factor(**document["demand"])})


def calibrated_tables(tables: ModelTables, groups: Groups, calibration: Calibration) -> ModelTables:
    """Give a model with the calibrated parameters in place of those of the tables."""
    factors = [calibration.roughness.get(name) for name in groups.names]
    by_group = np.append([1.0 if one is None else one.factor for one in factors], 1.0)
    rough = tables.roughness_factor * by_group[groups.group]
    return replace(tables, roughness_factor=rough, demand_m3s=tables.demand_m3s * calibration.demand.factor)


def narrowed(groups: Groups, calibration: Calibration) -> Groups:
    """Give the groups with what is still unsure of their roughness after calibration."""
    known = [calibration.roughness.get(name) for name in groups.names]
    share = [
        before if one is None else one.share
        for before, one in zip(groups.roughness_share, known, strict=True)
    ]
    return replace(groups, roughness_share=np.array(share))
