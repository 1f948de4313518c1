"""The scheme document as the printed book reads it: sections in order, drawings as primitives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.book.fixes import fix_rows
from design.documents.book.floors import budget_rows, floors_data, method_rows, scenario_rows
from design.documents.book.front import head_rows, key_rows, note_rows
from design.documents.book.money import money, quote_data
from design.documents.book.rows import (
    NEIGHBOURS_SHOWN,
    assembly_rows,
    check_facts,
    connection_rows,
    finding_rows,
    meter_rows,
    neighbour_rows,
    outage_rows,
    permit_rows,
    pipe_rows,
    pressure_rows,
    surface_rows,
)
from design.documents.book.sheets import sheet_rows, shortened, title_block
from design.documents.book.supply import device_rows, inlet_rows, local_rows, second_rows
from design.documents.comparing import comparison, way_words
from design.documents.draft.draft import styles
from design.documents.draft.plots import neighbour_plot, path_plot
from design.documents.figures import figure, pretty_unit
from design.documents.reading import chosen_option, connection_name, flat_request
from design.documents.scheme_data import provenance_rows
from design.documents.words import Words
from gis.messages import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from design.documents.pictures import PlanPicture
    from design.wire.scheme import OptionDoc, RejectedDoc, SchemeDoc
    from gis.messages import Language

REJECTED_SHOWN = 60


def book_data(scheme: SchemeDoc, language: Language, *, plans: Sequence[PlanPicture] = ()) -> dict[str, Any]:
    """All that templates/scheme.typ shows: headings, title block, tables of strings, drawings."""
    words = Words(language)
    option = chosen_option(scheme)
    made = scheme["provenance"]
    rejected = scheme["rejected"]
    clauses, clause_notes = _clauses(scheme, words)
    return {
        "language": language,
        "words": headings(words),
        "pens": styles(),
        "synthetic": made["synthetic"],
        "feasible": scheme["feasible"],
        "name": scheme["name"] or scheme["id"],
        "short_name": shortened(scheme["name"] or scheme["id"], most=40),
        "head": head_rows(scheme, words),
        "summary": words.text(scheme, "summary"),
        "keys": key_rows(option, words) if option else [],
        "notes": note_rows(scheme, option, words),
        "request": [list(pair) for pair in flat_request(scheme["request"], words)],
        "demand": _demand(scheme, words),
        "clauses": clauses,
        "clause_notes": clause_notes,
        "floors": floors_data(scheme, option, words),
        "overrides": _overrides(scheme),
        "fixes": fix_rows(scheme, words),
        "option": _option(option, words) if option else None,
        "compare": comparison(scheme["options"], words),
        "ranks": [words("option", rank=o["rank"]) + (words("chosen") if o is option else "") for o in scheme["options"]],
        "rejected": [
            _rejected(entry, words) for entry in rejected[:REJECTED_SHOWN]
        ],
        "rejected_more": words("rejected-more", count=len(rejected) - REJECTED_SHOWN) if len(rejected) > REJECTED_SHOWN else "",
        "provenance": [row for row in provenance_rows(scheme, words) if row[1] not in made["rules"]],
        "rules": " · ".join(made["rules"]),
        "footer": " · ".join([scheme["id"], made["network_version"], made["prices"], made["engine"], made["software"]]),
        "sheets": sheet_rows(scheme, option, words, plans),
        "block": title_block(scheme, words),
    }  # fmt: skip


def headings(words: Words) -> dict[str, str]:
    """All headings; `page` is cut at the places of its two numbers, which only the typesetter knows."""
    tables = catalogue("design", words.language)
    return {**tables["document"], **tables["book"], "page": words("page", page="|", pages="|")}


def _rejected(entry: RejectedDoc, words: Words) -> list[str]:
    """Tie-in, route, what it weighs, and why it was not taken."""
    route: Mapping[str, Any] = entry.get("route") or {}
    length = f"{figure(route['length_m'], 'length')} m" if route.get("length_m") is not None else ""
    told = " · ".join(part for part in (length, way_words(route, words) if route else "") if part)
    score = entry.get("score")
    return [
        connection_name(entry["connection"], words), told or "—",
        money(f"{score['total']:.0f}") if score else "—", words.text(entry, "reason"),
    ]  # fmt: skip


def _more(count: int, words: Words) -> str:
    """How many nodes the table leaves out."""
    left = count - NEIGHBOURS_SHOWN
    return words("neighbours-more", count=left) if left > 0 else ""


def _demand(scheme: SchemeDoc, words: Words) -> list[list[str]]:
    demand: Mapping[str, Any] = scheme["demand"]
    rows = [
        [words("design-flow"), figure(demand["design_flow_lps"], "L/s"), "L/s"],
        [words("peak-hour"), figure(demand["peak_hour_lps"], "L/s"), "L/s"],
        [words("max-day"), figure(demand["max_day_m3"], "m3"), "m³/d"],
        [words("fire-flow"), figure(demand["fire_flow_lps"], "L/s"), "L/s"],
        [words("method"), words.known("method", demand["method"]), ""],
    ]
    if demand.get("computed_flow_lps") is not None:
        rows.insert(1, [words("computed-flow"), figure(demand["computed_flow_lps"], "L/s"), "L/s"])
    return rows


def _clauses(scheme: SchemeDoc, words: Words) -> tuple[list[list[str]], list[str]]:
    """Rows of the calculation, and the notes on sources that their clauses point to."""
    notes: list[str] = []
    rows = []
    for c in scheme["demand"]["clauses"]:
        clause, note = clause_words(c["clause"], c["source"], words)
        if note and note not in notes:
            notes.append(note)
        mark = f" [{notes.index(note) + 1}]" if note else ""
        inputs = ", ".join(
            f"{k} = {figure(v, 'input') if isinstance(v, float) else v}" for k, v in c["inputs"].items()
        )
        value = f"{figure(c['value'], c['unit'])} {words.said(pretty_unit(c['unit']))}"
        rows.append(
            [
                words.text(c, "name"),
                c["formula"],
                inputs,
                value,
                clause + mark,
                words.confidence(c["confidence"]),
            ]
        )
    return rows, [f"[{number}] {note}" for number, note in enumerate(notes, 1)]


def clause_words(clause: str, source: str, words: Words) -> tuple[str, str]:
    """The clause, and what its source says beyond it; in English only what is known in English."""
    told, more = words.clause(clause), source.removeprefix(clause).strip()
    if clause == more or more in clause:
        return told, ""
    note = words.said(more.removeprefix("（").removesuffix("）") if more.startswith("（") else more)
    return told, "" if words.language == "en" and any(ord(sign) > 0x2E7F for sign in note) else note


def _overrides(scheme: SchemeDoc) -> list[list[str]]:
    """Rules set aside for this scheme, with the reason and the name."""
    told: Sequence[Mapping[str, Any]] = scheme.get("overrides") or []
    return [
        [str(o.get("rule", "")), str(o.get("value") if o.get("value") is not None else o.get("verdict") or "—"),
         str(o.get("was") or "—"), str(o.get("reason", "")), str(o.get("by") or "—")]
        for o in told
    ]  # fmt: skip


def _option(option: OptionDoc, words: Words) -> dict[str, Any]:
    path = path_plot(option, words)
    return {
        "connection": [*connection_rows(option, words), *inlet_rows(option, words)],
        "second": second_rows(option, words),
        "surfaces": surface_rows(option, words),
        "pipe": [*pipe_rows(option, words), *local_rows(option, words)],
        "meter": [*meter_rows(option, words), *device_rows(option, words)],
        "outage": outage_rows(option, words),
        "budget": budget_rows(option, words),
        "methods": method_rows(option, words),
        "scenarios": scenario_rows(option, words),
        "reasons": words.texts(option, "reasons"),
        "check": check_facts(option, words),
        "pressures": pressure_rows(option, words),
        "path": path.document() if path else None,
        "bars": neighbour_plot(option["check"], words).document(),
        "affected": neighbour_rows(option["check"]["most_affected"]),
        "below": neighbour_rows(option["check"]["newly_below_limit"]),
        "below_more": _more(len(option["check"]["newly_below_limit"]), words),
        "findings": finding_rows(option, words),
        "assemblies": assembly_rows(option, words),
        "quote": quote_data(option["quote"], words),
        "permits": permit_rows(option, words),
    }
