"""The sentence of evidence of every pipe on the list, built from its data in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gis.messages import lookup
from gis.schema import materials

if TYPE_CHECKING:
    from design.renewal.assessment.condition import Assessment
    from gis.messages import Language

# Lining decides nothing but for these, so only their sentences name it.
_LINING_MATTERS = ("GCI", "ST")
_READ = (
    "pipe_id", "dn", "material", "lining", "installed_on", "install_year", "length_m", "cover_depth_m", "age_years",
    "age_possible_years", "own_breaks", "own_breaks_possible", "recent_breaks", "run_length_m", "run_recent_breaks",
    "rate_per_km_year", "rule_class", "certainty", "deciding",
)  # fmt: skip


def evidence_sentences(assessment: Assessment, pipes: pd.DataFrame, language: Language) -> list[str]:
    """One sentence a row of `pipes` (rows of `assessment.pipes`)."""
    writer = _Writer(assessment, language)
    return [writer.sentence(row) for row in pipes[list(_READ)].to_dict("records")]


class _Writer:
    """Puts one pipe's facts into words; everything that is the same for all pipes is looked up once."""

    def __init__(self, assessment: Assessment, language: Language) -> None:
        self.language = language
        self.parameters = assessment.parameters
        self.criteria = assessment.criteria
        self.labels = {code: labels[language == "en"] for code, labels in self.criteria.labels.items()}
        self.has_records = not assessment.breaks.empty
        self.known: dict[str, str] = {}

    def say(self, key: str, **params: Any) -> str:
        if key not in self.known:
            self.known[key] = lookup("design", f"evidence.{key}", self.language)
        return self.known[key].format_map(params)

    def sentence(self, row: dict[str, Any]) -> str:
        material = materials().get(row["material"], materials()["unknown"])
        size = f"{'dn' if material.plastic else 'DN'}{row['dn']}" if not pd.isna(row["dn"]) else "DN?"
        lining = row["lining"] if row["lining"] in ("lined", "unlined") else "lining-unknown"
        return self.say(
            "pipe", material=material.label_en if self.language == "en" else material.label_zh, size=size,
            lining=self.say(lining) if row["material"] in _LINING_MATTERS else "", laid=self._laid(row),
            breaks=self._breaks(row), hazards=self._hazards(row), verdict=self._verdict(row),
        )  # fmt: skip

    def _laid(self, row: dict[str, Any]) -> str:
        if np.isnan(row["age_years"]):
            return self.say("laid-unknown")
        year = _year(row)
        if row["age_possible_years"] > row["age_years"]:
            return self.say(
                "laid-year-only",
                year=year,
                age=int(row["age_years"]),
                age_possible=int(row["age_possible_years"]),
            )
        return self.say("laid", year=year, age=int(row["age_years"]))

    def _breaks(self, row: dict[str, Any]) -> str:
        if not self.has_records:
            return self.say("breaks-no-records")
        if row["own_breaks"]:
            window = self.parameters.breaks_window_years
            own = self.say("breaks", own=row["own_breaks"], recent=row["recent_breaks"], window=window)
        elif row["own_breaks_possible"]:
            own = self.say("breaks-unsure", possible=row["own_breaks_possible"])
        else:
            own = self.say("breaks-none")
        return own + self._rate(row)

    def _rate(self, row: dict[str, Any]) -> str:
        """The recent break rate with what it is counted over; nothing where there was no recent break."""
        if not row["run_recent_breaks"]:
            return ""
        rate = _rate(row["rate_per_km_year"])
        if not row["run_length_m"] > row["length_m"]:
            return self.say("rate", rate=rate)
        return self.say(
            "rate-run", length=round(row["run_length_m"]), recent=row["run_recent_breaks"], rate=rate,
            window=self.parameters.breaks_window_years,
        )  # fmt: skip

    def _hazards(self, row: dict[str, Any]) -> str:
        parameters, text = self.parameters, ""
        if "listed" in parameters.hazard_kinds and row["pipe_id"] in parameters.hazard_pipe_ids:
            text += self.say("hazard-listed")
        if (
            "shallow-cover" in parameters.hazard_kinds
            and row["cover_depth_m"] < parameters.hazard_min_cover_m
        ):
            cover = f"{row['cover_depth_m']:.2f}"
            text += self.say("hazard-shallow", cover=cover, limit=parameters.hazard_min_cover_m)
        return text

    def _verdict(self, row: dict[str, Any]) -> str:
        told = {"document": self.criteria.document, "years": self.criteria.aged_min_years}
        if row["certainty"] == "none":
            return self.say("none", **told)
        if row["certainty"] == "certain":
            kind = "certain-aged" if row["rule_class"] == self.criteria.aged_code else "certain-class"
            return self.say(kind, label=self.labels[row["rule_class"]], **told)
        joint = "；" if self.language == "zh" else "; "
        return joint.join(self.say(f"possible-{reason}", **told) for reason in row["deciding"].split("|"))


def _year(row: dict[str, Any]) -> str:
    installed = row["installed_on"]
    return str(installed)[:4] if isinstance(installed, str) and installed else str(row["install_year"])


def _rate(rate_per_km_year: float) -> str:
    """Breaks per 100 km and year, or a dash where the length is unknown."""
    return "—" if np.isnan(rate_per_km_year) else f"{rate_per_km_year * 100:.1f}"
