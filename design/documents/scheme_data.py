"""The scheme document as the printed book reads it: every text and figure formed, in order, nothing computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.comparing import comparison
from design.documents.figures import capital_cny, figure, figures, pretty_unit, unlike_figures
from design.documents.reading import chosen_option, connection_name, flat_request
from design.documents.words import Words
from gis.messages import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.wire import NeighbourDoc, OptionDoc, QuoteDoc, SchemeDoc
    from gis.messages import Language

Rows = list[list[str]]


def book_data(scheme: SchemeDoc, language: Language) -> dict[str, Any]:
    """All that templates/scheme.typ shows: headings, title block, tables of strings, and the bars of the pressure plot."""
    words = Words(language)
    option = chosen_option(scheme)
    made = scheme["provenance"]
    return {
        "language": language,
        "words": _headings(words),
        "synthetic": made["synthetic"],
        "feasible": scheme["feasible"],
        "head": _head(scheme, words),
        "summary": scheme["summary"] if language == "zh" else scheme["summary_en"],
        "keys": _keys(option, words) if option else [],
        "request": [list(pair) for pair in flat_request(scheme["request"], words)],
        "demand": _demand(scheme, words),
        "clauses": _clauses(scheme, words),
        "option": _option(option, words) if option else None,
        "compare": comparison(scheme["options"], words),
        "ranks": [words("option", rank=o["rank"]) + (words("chosen") if o is option else "") for o in scheme["options"]],
        "others": [words("option", rank=o["rank"]) for o in scheme["options"] if o is not option],
        "rejected": [
            [connection_name(r["connection"], words), r["reason"] if language == "zh" else r["reason_en"]]
            for r in scheme["rejected"]
        ],
        "provenance": provenance_rows(scheme, words),
        "footer": " · ".join([
            scheme["id"], made["network_version"], made["prices"], made["engine"], made["software"], made["created"],
        ]),
        "rules_footer": " · ".join(made["rules"]),
    }  # fmt: skip


def _headings(words: Words) -> dict[str, str]:
    """All headings; `page` is cut at the places of its two numbers, which only the typesetter knows."""
    headings = dict(catalogue("design", words.language)["document"])
    return headings | {"page": words("page", page="|", pages="|")}


def _head(scheme: SchemeDoc, words: Words) -> Rows:
    made, site = scheme["provenance"], scheme["request"].get("site") or {}
    position = site.get("position")
    return [
        [words("project"), scheme["name"]],
        [words("applicant"), str(scheme["request"].get("applicant") or "—")],
        [words("scheme-id"), scheme["id"]],
        [words("date"), made["created"][:10]],
        [words("position"), ", ".join(str(v) for v in position) if position else "—"],
        [words("version"), made["network_version"]],
    ]


def _keys(option: OptionDoc, words: Words) -> Rows:
    """The six figures a reader looks for first: label, value, small print."""
    pipe, meter, check, tie = option["service_pipe"], option["meter"], option["check"], option["connection"]
    return [
        [words("key-connection"), str(tie["tapoff_id"] or tie["pipe_id"] or "—"), f"{words('main')} DN{tie['pipe_dn']}"],
        [words("key-pipe"), f"DN{pipe['dn']}", f"{pipe['series']} · {figure(option['route']['length_m'], 'm')} m"],
        [words("key-meter"), f"DN{meter['dn']}", f"Q3 {figure(meter['q3_m3h'], 'm3/h')} m³/h"],
        [words("key-pressure"), f"{figure(check['site_pressure_after_mpa'], 'MPa')} MPa",
         f"{words('required')} {figure(check['pressure_required_mpa'], 'MPa')} MPa"],
        [words("key-total"), option["quote"]["total_cny"], "CNY"],
        [words("key-workdays"), str(option["workdays"]), words("days")],
    ]  # fmt: skip


def _demand(scheme: SchemeDoc, words: Words) -> Rows:
    demand = scheme["demand"]
    return [
        [words("design-flow"), figure(demand["design_flow_lps"], "L/s"), "L/s"],
        [words("peak-hour"), figure(demand["peak_hour_lps"], "L/s"), "L/s"],
        [words("max-day"), figure(demand["max_day_m3"], "m3"), "m³/d"],
        [words("fire-flow"), figure(demand["fire_flow_lps"], "L/s"), "L/s"],
        [words("method"), words.known("method", demand["method"]), ""],
    ]


def _clauses(scheme: SchemeDoc, words: Words) -> Rows:
    return [
        [
            c["name"], c["formula"], ", ".join(f"{k} = {v}" for k, v in c["inputs"].items()),
            f"{figure(c['value'], c['unit'])} {pretty_unit(c['unit'])}", _source(c["clause"], c["source"]), words.confidence(c["confidence"]),
        ]
        for c in scheme["demand"]["clauses"]
    ]  # fmt: skip


def _source(clause: str, source: str) -> str:
    """Clause and source in one line, neither said twice."""
    if source in clause:
        return clause
    return source if clause in source else f"{clause} {source}"


def _option(option: OptionDoc, words: Words) -> dict[str, Any]:
    return {
        "rank": option["rank"],
        "connection": _connection(option, words),
        "route": _route(option, words),
        "surfaces": [
            [words.code("*", "surface", s["surface"]), s.get("road_name") or "—",
             words.code("streets", "road_class", s.get("road_class")), figure(s["length_m"], "m")]
            for s in option["route"]["surfaces"]
        ],
        "pipe": _pipe(option, words),
        "meter": _meter(option, words),
        "reasons": option["reasons"] if words.language == "zh" else option["reasons_en"],
        "check": _check_facts(option, words),
        "pressures": pressure_rows(option, words),
        "bars": _bars(option, words),
        "affected": _neighbours(option["check"]["most_affected"]),
        "below": _neighbours(option["check"]["newly_below_limit"]),
        "findings": _findings(option, words),
        "assemblies": [[a["code"], a["name"], a["drawing"], str(a["count"]), a["reason"]] for a in option["assemblies"]],
        "quote": _quote(option["quote"], words),
        "permits": [
            [p["name"], p["authority"], figure(p["area_m2"], "m2"), figure(p["length_m"], "m"),
             str(p["workdays"]), p["basis"]]
            for p in option["permits"]
        ],
    }  # fmt: skip


def _connection(option: OptionDoc, words: Words) -> Rows:
    tie = option["connection"]
    material = words.code("pipes", "material", tie["pipe_material"])
    depth = f"{figure(tie['cover_depth_m'], 'm')} m" if tie["cover_depth_m"] is not None else "—"
    return [
        [words("connection"), connection_name(tie, words)],
        [words("main"), f"{tie['pipe_id'] or '—'} DN{tie['pipe_dn']} {material}"],
        [words("tie-method"), tie["method_text"]],
        [words("cover-depth"), depth],
        [words("valve"), tie["valve_id"] or "—"],
        [words("confidence"), words.code("*", "confidence", tie["confidence"])],
        [words("distance"), f"{figure(tie['distance_m'], 'm')} m"],
        [words("request-position"), ", ".join(str(v) for v in tie["position"])],
    ]


def _route(option: OptionDoc, words: Words) -> Rows:
    route = option["route"]
    return [
        [words("route-length"), f"{figure(route['length_m'], 'm')} m"],
        [words("route-basis"), route["basis_text"]],
    ]


def _pipe(option: OptionDoc, words: Words) -> Rows:
    pipe = option["service_pipe"]
    return [
        [
            words("service-pipe"),
            f"DN{pipe['dn']} {words.code('pipes', 'material', pipe['material'])} {pipe['series']}",
        ],
        [words("outer-diameter"), f"{figure(pipe['outer_diameter_mm'], 'mm')} mm"],
        [words("inner-diameter"), f"{figure(pipe['inner_diameter_mm'], 'mm')} mm"],
        [words("velocity"), f"{figure(pipe['velocity_mps'], 'm/s')} m/s"],
        [words("headloss"), f"{figure(pipe['headloss_m'], 'm')} m"],
        [words("friction"), f"{figure(pipe['friction_m'], 'm')} m"],
        [words("local-loss"), f"{figure(pipe['local_m'], 'm')} m"],
        [words("clause"), pipe["clause"]],
    ]


def _meter(option: OptionDoc, words: Words) -> Rows:
    meter = option["meter"]
    return [
        [words("meter"), f"DN{meter['dn']}"],
        [words("meter-type"), meter["type"]],
        [words("meter-q3"), f"{figure(meter['q3_m3h'], 'm3/h')} m³/h"],
        [words("meter-q4"), f"{figure(meter['q4_m3h'], 'm3/h')} m³/h"],
        [words("meter-r"), str(meter["ratio_r"])],
        [words("headloss"), f"{figure(meter['headloss_m'], 'm')} m"],
        [words("clause"), meter["clause"]],
    ]


def _check_facts(option: OptionDoc, words: Words) -> str:
    check = option["check"]
    scenario = words("scenario-peak") if check["scenario"] == "peak" else check["scenario"]
    return " · ".join([
        f"{words('scenario')} {scenario}", f"{words('engine')} {check['engine']}",
        f"{words('converged')} {words.yes(check['converged'])}", f"{words('margin')} {figure(check['margin_m'], 'm')} m",
    ])  # fmt: skip


def pressure_rows(option: OptionDoc, words: Words) -> Rows:
    """Site, tie-in and worst neighbour: point, elevation, before, after, required, unit."""
    return [
        [
            point,
            figure(elevation, "m"),
            figure(before, unit),
            figure(after, unit),
            figure(required, unit),
            unit,
        ]
        for point, elevation, before, after, required, unit in pressure_points(option, words)
    ]


def pressure_points(
    option: OptionDoc, words: Words
) -> list[tuple[str, float | None, float, float, float | None, str]]:
    """The same points as numbers: point, elevation [m], before, after, required, unit of the last three."""
    check, worst = option["check"], option["check"]["worst_neighbour"]
    rows: list[tuple[str, float | None, float, float, float | None, str]] = [
        (words("site"), check["site_elevation_m"], check["site_pressure_before_mpa"], check["site_pressure_after_mpa"],
         check["pressure_required_mpa"], "MPa"),
        (words("tie-in"), None, check["tie_in_pressure_before_mpa"], check["tie_in_pressure_after_mpa"], None, "MPa"),
        (words("tie-in-head"), None, check["tie_in_head_before_m"], check["tie_in_head_after_m"], None, "m"),
    ]  # fmt: skip
    if worst:
        rows.append((f"{words('worst')} {worst['node_id']}", worst["elevation_m"], worst["pressure_before_mpa"],
                     worst["pressure_after_mpa"], check["neighbour_limit_mpa"], "MPa"))  # fmt: skip
    return rows


def _bars(option: OptionDoc, words: Words) -> list[dict[str, Any]]:
    check, worst = option["check"], option["check"]["worst_neighbour"]
    near = ([worst] if worst else []) + [
        n for n in check["most_affected"] if not worst or n["node_id"] != worst["node_id"]
    ]
    bars = [
        (
            words("site"),
            check["site_pressure_before_mpa"],
            check["site_pressure_after_mpa"],
            check["pressure_required_mpa"],
        ),
        (words("tie-in"), check["tie_in_pressure_before_mpa"], check["tie_in_pressure_after_mpa"], None),
        *(
            (n["node_id"], n["pressure_before_mpa"], n["pressure_after_mpa"], check["neighbour_limit_mpa"])
            for n in near[:5]
        ),
    ]
    befores = figures([before for _, before, _, _ in bars], "MPa")
    afters = figures([after for _, _, after, _ in bars], "MPa")
    return [
        {"label": label, "before": before, "after": after, "limit": limit, "before_text": b, "after_text": a}
        for (label, before, after, limit), b, a in zip(bars, befores, afters, strict=True)
    ]


def _neighbours(nodes: Sequence[NeighbourDoc]) -> Rows:
    columns = [
        [node["node_id"] for node in nodes],
        figures([node["elevation_m"] for node in nodes], "m"),
        figures([node["pressure_before_mpa"] for node in nodes], "MPa"),
        figures([node["pressure_after_mpa"] for node in nodes], "MPa"),
        figures([node["pressure_before_m"] for node in nodes], "m"),
        figures([node["pressure_after_m"] for node in nodes], "m"),
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _findings(option: OptionDoc, words: Words) -> list[dict[str, Any]]:
    rows = []
    for f in option["findings"]:
        measured, limit = unlike_figures(f["measured"], f["limit"], f["unit"])
        rows.append({
            "name": f["name"], "clause": f["clause"], "measured": measured, "limit": limit, "unit": pretty_unit(f["unit"]),
            "verdict": f["verdict"], "word": words(f"verdict-{f['verdict']}"),
            "text": f["text"] if words.language == "zh" else f["text_en"],
        })  # fmt: skip
    return rows


def _quote(quote: QuoteDoc, words: Words) -> dict[str, Any]:
    start, end = quote["valid_from"], quote["valid_to"]
    valid = words("valid-range", start=start, end=end) if end else words("valid-open", start=start)
    return {
        "lines": [
            [line["code"], line["name"], line["quantity"], line["unit"], line["price_cny"], line["amount_cny"],
             words(f"payer-{line['payer']}"), words(f"ledger-{line['ledger']}"), line["basis"]]
            for line in quote["lines"]
        ],
        "net": quote["net_cny"], "tax": quote["tax_cny"], "tax_rate": quote["tax_rate"], "total": quote["total_cny"],
        "in_words": f"人民币{capital_cny(quote['total_cny'])}",
        "customer": quote["customer_total_cny"], "utility": quote["utility_total_cny"],
        "catalogue": f"{quote['catalogue']} · {quote['catalogue_note']} · {words('valid')} {valid}",
        "rounding": rounding_words(quote, words),
    }  # fmt: skip


def rounding_words(quote: QuoteDoc, words: Words) -> str:
    """How the quote rounds, as a sentence."""
    return words("rounding-half-up") if quote["rounding"].startswith("ROUND_HALF_UP") else quote["rounding"]


def provenance_rows(scheme: SchemeDoc, words: Words) -> Rows:
    """What the scheme rests on: label and value."""
    made = scheme["provenance"]
    return [
        [words("version"), made["network_version"]],
        [words("source"), made["network_source"]],
        [words("crs"), made["crs"] or "—"],
        *[[words("rules") if i == 0 else "", rule] for i, rule in enumerate(made["rules"])],
        [words("prices"), made["prices"]],
        [words("engine"), made["engine"]],
        [words("software"), made["software"]],
        [words("created"), made["created"]],
        [words("synthetic"), words.yes(made["synthetic"])],
    ]
