"""The assessment as one document: counts, gaps, candidates with evidence, parameters, provenance."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from design.renewal.assessment.dates import laid_between
from design.renewal.assessment.score import PARTS
from design.renewal.assessment.verdicts import CAUSES, CERTAINTIES
from design.renewal.reports.evidence import evidence_sentences
from design.renewal.reports.labels import code_labels, text_pair
from gis.schema import materials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from design.renewal.assessment.condition import Assessment
    from design.renewal.assessment.grading import Grade

_CANDIDATE_VALUES = (
    "pipe_id", "dn", "material", "lining", "install_year", "age_years", "length_m", "road_name", "rule_class", "certainty",
    "own_breaks", "recent_breaks", "predecessor_breaks", "run_length_m", "run_recent_breaks", "score", "score_possible",
)  # fmt: skip


def assessment_document(assessment: Assessment, listed: pd.DataFrame | None = None) -> dict[str, Any]:
    """
    Everything a reader of the list needs, JSON-able; lengths in km in counts and m in rows, shares in percent.

    `listed` is the assessment's `candidate_table` where the caller has it already; None makes it.
    """
    return {
        "kind": "renewal-assessment",
        "on": assessment.on.isoformat(),
        "counts": _counts(assessment),
        "classes": list(_classes(assessment)),
        "causes": list(_causes(assessment)),
        "breaks": _break_counts(assessment),
        "grades": [_grade(grade) for grade in assessment.grades],
        "data_gaps": list(_gaps(assessment)),
        "candidates": plain_rows(candidate_table(assessment) if listed is None else listed),
        "not_counted": [dict(row) for row in assessment.criteria.not_counted],
        "parameters": assessment.parameters.rows(),
        "provenance": provenance(assessment),
    }


def provenance(assessment: Assessment) -> dict[str, Any]:
    """Which network, rules and day the list was made from."""
    return {
        "network_version": assessment.network_version, "source": assessment.network_source,
        "synthetic": assessment.synthetic, "on": assessment.on.isoformat(),
        "rules": [dict(file) for file in assessment.criteria.files],
        "retrospective": assessment.criteria.retrospective,
        "changed_parameters": list(assessment.parameters.changed),
    }  # fmt: skip


def _measure(assessment: Assessment, chosen: pd.Series) -> dict[str, Any]:
    """Pipes, km and breaks of the chosen rows, with their shares of the whole."""
    pipes = assessment.pipes
    length_m, breaks = pipes["length_m"].fillna(0.0), pipes["own_breaks"]
    return {
        "pipes": int(chosen.sum()),
        "length_km": round(float(length_m[chosen].sum()) / 1000.0, 3),
        "length_share_pct": _percent(length_m[chosen].sum(), length_m.sum()),
        "breaks": int(breaks[chosen].sum()),
        "breaks_share_pct": _percent(breaks[chosen].sum(), breaks.sum()),
    }


def _percent(part: Any, whole: Any) -> float | None:
    """Share of two sums of one kind."""
    return round(100.0 * float(part) / float(whole), 2) if whole else None


def _counts(assessment: Assessment) -> dict[str, Any]:
    """The whole stock, then each certainty."""
    pipes = assessment.pipes
    counts: dict[str, Any] = {"all": _measure(assessment, pd.Series(True, index=pipes.index))}
    for name in CERTAINTIES:
        label_zh, label_en = text_pair(f"certainty.{name}")
        counts[name] = {
            "label_zh": label_zh, "label_en": label_en, **_measure(assessment, pipes["certainty"] == name)
        }  # fmt: skip
    return counts


def _classes(assessment: Assessment) -> Iterator[dict[str, Any]]:
    pipes = assessment.pipes
    for code, (label_zh, label_en) in assessment.criteria.labels.items():
        for certainty in ("certain", "possible"):
            chosen = (pipes["rule_class"] == code) & (pipes["certainty"] == certainty)
            yield {
                "code": code, "label_zh": label_zh, "label_en": label_en, "certainty": certainty,
                **_measure(assessment, chosen),
            }  # fmt: skip


def _causes(assessment: Assessment) -> Iterator[dict[str, Any]]:
    for cause in CAUSES:
        answer = assessment.pipes[f"cause_{cause}"]
        label_zh, label_en = text_pair(f"cause.{cause}")
        yield {
            "code": cause, "label_zh": label_zh, "label_en": label_en, "certain": _measure(assessment, answer == 2),
            "possible": _measure(assessment, answer == 1),
        }  # fmt: skip


def _break_counts(assessment: Assessment) -> dict[str, Any]:
    breaks = assessment.breaks
    return {
        "records": len(breaks),
        "by_relation": {
            name: int((breaks["relation"] == name).sum()) for name in ("own", "predecessor", "none")
        },
        "predecessor_same_year": _same_year_predecessors(assessment),
        "by_method": {str(name): int(count) for name, count in breaks["method"].value_counts().items()},
        "first": None if breaks.empty else breaks["occurred_on"].min().date().isoformat(),
        "last": None if breaks.empty else breaks["occurred_on"].max().date().isoformat(),
    }


def _same_year_predecessors(assessment: Assessment) -> int:
    """Predecessor breaks in the very year the present pipe was laid: own breaks where the day laid is not trusted."""
    older = assessment.breaks[assessment.breaks["relation"] == "predecessor"]
    laid = assessment.pipes["install_year"].reindex(older["pipe_row"]).astype("float64").to_numpy()
    return int((older["occurred_on"].dt.year.to_numpy() == laid).sum())


def _grade(grade: Grade) -> dict[str, Any]:
    label_zh, label_en = text_pair(f"reading.{grade.reading}")
    return {"label_zh": label_zh, "label_en": label_en, **asdict(grade)}


def _gaps(assessment: Assessment) -> Iterator[dict[str, Any]]:
    """Unknown attributes that bear on the list, with the pipes and km concerned."""
    pipes = assessment.pipes
    unlaid = pipes["age_years"].isna()
    earliest, latest = laid_between(pipes, "interval")
    missing = {
        "material": ~pipes["material"].isin([code for code in materials() if code != "unknown"]),
        "lining": (pipes["material"] == "GCI") & ~pipes["lining"].isin(["lined", "unlined"]),
        "install_year": unlaid,
        "year_only": ~unlaid & (earliest != latest),
        "dn": pipes["dn"].isna(),
        "length_m": ~(pipes["length_m"] > 0),
        "road_name": pipes["road_name"].isna(),
        "place": ~pipes["has_place"],
    }
    for name, chosen in missing.items():
        label_zh, label_en = text_pair(f"gap.{name}")
        yield {"attribute": name, "label_zh": label_zh, "label_en": label_en, **_measure(assessment, chosen)}


def candidate_table(assessment: Assessment) -> pd.DataFrame:
    """
    Every candidate, most urgent first, with labels, causes, score parts and the sentence of evidence.

    Index = row in the pipes layer; `causes` and `deciding` are nested. Its sentences take time: make it once for the
    document and the layers of one run.
    """
    listed = assessment.candidates()
    rows = pd.DataFrame(listed[list(_CANDIDATE_VALUES)])
    rows.insert(0, "rank", np.arange(1, len(listed) + 1))
    rows["rate_per_100km_year"] = listed["rate_per_km_year"] * 100.0
    for language in ("zh", "en"):
        rows[f"material_{language}"] = listed["material"].map(code_labels("material", language))
        rows[f"lining_{language}"] = listed["lining"].map(code_labels("lining", language))
        rows[f"certainty_{language}"] = listed["certainty"].map(code_labels("certainty", language))
        labels = {code: pair[language == "en"] for code, pair in assessment.criteria.labels.items()}
        rows[f"rule_label_{language}"] = listed["rule_class"].map(labels)
        rows[f"causes_{language}"] = _cause_texts(listed, language)
        rows[f"deciding_{language}"] = _deciding_texts(listed, language)
        rows[f"evidence_{language}"] = evidence_sentences(assessment, listed, language)
    for part in PARTS:
        rows[f"part_{part}"] = listed[f"part_{part}"]
    rows["causes"] = _cause_codes(listed)
    rows["deciding"] = [text.split("|") if text else [] for text in listed["deciding"]]
    return rows


def _cause_codes(listed: pd.DataFrame) -> list[dict[str, str]]:
    answers = listed[[f"cause_{cause}" for cause in CAUSES]].to_numpy()
    words = ("", "possible", "certain")
    return [{c: words[a] for c, a in zip(CAUSES, row, strict=True) if a} for row in answers.tolist()]


def _cause_texts(listed: pd.DataFrame, language: str) -> list[str]:
    labels = [text_pair(f"cause.{cause}")[language == "en"] for cause in CAUSES]
    answers = listed[[f"cause_{cause}" for cause in CAUSES]].to_numpy().tolist()
    joint, doubt = ("、", "？") if language == "zh" else (", ", "?")
    return [
        joint.join(label + doubt * (a == 1) for label, a in zip(labels, row, strict=True) if a)
        for row in answers
    ]


def _deciding_texts(listed: pd.DataFrame, language: str) -> list[str]:
    joint = "、" if language == "zh" else ", "
    known = {
        text: joint.join(text_pair(f"deciding.{name}")[language == "en"] for name in text.split("|") if name)
        for text in listed["deciding"].unique()
    }
    return [known[text] for text in listed["deciding"]]


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts of JSON values; every kind of missing becomes None."""
    columns = {name: _plain_column(table[name]) for name in table.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain_column(values: pd.Series) -> list[Any]:
    plain = values.astype("object").where(values.notna(), None).tolist()
    return [value.item() if isinstance(value, np.generic) else value for value in plain]
