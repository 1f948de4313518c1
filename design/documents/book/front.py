"""Cover, list of drawings and design note 设计说明: what a reader meets first, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.book.money import money
from design.documents.book.rows import main_name
from design.documents.figures import figure
from design.documents.reading import connection_name, pipe_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.words import Words
    from design.wire.scheme import OptionDoc, SchemeDoc

Rows = list[list[str]]


def head_rows(scheme: SchemeDoc, words: Words) -> Rows:
    """Project data of the cover."""
    made, request = scheme["provenance"], scheme["request"]
    site = request.get("site") or {}
    position = site.get("position")
    rows = [
        [words("applicant"), str(request.get("applicant") or "—")],
        [words("scheme-id"), scheme["id"]],
        [words("position"), lonlat(position) if position else str(site.get("address") or "—")],
        [words("date"), made["created"][:10]],
        [words("crs"), crs_words(scheme, words)],
        [words("version"), made["network_version"]],
    ]
    if status := scheme.get("status"):
        rows.append([words("life"), words.known("life", str(status))])
    return rows


def lonlat(position: Any) -> str:
    """
    Longitude and latitude as printed: five decimals are a metre.

    >>> lonlat([117.02, 36.660286])
    '117.02000°E, 36.66029°N'
    """
    lon, lat = float(position[0]), float(position[1])
    if abs(lon) > 180 or abs(lat) > 90:
        return f"{lon:.2f}, {lat:.2f}"
    return f"{abs(lon):.5f}°{'E' if lon >= 0 else 'W'}, {abs(lat):.5f}°{'N' if lat >= 0 else 'S'}"


def crs_words(scheme: SchemeDoc, words: Words) -> str:
    """CRS and height datum in one line."""
    made = scheme["provenance"]
    datum: Mapping[str, Any] = made.get("vertical_datum") or {}
    name = datum.get("name_zh" if words.language == "zh" else "name_en")
    return " · ".join(str(part) for part in (made["crs"], name) if part) or "—"


def key_rows(option: OptionDoc, words: Words) -> Rows:
    """The six figures a reader looks for first: label, value, small print."""
    pipe, meter, check, tie = option["service_pipe"], option["meter"], option["check"], option["connection"]
    return [
        [words("key-connection"), str(tie["tapoff_id"] or tie["pipe_id"] or "—"), f"{words('main')} DN{tie['pipe_dn']}"],
        [words("key-pipe"), f"DN{pipe['dn']}", f"{words.text(pipe, 'series')} · {figure(option['route']['length_m'], 'length')} m"],
        [words("key-meter"), f"DN{meter['dn']}", f"Q3 {figure(meter['q3_m3h'], 'm3/h')} m³/h"],
        [words("key-pressure"), f"{figure(check['site_pressure_after_mpa'], 'MPa')} MPa",
         f"{words('required')} {figure(check['pressure_required_mpa'], 'MPa')} MPa"],
        [words("key-total"), f"¥ {money(option['quote']['total_cny'])}",
         f"{words('customer-total')} ¥ {money(option['quote']['customer_total_cny'])}"],
        [words("key-workdays"), str(option["workdays"]), words("days")],
    ]  # fmt: skip


def note_rows(scheme: SchemeDoc, option: OptionDoc | None, words: Words) -> Rows:
    """The design note: heading and sentences, paragraph by paragraph."""
    rows = [
        [words("note-project-title"), _project(scheme, words)],
        [words("note-demand-title"), _demand(scheme, words)],
    ]
    if option is None:
        return rows
    rows += [
        [words("note-connection-title"), _connection(option, words)],
        [words("note-pipe-title"), _pipe(option, words)],
        [words("note-check-title"), _check(option, words)],
        [words("note-build-title"), words("note-build")],
        [words("note-cost-title"), _cost(option, words)],
        [words("note-units-title"), words("note-units", crs=crs_words(scheme, words))],
    ]
    return rows


def _project(scheme: SchemeDoc, words: Words) -> str:
    site = scheme["request"].get("site") or {}
    position = site.get("position")
    place = lonlat(position) if position else str(site.get("address") or "—")
    storeys = site.get("storeys")
    told = words("note-project", name=scheme["name"] or scheme["id"], place=place)
    return told + (words("note-storeys", storeys=storeys) if storeys else "")


def _demand(scheme: SchemeDoc, words: Words) -> str:
    demand = scheme["demand"]
    told = words(
        "note-demand", flow=figure(demand["design_flow_lps"], "L/s"), method=words.known("method", demand["method"]),
        day=figure(demand["max_day_m3"], "m3"), hour=figure(demand["peak_hour_lps"], "L/s"),
    )  # fmt: skip
    fire = demand["fire_flow_lps"]
    return told + (words("note-fire", flow=figure(fire, "L/s")) if fire else "")


def _connection(option: OptionDoc, words: Words) -> str:
    tie = option["connection"]
    told = words(
        "note-connection", connection=connection_name(tie, words), main=main_name(option, words),
        method=words.text(tie, "method_text"),
    )  # fmt: skip
    depth = tie["cover_depth_m"]
    return told + (
        words("note-cover", cover=figure(depth, "m")) if depth is not None else words("note-cover-unknown")
    )


def _pipe(option: OptionDoc, words: Words) -> str:
    pipe, meter = option["service_pipe"], option["meter"]
    works: Mapping[str, Any] = option.get("works") or {}
    told = words(
        "note-pipe", pipe=pipe_name(pipe, words), length=figure(option["route"]["length_m"], "length"), velocity=figure(pipe["velocity_mps"], "m/s"),
        loss=figure(pipe["headloss_m"], "m"),
    )  # fmt: skip
    if works:
        told += words(
            "note-works", cover=figure(works["cover_depth_m"], "m"), width=figure(works["trench_width_m"], "m"),
            bedding=figure(works["bedding_m"], "m"), wells=works["valve_wells"], blocks=works["thrust_blocks"],
        )  # fmt: skip
    return told + words(
        "note-meter", dn=meter["dn"], type=words.text(meter, "type"), q3=figure(meter["q3_m3h"], "m3/h"),
        loss=figure(meter["headloss_m"], "m"),
    )  # fmt: skip


def _check(option: OptionDoc, words: Words) -> str:
    check, worst = option["check"], option["check"]["worst_neighbour"]
    key = "note-check" if check["margin_m"] >= 0 else "note-check-short"
    told = words(
        key, before=figure(check["site_pressure_before_mpa"], "MPa"), after=figure(check["site_pressure_after_mpa"], "MPa"),
        required=figure(check["pressure_required_mpa"], "MPa"), margin=figure(abs(check["margin_m"]), "m"), engine=check["engine"],
    )  # fmt: skip
    if worst:
        told += words(
            "note-neighbour", node=worst["node_id"], before=figure(worst["pressure_before_mpa"], "MPa"),
            after=figure(worst["pressure_after_mpa"], "MPa"), limit=figure(check["neighbour_limit_mpa"], "MPa"),
            count=len(check["newly_below_limit"]),
        )  # fmt: skip
    return told


def _cost(option: OptionDoc, words: Words) -> str:
    quote = option["quote"]
    return words(
        "note-cost", total=money(quote["total_cny"]), customer=money(quote["customer_total_cny"]),
        utility=money(quote["utility_total_cny"]), days=option["workdays"],
    )  # fmt: skip
