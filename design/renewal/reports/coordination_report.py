"""The coordination as one document: a sentence for every pipe, a line for every programme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from design.renewal.matching.bans import ban_rules
from design.renewal.matching.coordination import OUTCOMES
from design.renewal.matching.programmes import kind_label
from design.renewal.reports.labels import code_labels, text_pair
from design.renewal.reports.report import plain_rows, provenance
from design.rules.ruleset import load_rules
from gis.messages import lookup
from gis.schema import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from design.renewal.matching.coordination import Coordination
    from gis.messages import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def coordination_document(coordination: Coordination, table: pd.DataFrame | None = None) -> dict[str, Any]:
    """
    Everything a planner needs of a coordination run, JSON-able.

    `table` is the coordination's `pipe_table` where the caller has it already; None makes it.
    """
    rules = load_rules(on=coordination.on)
    return {
        "kind": "renewal-coordination",
        "on": coordination.on.isoformat(),
        "horizon_years": coordination.horizon_years,
        "counts": _counts(coordination),
        "pipes": plain_rows(pipe_table(coordination) if table is None else table),
        "matches": match_rows(coordination),
        "programmes": programme_rows(coordination),
        "data_gaps": dict(coordination.gaps),
        "ban_rules": [
            {
                "cause": rule.cause, "years": rule.period_years, "clause": rule.clause, "source": rule.source,
                "confidence": rule.confidence, "label_zh": rule.label_zh, "label_en": rule.label_en,
            }
            for rule in ban_rules(rules)
        ],
        "parameters": coordination.parameters.rows(),
        "provenance": {**provenance(coordination.assessment), "regulations": list(rules.provenance)},
    }  # fmt: skip


def _counts(coordination: Coordination) -> dict[str, Any]:
    pipes = coordination.pipes
    counts: dict[str, Any] = {"candidates": _measure(pipes, pd.Series(True, index=pipes.index))}
    for outcome in OUTCOMES:
        label_zh, label_en = text_pair(f"outcome.{outcome}")
        counts[outcome] = {
            "label_zh": label_zh, "label_en": label_en, **_measure(pipes, pipes["outcome"] == outcome)
        }  # fmt: skip
    counts["blocked"] = _measure(pipes, pipes["ban"] >= 0)
    counts["by_year"] = {
        str(int(year)): _measure(pipes, pipes["recommended_year"] == year)
        for year in sorted(pipes["recommended_year"].dropna().unique())
    }
    return counts


def _measure(pipes: pd.DataFrame, chosen: pd.Series) -> dict[str, Any]:
    return {
        "pipes": int(chosen.sum()),
        "length_km": round(float(pipes["length_m"][chosen].fillna(0.0).sum()) / 1000.0, 3),
    }


def pipe_table(coordination: Coordination) -> pd.DataFrame:
    """
    Every candidate with its outcome, year, ban, programme and sentence.

    Index = row in the pipes layer; days are ISO text. Make it once for the document and the layers of one run.
    """
    pipes = coordination.pipes
    facts = coordination.assessment.pipes.loc[pipes.index]
    table = pd.DataFrame(facts[["pipe_id", "road_name", "certainty", "score", "length_m"]])
    table["certainty_zh"] = facts["certainty"].map(code_labels("certainty", "zh"))
    table["certainty_en"] = facts["certainty"].map(code_labels("certainty", "en"))
    table["outcome"] = pipes["outcome"]
    for language in LANGUAGES:
        labels = {outcome: lookup("design", f"outcome.{outcome}", language) for outcome in OUTCOMES}
        table[f"outcome_{language}"] = pipes["outcome"].map(labels)
    table["recommended_year"] = pipes["recommended_year"].astype("Int64")
    table["earliest_on"] = _iso(pipes["earliest"])
    table["blocked_through"] = _iso(pipes["blocked_through"])
    for language in LANGUAGES:
        table[f"blocked_by_{language}"] = _picked(_ban_texts(coordination, language), pipes["ban"])
    _add_programme(table, coordination)
    for language in LANGUAGES:
        table[f"sentence_{language}"] = list(_sentences(coordination, table, language))
    return table


def _add_programme(table: pd.DataFrame, coordination: Coordination) -> None:
    match = coordination.pipes["match"].to_numpy()
    chosen = coordination.matches.reindex(match).set_axis(table.index)
    row = chosen["programme"].fillna(-1).astype("int64")
    programmes = coordination.programmes
    table["programme_id"] = _picked(programmes["programme_id"].tolist(), row)
    table["programme_name"] = _picked(_names(programmes), row)
    table["window_from"], table["window_to"] = _iso(chosen["window_from"]), _iso(chosen["window_to"])
    table["overlap_m"], table["overlap_share"] = (
        chosen["overlap_m"].round(2),
        chosen["overlap_share"].round(4),
    )
    table["missed_blocked_through"] = _picked(_iso(programmes["ban_through"]).tolist(), row)


def _picked(values: list[Any], rows: pd.Series) -> list[Any]:
    """The value of each row number, None for -1."""
    return [values[row] if row >= 0 else None for row in rows.to_numpy()]


def _names(programmes: pd.DataFrame) -> list[str]:
    return programmes["name"].fillna(programmes["programme_id"]).tolist()


def _iso(days: pd.Series) -> pd.Series:
    return days.dt.strftime("%Y-%m-%d").astype("object").where(days.notna(), None)


def _ban_texts(coordination: Coordination, language: Language) -> list[str]:
    rules = {
        rule.cause: rule.label_en if language == "en" else rule.label_zh
        for rule in ban_rules(load_rules(on=coordination.on))
    }
    sentence = lookup("design", "coordination.ban", language)
    bans = coordination.bans
    names = bans["name"].fillna(bans["source_id"])
    return [
        sentence.format(name=name, since=since, cause=rules[cause])
        for name, since, cause in zip(names, _iso(bans["since"]), bans["cause"], strict=True)
    ]


def ban_table(coordination: Coordination) -> pd.DataFrame:
    """No-dig areas in force: source, name, cause, since, through and a sentence."""
    bans = coordination.bans
    table = pd.DataFrame(bans[["source_layer", "source_id", "name", "cause"]])
    table["since"], table["through"] = _iso(bans["since"]), _iso(bans["through"])
    for language in LANGUAGES:
        table[f"text_{language}"] = _ban_texts(coordination, language)
    return table


def _sentences(coordination: Coordination, table: pd.DataFrame, language: Language) -> Iterator[str]:
    """What to do with each pipe, in one sentence."""
    say = {outcome: lookup("design", f"coordination.{outcome}", language) for outcome in OUTCOMES}
    then = lookup("design", "coordination.else-blocked", language)
    conflict = _first_conflicts(coordination)
    for pipe_row, row in zip(table.index, plain_rows(table), strict=True):
        told = {
            "year": row["recommended_year"], "name": row["programme_name"] or conflict.get(pipe_row, ""),
            "allowed": row["earliest_on"], "ban": row[f"blocked_by_{language}"], "years": coordination.horizon_years,
        }  # fmt: skip
        text = say[row["outcome"]].format(**told)
        if row["missed_blocked_through"]:
            text += then.format(through=row["missed_blocked_through"])
        yield text


def _first_conflicts(coordination: Coordination) -> dict[int, str]:
    """Name of the first programme each pipe cannot use."""
    matches = coordination.matches[~coordination.matches["feasible"]].drop_duplicates("pipe_row")
    names = np.array(_names(coordination.programmes), dtype=object)[
        matches["programme"].to_numpy(dtype="int64")
    ]
    return dict(zip(matches["pipe_row"].tolist(), names.tolist(), strict=True))


def match_rows(coordination: Coordination) -> list[dict[str, Any]]:
    """Every pipe and programme that run together."""
    return plain_rows(match_table(coordination))


def match_table(coordination: Coordination) -> pd.DataFrame:
    """The same as a table, in the order of `coordination.matches`."""
    matches, programmes = coordination.matches, coordination.programmes
    row = matches["programme"]
    pipe_ids = coordination.assessment.pipes["pipe_id"]
    table = pd.DataFrame({"pipe_id": pipe_ids.loc[matches["pipe_row"]].to_numpy()}, index=matches.index)
    for column in ("programme_id", "layer", "kind"):
        table[f"programme_{column}".replace("programme_programme", "programme")] = _picked(
            programmes[column].tolist(), row
        )
    table["programme_name"] = _picked(_names(programmes), row)
    for language in LANGUAGES:
        table[f"programme_kind_{language}"] = _picked(_kinds(programmes, language), row)
    table["overlap_m"], table["overlap_share"] = (
        matches["overlap_m"].round(2),
        matches["overlap_share"].round(4),
    )
    table["window_from"], table["window_to"] = _iso(matches["window_from"]), _iso(matches["window_to"])
    table["feasible"] = matches["feasible"]
    for language in LANGUAGES:
        words = {flag: lookup("design", f"coordination.{flag}", language) for flag in ("yes", "no")}
        table[f"feasible_{language}"] = matches["feasible"].map({True: words["yes"], False: words["no"]})
    return table


def _kinds(programmes: pd.DataFrame, language: str) -> list[str]:
    return [kind_label(a, b, language) for a, b in zip(programmes["layer"], programmes["kind"], strict=True)]


def programme_rows(coordination: Coordination) -> list[dict[str, Any]]:
    """Every programme with the pipes that run along it and those recommended to go with it."""
    return plain_rows(programme_table(coordination))


def programme_table(coordination: Coordination) -> pd.DataFrame:
    """The same as a table, in the order of `coordination.programmes`."""
    programmes, matches = coordination.programmes, coordination.matches
    table = pd.DataFrame(programmes[["programme_id", "layer", "kind", "name", "owner", "status"]])
    for language in LANGUAGES:
        table[f"kind_{language}"] = _kinds(programmes, language)
        labels = {
            c.code: c.label_en if language == "en" else c.label_zh
            for c in codes("road_works", "status").values()
        }
        table[f"status_{language}"] = programmes["status"].map(labels)
    table["starts_on"], table["ends_on"] = _iso(programmes["starts"]), _iso(programmes["ends"])
    chosen = matches.loc[coordination.pipes.loc[coordination.pipes["match"] >= 0, "match"]]
    for name, rows in (("", matches), ("recommended_", chosen)):
        grouped = rows.groupby("programme")["overlap_m"]
        table[f"{name}pipes"] = grouped.size().reindex(table.index).fillna(0).astype("int64")
        km = grouped.sum().reindex(table.index).fillna(0.0) / 1000.0
        table["recommended_km" if name else "overlap_km"] = km.round(3)
    return table
