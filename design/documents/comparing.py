"""The options side by side: one row a property, one column an option; shared by the book and the workbook."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from design.documents.figures import figure
from design.documents.reading import connection_name, pipe_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from design.documents.words import Words
    from design.wire.scheme import OptionDoc

Value = str | int | float | Decimal


@dataclass(frozen=True)
class Property:
    """One row: its label, the unit of its figures (empty for words), and where an option keeps it."""

    label: str
    unit: str
    read: Callable[[OptionDoc], Value]


def comparison(options: Sequence[OptionDoc], words: Words) -> list[list[str]]:
    """Rows of label and one cell an option, all as printed."""
    return [
        [row.label, *[printed(row.read(option), row.unit, words) for option in options]]
        for row in properties(words)
    ]


def printed(value: Value, unit: str, words: Words) -> str:
    """A value with its unit, as printed."""
    if isinstance(value, str):
        return value
    told = f"{value:,.2f}" if unit == "CNY" else figure(value, unit)
    return f"{told} {words.unit(unit)}".strip()


def properties(words: Words) -> list[Property]:
    """What is compared, in reading order."""
    return [
        Property(words("status"), "", lambda o: words("feasible" if o["feasible"] else "infeasible")),
        Property(words("connection"), "", lambda o: connection_name(o["connection"], words)),
        Property(words("main"), "", lambda o: _main(o, words)),
        Property(words("tie-method"), "", lambda o: words.text(o["connection"], "method_text")),
        Property(words("route-length"), "m", lambda o: o["route"]["length_m"]),
        Property(words("way"), "", lambda o: way_words(o["route"], words)),
        Property(words("surfaces"), "", lambda o: _surfaces(o, words)),
        Property(words("service-pipe"), "", lambda o: pipe_name(o["service_pipe"], words)),
        Property(words("velocity"), "m/s", lambda o: o["service_pipe"]["velocity_mps"]),
        Property(words("headloss"), "m", lambda o: o["service_pipe"]["headloss_m"]),
        Property(words("meter"), "", lambda o: f"DN{o['meter']['dn']}"),
        Property(words("meter-q3"), "m3/h", lambda o: o["meter"]["q3_m3h"]),
        Property(words("key-pressure"), "MPa", lambda o: o["check"]["site_pressure_after_mpa"]),
        Property(words("required"), "MPa", lambda o: o["check"]["pressure_required_mpa"]),
        Property(words("worst-after"), "MPa", _worst),
        Property(words("section-permits"), "", lambda o: "; ".join(words.text(p, "name") for p in o["permits"]) or words("none")),
        Property(words("key-workdays"), words("days"), lambda o: o["workdays"]),
        Property(words("key-total"), "CNY", lambda o: Decimal(o["quote"]["total_cny"])),
        Property(words("customer-total"), "CNY", lambda o: Decimal(o["quote"]["customer_total_cny"])),
        Property(words("utility-total"), "CNY", lambda o: Decimal(o["quote"]["utility_total_cny"])),
        *_score(words),
        Property(words("reasons"), "", lambda o: words("list-mark").join(words.texts(o, "reasons"))),
    ]  # fmt: skip


def _score(words: Words) -> list[Property]:
    """What the options are weighed at, part by part, and the sum by which they are ranked."""

    def part(name: str) -> Callable[[OptionDoc], Value]:
        return lambda o: "—" if o.get("score") is None else Decimal(str(o["score"]["parts"].get(name, 0.0)))  # type: ignore[index]

    def total(option: OptionDoc) -> Value:
        score = option.get("score")
        return "—" if score is None else Decimal(str(score["total"]))

    parts = [
        Property(words(f"score-{name}"), "CNY", part(name))
        for name in ("cost", "pressure", "digging", "days", "risk")
    ]
    return [*parts, Property(words("score-total"), "CNY", total)]


def way_words(way: Mapping[str, Any], words: Words) -> str:
    """Which of its point's routes it is, and how it runs; a dash where the scheme does not say."""
    told = [words.text(way, "asked_text"), words.text(way, "how")]
    return words("clause-mark").join(dict.fromkeys(part for part in told if part)) or "—"


def _main(option: OptionDoc, words: Words) -> str:
    tie = option["connection"]
    return (
        f"{tie['pipe_id'] or '—'} DN{tie['pipe_dn']} {words.code('pipes', 'material', tie['pipe_material'])}"
    )


def _surfaces(option: OptionDoc, words: Words) -> str:
    return "; ".join(
        f"{words.code('*', 'surface', run['surface'])} {figure(run['length_m'], 'length')} m"
        for run in option["route"]["surfaces"]
    )


def _worst(option: OptionDoc) -> Value:
    worst = option["check"]["worst_neighbour"]
    return worst["pressure_after_mpa"] if worst else "—"
