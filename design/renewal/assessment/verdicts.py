"""Verdicts on every pipe: national class, how sure, what would decide, and the four causes of the service document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from design.renewal.assessment.facts import MAYBE, NO, YES, at_least
from gis.schema import materials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from design.renewal.assessment.criteria import Criteria, MaterialClass, MaterialFacts
    from design.renewal.parameters import RenewalParameters

CERTAINTIES = ("certain", "possible", "unknown", "none")
CAUSES = ("material", "age", "leakage", "hazard")
_LININGS = ("lined", "unlined", "unknown")


class MaterialLookup:
    """Answers per pipe that hang on material and lining only, through one small table."""

    def __init__(self, table: pd.DataFrame, criteria: Criteria) -> None:
        self.codes = [*(code for code in materials() if code != "unknown"), "unknown"]
        self.criteria = criteria
        material = pd.Index(self.codes).get_indexer(pd.Index(table["material"]))
        lining = pd.Index(_LININGS).get_indexer(pd.Index(table["lining"]))
        self.material = np.where(material < 0, len(self.codes) - 1, material)
        self.lining = np.where(lining < 0, 2, lining)

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """Pipes without a material."""
        return self.material == len(self.codes) - 1

    def pick(self, of: Mapping[tuple[str, str], Any]) -> NDArray[Any]:
        """One value a pipe from a value for every (material, lining)."""
        grid = np.array([[of[code, lining] for lining in _LININGS] for code in self.codes])
        return grid[self.material, self.lining]

    def per_facts(self, reduce: Any, attribute: str) -> NDArray[Any]:
        """`reduce` (min or max) of an attribute over the table entries a pipe may belong to."""
        return self.pick(
            {key: reduce(getattr(f, attribute) for f in facts) for key, facts in self._facts().items()}
        )

    def _facts(self) -> dict[tuple[str, str], list[MaterialFacts]]:
        return {(c, lining): self.criteria.facts(c, lining) for c in self.codes for lining in _LININGS}

    def in_class(self, material_class: MaterialClass) -> NDArray[np.int8]:
        """Whether a pipe belongs to a class of the national list that has no age test."""
        return self.pick(
            {(c, lining): _membership(c, lining, material_class) for c in self.codes for lining in _LININGS}
        ).astype("int8")


def _membership(material: str, lining: str, material_class: MaterialClass) -> int:
    if material == "unknown":
        return MAYBE
    if material not in material_class.materials:
        return NO
    if material_class.lining in ("any", lining):
        return YES
    return MAYBE if lining == "unknown" else NO


def judge(table: pd.DataFrame, criteria: Criteria, parameters: RenewalParameters) -> pd.DataFrame:
    """
    National class and causes of every pipe; same index as `table`.

    Notes
    -----
    rule_class: the first class that surely holds, else the first that may, else "". certainty: `certain`; `possible`
    (a known fact speaks for it and an unknown attribute would decide); `unknown` (only unknown attributes speak);
    `none`. deciding: the unknown attributes that would decide, joined by "|". cause_<name>: 0 no, 1 possible, 2 yes.
    """
    lookup = MaterialLookup(table, criteria)
    old = at_least(
        table["age_years"].to_numpy(), table["age_possible_years"].to_numpy(), criteria.aged_min_years
    )
    hazard = table["hazard"].to_numpy()
    by_class = [lookup.in_class(material_class) for material_class in criteria.classes]
    aged = np.minimum(old, hazard)
    answers = np.stack([*by_class, aged])
    verdict = pd.DataFrame(index=table.index)
    verdict["rule_class"] = _first_class(answers, criteria)
    in_scope = answers.max(axis=0)
    # A grey iron pipe of unknown lining, 30 years alone or a hazard alone speak for a pipe; a blank row does not.
    known_fact = (~lookup.unknown & (answers[:-1].max(axis=0) == MAYBE)) | (np.maximum(old, hazard) == YES)
    verdict["certainty"] = np.select(
        [in_scope == YES, (in_scope == MAYBE) & known_fact, in_scope == MAYBE],
        ["certain", "possible", "unknown"],
        "none",
    )
    verdict["deciding"] = _deciding(lookup, answers, old, hazard)
    for name, answer in _causes(table, lookup, parameters).items():
        verdict[f"cause_{name}"] = answer
    return verdict


def _first_class(answers: NDArray[np.int8], criteria: Criteria) -> NDArray[Any]:
    codes = np.array([*(c.code for c in criteria.classes), criteria.aged_code, ""], dtype=object)
    best = answers.max(axis=0)
    return codes[np.where(best == NO, len(codes) - 1, answers.argmax(axis=0))]


def _deciding(
    lookup: MaterialLookup, answers: NDArray[np.int8], old: NDArray[np.int8], hazard: NDArray[np.int8]
) -> NDArray[Any]:
    """Which unknown attributes would decide, for pipes whose answer is open."""
    is_open = answers.max(axis=0) == MAYBE
    by_material = answers[:-1].max(axis=0) == MAYBE
    by_age = answers[-1] == MAYBE
    flags = {
        "material": by_material & lookup.unknown, "lining": by_material & ~lookup.unknown,
        "age": by_age & (old == MAYBE), "hazard": by_age & (hazard == MAYBE),
    }  # fmt: skip
    combination = sum((is_open & flag).astype("int64") << bit for bit, flag in enumerate(flags.values()))
    names = list(flags)
    texts = ["|".join(n for bit, n in enumerate(names) if value >> bit & 1) for value in range(16)]
    return np.array(texts, dtype=object)[combination]


def _causes(
    table: pd.DataFrame, lookup: MaterialLookup, parameters: RenewalParameters
) -> dict[str, NDArray[np.int8]]:
    """The four causes 材质落后、使用年限较长、漏损严重、存在安全隐患, each by its threshold of the data files."""
    worst, best = (lookup.per_facts(reduce, "backward") for reduce in (max, min))
    often = table["run_recent_breaks"].to_numpy() >= parameters.causes_leak_min_breaks
    rate = table["rate_per_km_year"].to_numpy()
    dense = np.where(
        np.isnan(rate), MAYBE, np.where(rate >= parameters.causes_leak_rate_per_km_year, YES, NO)
    )
    age, possible_age = table["age_years"].to_numpy(), table["age_possible_years"].to_numpy()
    return {
        "material": np.where(best, YES, np.where(worst, MAYBE, NO)).astype("int8"),
        "age": at_least(age, possible_age, parameters.causes_old_age_years),
        "leakage": np.where(often, dense, NO).astype("int8"),
        "hazard": table["hazard"].to_numpy(),
    }
