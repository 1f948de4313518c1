"""Priority score of engineering-reference 7.2 with every part kept; unknown facts make a range, not a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from design.renewal.assessment.verdicts import MaterialLookup
    from design.renewal.parameters import RenewalParameters

PARTS = ("material", "age", "break", "leak", "quality")


def score_pipes(table: pd.DataFrame, lookup: MaterialLookup, parameters: RenewalParameters) -> pd.DataFrame:
    """
    Columns part_<name>, score, score_possible; the parts sum to `score`.

    `score` takes only what is known: an unknown age gives nothing, an unknown lining or material its mildest entry.
    `score_possible` is the score if every unknown turned out worst.
    """
    known = _parts(table, lookup, parameters, worst=False)
    possible = _parts(table, lookup, parameters, worst=True)
    scores = pd.DataFrame({f"part_{name}": known[name] for name in PARTS}, index=table.index)
    scores["score"] = np.sum([known[name] for name in PARTS], axis=0)
    scores["score_possible"] = np.sum([possible[name] for name in PARTS], axis=0)
    return scores


def _parts(
    table: pd.DataFrame, lookup: MaterialLookup, parameters: RenewalParameters, *, worst: bool
) -> dict[str, NDArray[np.float64]]:
    mildest, longest = (max, min) if worst else (min, max)
    cap = parameters.score_age_cap_ratio
    age_years = table["age_possible_years" if worst else "age_years"].to_numpy()
    to_life = np.minimum(age_years / lookup.per_facts(longest, "life_years"), cap) / cap
    rate = np.minimum(table["rate_per_km_year"].to_numpy() / parameters.score_rate_cap_per_km_year, 1.0)
    quality = table["pipe_id"].isin(parameters.score_quality_pipe_ids).to_numpy()
    unknown = 1.0 if worst else 0.0
    return {
        "material": parameters.score_material_weight * lookup.per_facts(mildest, "material_score"),
        "age": parameters.score_age_weight * np.nan_to_num(np.maximum(to_life, 0.0), nan=unknown),
        "break": parameters.score_break_weight * np.nan_to_num(rate, nan=unknown),
        "leak": parameters.score_leak_weight * (table["recent_leaks"].to_numpy() > 0),
        "quality": parameters.score_quality_weight * quality,
    }
