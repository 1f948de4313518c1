"""The options side by side: one row a property, one column an option; shared by the book and the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.documents.figures import figure
from design.documents.reading import connection_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from design.documents.words import Words
    from design.wire import OptionDoc


def comparison(options: Sequence[OptionDoc], words: Words) -> list[list[str]]:
    """Rows of label and one cell an option, all as text."""
    return [[label, *[cell(option) for option in options]] for label, cell in _properties(words)]


def _properties(words: Words) -> list[tuple[str, Callable[[OptionDoc], str]]]:
    return [
        (words("status"), lambda o: words("feasible" if o["feasible"] else "infeasible")),
        (words("connection"), lambda o: connection_name(o["connection"], words)),
        (words("main"), lambda o: _main(o, words)),
        (words("tie-method"), lambda o: o["connection"]["method_text"]),
        (words("route-length"), lambda o: f"{figure(o['route']['length_m'], 'm')} m"),
        (words("surfaces"), lambda o: _surfaces(o, words)),
        (words("service-pipe"), lambda o: f"dn{o['service_pipe']['dn']} {o['service_pipe']['series']}"),
        (words("velocity"), lambda o: f"{figure(o['service_pipe']['velocity_mps'], 'm/s')} m/s"),
        (words("headloss"), lambda o: f"{figure(o['service_pipe']['headloss_m'], 'm')} m"),
        (words("meter"), lambda o: f"DN{o['meter']['dn']} Q3 {figure(o['meter']['q3_m3h'], 'm3/h')} m³/h"),
        (words("key-pressure"), lambda o: f"{figure(o['check']['site_pressure_after_mpa'], 'MPa')} MPa"),
        (words("required"), lambda o: f"{figure(o['check']['pressure_required_mpa'], 'MPa')} MPa"),
        (words("worst-after"), _worst),
        (words("section-permits"), lambda o: "; ".join(p["name"] for p in o["permits"]) or words("none")),
        (words("key-workdays"), lambda o: words("workdays", days=o["workdays"])),
        (words("key-total"), lambda o: f"{o['quote']['total_cny']} CNY"),
        (words("customer-total"), lambda o: f"{o['quote']['customer_total_cny']} CNY"),
        (words("utility-total"), lambda o: f"{o['quote']['utility_total_cny']} CNY"),
        (words("reasons"), lambda o: " ".join(o["reasons"] if words.language == "zh" else o["reasons_en"])),
    ]


def _main(option: OptionDoc, words: Words) -> str:
    tie = option["connection"]
    return (
        f"{tie['pipe_id'] or '—'} DN{tie['pipe_dn']} {words.code('pipes', 'material', tie['pipe_material'])}"
    )


def _surfaces(option: OptionDoc, words: Words) -> str:
    return "; ".join(
        f"{words.code('*', 'surface', run['surface'])} {figure(run['length_m'], 'm')} m"
        for run in option["route"]["surfaces"]
    )


def _worst(option: OptionDoc) -> str:
    worst = option["check"]["worst_neighbour"]
    return f"{worst['node_id']} {figure(worst['pressure_after_mpa'], 'MPa')} MPa" if worst else "—"
