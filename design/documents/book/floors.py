"""Supply floor by floor, the head budget, ways to tie in and states checked: what the engineers' figures rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.draft.plots import floors_plot
from design.documents.figures import figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.words import Words
    from design.wire.scheme import OptionDoc, SchemeDoc

Rows = list[list[str]]
# Parts of the head budget in order: key of the scheme, how it counts.
_BUDGET = (
    ("tie_in_head_m", ""), ("site_elevation_m", "−"), ("friction_m", "−"), ("local_m", "−"), ("at_connection_m", "="),
    ("deducted_m", "−"), ("required_m", "−"), ("margin_m", "="),
)  # fmt: skip


def floors_data(scheme: SchemeDoc, option: OptionDoc | None, words: Words) -> dict[str, Any] | None:
    """The plot of supply floor by floor, a sentence a zone, and the equipment; None where the scheme tells no floors."""
    places: tuple[Mapping[str, Any], ...] = (option or {}, scheme, scheme["demand"])
    told: Any = next((place["supply_mode"] for place in places if place.get("supply_mode")), None)
    if not isinstance(told, dict) or not isinstance(told.get("floors"), list):
        return None
    plot = floors_plot(told["floors"], words)
    if plot is None:
        return None
    return {
        "plot": plot.document(),
        "zones": [words.text(zone, "text") for zone in told.get("zones") or []],
        "equipment": [_equipment(entry, words) for entry in told.get("equipment") or []],
    }


def _equipment(entry: Mapping[str, Any], words: Words) -> list[str]:
    sizes = [
        f"{figure(entry[key], unit)} {sign}"
        for key, unit, sign in (
            ("flow_lps", "L/s", "L/s"),
            ("head_m", "length", "m"),
            ("volume_m3", "m3", "m³"),
        )
        if entry.get(key) is not None
    ]
    return [words.text(entry, "name"), ", ".join(sizes) or "—", words.text(entry, "reason")]


def budget_rows(option: OptionDoc, words: Words) -> Rows:
    """From the head at the tie-in down to what is left at the site [m]; empty where the scheme does not tell it."""
    told: Mapping[str, Any] = option.get("budget") or {}
    return [
        [
            f"{sign} {words('budget-' + key.removesuffix('_m').replace('_', '-'))}".strip(),
            figure(told[key], "m"),
        ]
        for key, sign in _BUDGET
        if told.get(key) is not None and (told[key] or key != "deducted_m")
    ]


def method_rows(option: OptionDoc, words: Words) -> Rows:
    """Every way to tie in: chosen, possible or not, why, and what a shut-off takes."""
    told: Any = option.get("tie_in_methods") or []
    rows = []
    for entry in told:
        state = (
            "method-chosen"
            if entry.get("chosen")
            else "method-possible"
            if entry.get("allowed")
            else "method-barred"
        )
        valves, out = entry.get("valves_to_close"), entry.get("customers_out")
        shut = (
            words("method-shut", valves=valves, customers=out)
            if entry.get("outage") and valves is not None
            else words("none")
        )
        rows.append([words.text(entry, "name"), words(state), shut, words.text(entry, "reason")])
    return rows


def scenario_rows(option: OptionDoc, words: Words) -> Rows:
    """The states that were checked: flow, pressure at the tie-in before and after, nodes that fall below the limit."""
    told: Any = option.get("scenarios") or []
    return [
        [
            words.text(entry, "label"), figure(entry.get("flow_lps"), "L/s"), figure(entry.get("pressure_before_m"), "length"),
            figure(entry.get("pressure_after_m"), "length"), figure(entry.get("limit_m"), "length"),
            str(entry.get("newly_below", "—")), words(f"verdict-{entry['verdict']}") if entry.get("verdict") else "—",
        ]
        for entry in told
    ]  # fmt: skip
