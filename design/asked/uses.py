"""Use 用途: what one part of the site is used for, how large it is, and what the applicant states of its flow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from design.asked.fields import flow_m3s, number, refuse_unknown, rows, shown, text, word
from design.errors import RequestError
from gis.messages import Language

_LABEL_LENGTH = 60
_MOST_FIXTURES = 200000
_HOURS, _SLACK = 24, 0.005


@dataclass(frozen=True)
class UseType:
    """One row of data/request/uses.csv: how a kind of use is computed and which figures it takes."""

    code: str
    label_zh: str
    label_en: str
    method: str
    figures: tuple[str, ...]
    area_per_unit_m2: float | None
    unit_fixture_units: float | None
    quota_row: str
    alpha_row: str
    dense_row: str
    even: bool
    pattern: str


@dataclass(frozen=True)
class Use:
    """
    One use on the site.

    Attributes
    ----------
    use_type
        Code of data/request/uses.csv, or None for a use known by its design flow only.
    figures
        What the request gave, by the names of data/request/figures.csv, in the units of those names.
    fixtures
        Fixture code of GB 50015 table 3.2.12, or kitchen equipment, to count; empty when the request gave none.
    fixture_flows_lps
        Rated flow of those fixtures whose flow the request gave: equipment by its maker.
    design_flow_m3s
        Design flow the applicant states for this use, or None.
    words
        Figures that are words: zone and size of the city.
    label
        What the applicant calls this part, "" for nothing.
    hourly_share
        Share of the day's water in each of its 24 hours, as measured; empty where the request gave none.
    """

    use_type: str | None
    figures: Mapping[str, float] = field(default_factory=dict)
    fixtures: Mapping[str, int] = field(default_factory=dict)
    design_flow_m3s: float | None = None
    fixture_flows_lps: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    hourly_share: tuple[float, ...] = ()


@cache
def use_types() -> dict[str, UseType]:
    """All kinds of use by code, in the order people expect them."""
    return {row["use"]: _use_type(row) for row in rows("uses.csv")}


@cache
def figure_limits() -> dict[str, tuple[float, float, bool]]:
    """Allowed figures of a use: name to (minimum, maximum, whole number)."""
    return {
        row["figure"]: (float(row["minimum"]), float(row["maximum"]), row["whole"] == "yes")
        for row in rows("figures.csv")
    }


@cache
def figure_labels(language: Language) -> dict[str, str]:
    """What a person reads for each figure of a use."""
    return {row["figure"]: row[f"label_{language}"] for row in rows("figures.csv")}


@cache
def field_labels(language: Language) -> dict[str, str]:
    """What a person reads for each other field of a request, by `part.field`."""
    return {row["field"]: row[f"label_{language}"] for row in rows("fields.csv")}


@cache
def value_labels(language: Language) -> dict[str, str]:
    """What a person reads for the words a field may have."""
    return {row["value"]: row[f"label_{language}"] for row in rows("values.csv")}


@cache
def fixture_labels() -> dict[str, str]:
    """Names of the fixtures a request may count."""
    return {
        row["fixture"]: row["label_zh"] for row in rows("gb50015-2019-fixtures.csv", folder="regulations")
    }


@cache
def figure_words() -> dict[str, tuple[str, ...]]:
    """Figures of a use that are words, with the words allowed."""
    return {row["figure"]: tuple(row["words"].split("|")) for row in rows("words.csv")}


@cache
def fixture_codes() -> tuple[str, ...]:
    """Fixture codes a request may count: those of GB 50015 table 3.2.12 and kitchen equipment."""
    return tuple(row["fixture"] for row in rows("gb50015-2019-fixtures.csv", folder="regulations"))


def read_uses(value: Any) -> tuple[Use, ...]:
    """
    All uses of a request: one object or a list of them.

    Raises
    ------
    RequestError
        Names the field, its value and what is allowed.
    """
    if value is None:
        raise RequestError("field-missing", field="use", allowed=_known_uses())
    if isinstance(value, Mapping):
        return (_use(value, "use"),)
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return tuple(_use(entry, f"use[{position}]") for position, entry in enumerate(value))
    raise RequestError("field-wrong-shape", field="use", value=shown(value), allowed='{"type": …}, […]')


def _use(value: Any, place: str) -> Use:
    if not isinstance(value, Mapping):
        raise RequestError("field-wrong-shape", field=place, value=shown(value), allowed='{"type": …}')
    kind = _kind(value.get("type"), place, flow_given=value.get("design_flow_lps") is not None)
    limits, words = figure_limits(), figure_words()
    refuse_unknown(value, ("type", "label", "fixtures", "hourly_pattern", *limits, *words), place)
    figures = {
        key: number(value[key], f"{place}.{key}", limits=limits[key][:2], whole=limits[key][2])
        for key in limits
        if value.get(key) is not None
    }
    flow = figures.pop("design_flow_lps", None)
    fixtures, flows_lps = _fixtures(value.get("fixtures"), f"{place}.fixtures")
    if kind is not None and flow is None:
        _require_size(use_types()[kind], figures, fixtures, place)
    return Use(
        kind, figures, fixtures, flow_m3s(flow, place, limits=limits["design_flow_lps"][:2]), flows_lps,
        {key: said for key in words if (said := word(value.get(key), f"{place}.{key}", known=words[key]))},
        text(value.get("label"), f"{place}.label", longest=_LABEL_LENGTH),
        _hourly(value.get("hourly_pattern"), f"{place}.hourly_pattern"),
    )  # fmt: skip


def _kind(value: Any, place: str, *, flow_given: bool) -> str | None:
    if value is None and flow_given:
        return None
    if value is None:
        raise RequestError("field-missing", field=f"{place}.type", allowed=_known_uses())
    if not isinstance(value, str) or value not in use_types():
        raise RequestError("use-unknown", field=f"{place}.type", value=shown(value), known=_known_uses())
    return value


def _require_size(
    kind: UseType, figures: Mapping[str, float], fixtures: Mapping[str, int], place: str
) -> None:
    """A use needs one figure that says how large it is; fixtures alone do for flows by fixtures."""
    enough = {*kind.figures, *(("area_m2",) if kind.area_per_unit_m2 else ())}
    if kind.method in {"alpha", "dense"}:
        enough |= {"fixture_units"} if kind.method == "alpha" else set()
        if fixtures:
            return
    if not enough & set(figures):
        wanted = sorted(enough | ({"fixtures"} if kind.method in {"alpha", "dense"} else set()))
        raise RequestError("field-missing", field=f"{place}.{kind.figures[0] if kind.figures else 'fixture_units'}",
                           allowed=", ".join(wanted))  # fmt: skip


def _fixtures(value: Any, place: str) -> tuple[dict[str, int], dict[str, float]]:
    """Counts and given flows [L/s]: `{"wash-basin": 10, "boiling-pan": {"count": 2, "flow_lps": 0.3}}`."""
    if value is None:
        return {}, {}
    if not isinstance(value, Mapping):
        raise RequestError("field-wrong-shape", field=place, value=shown(value), allowed='{"wash-basin": 10}')
    refuse_unknown(value, fixture_codes(), place)
    counts: dict[str, int] = {}
    flows_lps: dict[str, float] = {}
    for key, entry in value.items():
        where = f"{place}.{key}"
        if isinstance(entry, Mapping):
            refuse_unknown(entry, ("count", "flow_lps"), where)
            if entry.get("flow_lps") is not None:
                flows_lps[key] = number(entry["flow_lps"], f"{where}.flow_lps", limits=(0.001, 100.0))
            entry, where = entry.get("count"), f"{where}.count"
        counts[key] = int(number(entry, where, limits=(0, _MOST_FIXTURES), whole=True))
    return counts, flows_lps


def _hourly(value: Any, place: str) -> tuple[float, ...]:
    """A measured day: 24 shares that add up to 1, 24 or 100; anything else is a slip and refused with its sum."""
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != _HOURS:
        raise RequestError("field-wrong-shape", field=place, value=shown(value), allowed="[24 × …]")
    shares = [number(entry, f"{place}[{hour}]", limits=(0.0, 1e4)) for hour, entry in enumerate(value)]
    total = math.fsum(shares)
    if not any(abs(total - whole) <= _SLACK * whole for whole in (1.0, 24.0, 100.0)):
        raise RequestError("pattern-sum", field=place, total=round(total, 4))
    return tuple(share / total for share in shares)


def _known_uses() -> str:
    return ", ".join(use_types())


def _use_type(row: Mapping[str, str]) -> UseType:
    return UseType(
        code=row["use"], label_zh=row["label_zh"], label_en=row["label_en"], method=row["method"],
        figures=tuple(name for name in row["figures"].split("|") if name),
        area_per_unit_m2=float(row["area_per_unit_m2"]) if row["area_per_unit_m2"] else None,
        unit_fixture_units=float(row["fixture_units_per_unit"]) if row["fixture_units_per_unit"] else None,
        quota_row=row["quota_row"], alpha_row=row["alpha_row"], dense_row=row["dense_row"], even=row["even"] == "yes",
        pattern=row["pattern"],
    )  # fmt: skip
