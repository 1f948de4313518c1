"""Rows of the book about one option: tie-in, route, pipe, meter, pressures, findings; each a list of printed cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.figures import figure, figures, unlike_figures
from design.documents.reading import connection_name, pipe_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from design.documents.words import Words
    from design.wire.demand import FindingDoc
    from design.wire.scheme import NeighbourDoc, OptionDoc

Rows = list[list[str]]
_ORDER = {"fail": 0, "warn": 1, "pass": 2}
NEIGHBOURS_SHOWN = 8


def connection_rows(option: OptionDoc, words: Words) -> Rows:
    """The tie-in: what, where, how, at which depth."""
    tie = option["connection"]
    depth = f"{figure(tie['cover_depth_m'], 'm')} m" if tie["cover_depth_m"] is not None else "—"
    return [
        [words("connection"), connection_name(tie, words)],
        [words("main"), main_name(option, words)],
        [words("tie-method"), words.text(tie, "method_text")],
        [words("cover-depth"), depth],
        [words("valve"), tie["valve_id"] or "—"],
        [words("confidence"), words.code("*", "confidence", tie["confidence"])],
    ]


def main_name(option: OptionDoc, words: Words) -> str:
    """Id, size and material of the main that is tapped."""
    tie = option["connection"]
    material = words.code("pipes", "material", tie["pipe_material"])
    return f"{tie['pipe_id'] or '—'} DN{tie['pipe_dn']} {material}"


def pipe_rows(option: OptionDoc, words: Words) -> Rows:
    """The service pipe and its route."""
    pipe, route = option["service_pipe"], option["route"]
    works: Mapping[str, Any] = option.get("works") or {}
    loss = words(
        "headloss-parts", total=figure(pipe["headloss_m"], "m"), friction=figure(pipe["friction_m"], "m"),
        local=figure(pipe["local_m"], "m"),
    )  # fmt: skip
    rows = [
        [words("service-pipe"), pipe_name(pipe, words)],
        [words("route-length"), words("length-basis", length=figure(route["length_m"], "length"), basis=words.text(route, "basis_text"))],
        [words("diameters"), f"{figure(pipe['outer_diameter_mm'], 'mm')} / {figure(pipe['inner_diameter_mm'], 'mm')} mm"],
        [words("velocity"), f"{figure(pipe['velocity_mps'], 'm/s')} m/s"],
        [words("headloss"), loss],
        [words("clause"), words.said(pipe["clause"])],
    ]  # fmt: skip
    if works:
        trench = words(
            "trench-size", width=figure(works["trench_width_m"], "m"), depth=figure(works["trench_depth_m"], "m"),
            bedding=figure(works["bedding_m"], "m"),
        )  # fmt: skip
        rows += [
            [words("profile-cover"), f"{figure(works['cover_depth_m'], 'm')} m"],
            [words("trench"), trench],
        ]
    return rows


def outage_rows(option: OptionDoc, words: Words) -> Rows:
    """What cutting into the main takes: valves to close, who is without water, the notice; empty where nothing is shut."""
    told: Mapping[str, Any] = option.get("outage") or {}
    if not told:
        return []
    shown = words("enumeration-mark").join(str(valve["id"]) for valve in told.get("valves") or [])
    return [
        [words("outage-valves"), shown or "—"],
        [
            words("outage-customers"),
            words(
                "outage-count", customers=told.get("customers_out", 0), dwellings=told.get("dwellings_out", 0)
            ),
        ],
        [words("outage-flow"), f"{figure(told.get('unserved_lps'), 'L/s')} L/s"],
        [words("outage-notice"), words("outage-hours", hours=figure(told.get("notice_hours"), "mm"))],
    ]


def surface_rows(option: OptionDoc, words: Words) -> Rows:
    """What the route runs through, from tie-in to site."""
    return [
        [words.code("*", "surface", run["surface"]), run.get("road_name") or "—",
         words.code("streets", "road_class", run.get("road_class")), figure(run["length_m"], "length")]
        for run in option["route"]["surfaces"]
    ]  # fmt: skip


def meter_rows(option: OptionDoc, words: Words) -> Rows:
    """The meter."""
    meter = option["meter"]
    q3, q4 = (figure(meter[key], "m3/h") for key in ("q3_m3h", "q4_m3h"))
    flows = words("meter-figures", q3=q3, q4=q4, ratio=meter["ratio_r"])
    return [
        [words("meter"), f"DN{meter['dn']} {words.text(meter, 'type')}"],
        [words("meter-flows"), flows],
        [words("headloss"), f"{figure(meter['headloss_m'], 'm')} m"],
        [words("clause"), words.said(meter["clause"])],
    ]  # fmt: skip


def pressure_rows(option: OptionDoc, words: Words) -> Rows:
    """Site, tie-in and worst neighbour: point, elevation, before, after, required, unit."""
    rows = []
    for point, elevation, before, after, required, unit in pressure_points(option, words):
        one, other = figures([before, after], unit)
        rows.append([point, figure(elevation, "m"), one, other, figure(required, unit), unit])
    return rows


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


def neighbour_rows(nodes: Sequence[NeighbourDoc]) -> Rows:
    """The nodes that lose most, a handful: elevation, pressures before and after."""
    shown = nodes[:NEIGHBOURS_SHOWN]
    columns = [
        [node["node_id"] for node in shown],
        figures([node["elevation_m"] for node in shown], "m"),
        figures([node["pressure_before_mpa"] for node in shown], "MPa"),
        figures([node["pressure_after_mpa"] for node in shown], "MPa"),
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def check_facts(option: OptionDoc, words: Words) -> str:
    """Scenario, engine, convergence, margin: one line."""
    check = option["check"]
    scenario = words("scenario-peak") if check["scenario"] == "peak" else check["scenario"]
    return " · ".join([
        f"{words('scenario')}: {scenario}", f"{words('engine')}: {check['engine']}",
        f"{words('converged')}: {words.yes(check['converged'])}", f"{words('margin')}: {figure(check['margin_m'], 'm')} m",
    ])  # fmt: skip


def finding_rows(option: OptionDoc, words: Words) -> list[dict[str, Any]]:
    """Every rule that was applied, what fails first."""
    rows = []
    for found in sorted(option["findings"], key=lambda f: _ORDER.get(f["verdict"], 3)):
        measured, limit, unit = _measured(found, words)
        override: Mapping[str, Any] | None = found.get("override")
        rows.append({
            "name": words.text(found, "name"), "clause": words.clause(found["clause"]), "measured": measured, "limit": limit,
            "unit": unit, "verdict": found["verdict"], "word": words(f"verdict-{found['verdict']}"),
            "text": words.text(found, "text"), "confidence": words.confidence(found["confidence"]),
            "override": words("override-line", reason=override["reason"], by=override["by"]) if override else "",
        })  # fmt: skip
    return rows


def _measured(found: FindingDoc, words: Words) -> tuple[str, str, str]:
    """Measured, limit and unit as printed; a share in percent."""
    unit, factor = ("%", 100.0) if found["unit"] == "share" else (found["unit"], 1.0)
    measured, limit = unlike_figures(found["measured"] * factor, found["limit"] * factor, unit)
    return measured, limit, words.said(words.unit(unit))


def permit_rows(option: OptionDoc, words: Words) -> Rows:
    """Permits the route needs."""
    return [
        [words.text(p, "name"), words.text(p, "authority"), figure(p["area_m2"], "m2"), figure(p["length_m"], "length"),
         str(p["workdays"]), words.text(p, "basis")]
        for p in option["permits"]
    ]  # fmt: skip


def assembly_rows(option: OptionDoc, words: Words) -> Rows:
    """Standard details: name, drawing number, count, why."""
    return [
        [words.text(a, "name"), words.text(a, "drawing"), str(a["count"]), words.text(a, "reason")]
        for a in option["assemblies"]
    ]
