"""RenewalParameters 更新评估参数: every threshold and weight, from a data file with its source, over it a planner's TOML."""

from __future__ import annotations

import csv
import math
import tomllib
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from design.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class ParameterRow:
    """One row of data/renewal/parameters.csv: what may be set, its default, and who says so."""

    key: str
    value_type: str
    default: str
    minimum: str
    maximum: str
    allowed: tuple[str, ...]
    unit: str
    label_zh: str
    label_en: str
    source: str
    confidence: str

    @property
    def allowed_text(self) -> str:
        """What a person may write, e.g. `0 … 500` or `day | year`."""
        if self.value_type == "date":
            return "YYYY-MM-DD"
        if self.value_type == "texts":
            return '["…", "…"]'
        if self.value_type == "flag":
            return "true | false"
        return " | ".join(self.allowed) or f"{self.minimum} … {self.maximum}"


@dataclass(frozen=True)
class RenewalParameters:
    """
    Settings of assessment and coordination; a field is a key of data/renewal/parameters.csv with `_` for `.`.

    `changed` lists the keys a planner's file set to something else than the default.
    """

    assessment_year_only: str
    assessment_exclude_status: tuple[str, ...]
    assessment_count_pccp_as_cement: bool
    breaks_reach_m: float
    breaks_dn_tolerance_mm: float
    breaks_installed_precision: str
    breaks_known_since: date | None
    breaks_known_until: date | None
    breaks_window_years: int
    breaks_rate_basis: str
    breaks_certain_share: float
    grading_years: int
    hazard_kinds: tuple[str, ...]
    hazard_min_breaks: int
    hazard_window_years: int
    hazard_min_cover_m: float
    hazard_pipe_ids: tuple[str, ...]
    causes_old_age_years: int
    causes_leak_min_breaks: int
    causes_leak_rate_per_km_year: float
    score_material_weight: float
    score_age_weight: float
    score_break_weight: float
    score_leak_weight: float
    score_quality_weight: float
    score_quality_pipe_ids: tuple[str, ...]
    score_age_cap_ratio: float
    score_rate_cap_per_km_year: float
    coordination_horizon_years: int
    coordination_certainties: tuple[str, ...]
    coordination_road_work_reach_m: float
    coordination_renovation_reach_m: float
    coordination_street_width_m: float
    coordination_min_overlap_m: float
    coordination_min_overlap_share: float
    changed: tuple[str, ...] = ()

    def value_of(self, key: str) -> Any:
        """The value of a dotted key."""
        return getattr(self, key.replace(".", "_"))

    def rows(self) -> list[dict[str, Any]]:
        """Every setting with label, unit, source and confidence, for documents."""
        return [
            {
                "key": row.key, "value": _plain(self.value_of(row.key)), "unit": row.unit,
                "label_zh": row.label_zh, "label_en": row.label_en, "source": row.source,
                "confidence": row.confidence, "changed": row.key in self.changed,
            }
            for row in parameter_rows().values()
        ]  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


@cache
def parameter_rows() -> dict[str, ParameterRow]:
    """What may be set, by key, in the order of the data file."""
    with files("design").joinpath("data", "renewal", "parameters.csv").open(encoding="utf-8") as stream:
        return {row["key"]: _parameter_row(row) for row in csv.DictReader(stream)}


def _parameter_row(row: Mapping[str, str]) -> ParameterRow:
    return ParameterRow(
        row["key"], row["type"], row["default"], row["minimum"], row["maximum"],
        tuple(filter(None, row["allowed"].split("|"))), row["unit"], row["label_zh"], row["label_en"],
        row["source"], row["confidence"],
    )  # fmt: skip


def default_parameters() -> RenewalParameters:
    """The shipped settings."""
    return parse_parameters({}, file="-")


def load_parameters(path: Path | None) -> RenewalParameters:
    """
    Settings of a planner's TOML over the shipped ones; None gives the shipped ones.

    Raises
    ------
    RequestError
        The file cannot be read, or a key or value is not allowed: the sentence names both and what is allowed.
    """
    if path is None:
        return default_parameters()
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RequestError("renewal-parameters-unreadable", file=str(path), detail=str(error)) from error
    return parse_parameters(document, file=str(path))


def parse_parameters(document: Mapping[str, Any], *, file: str) -> RenewalParameters:
    """Settings from a parsed document of tables; `file` is only for the sentences of errors."""
    given = _flat(document, file)
    unknown = next((key for key in given if key not in parameter_rows()), None)
    if unknown is not None:
        raise RequestError("renewal-parameter-unknown", file=file, key=unknown, allowed=_near(unknown))
    values = {
        row.key: _checked(given[row.key], row, file) if row.key in given else _default(row)
        for row in parameter_rows().values()
    }
    changed = tuple(key for key in given if values[key] != _default(parameter_rows()[key]))
    named = {key.replace(".", "_"): value for key, value in values.items()}
    return RenewalParameters(**named, changed=changed)


def _flat(document: Mapping[str, Any], file: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for table, content in document.items():
        if not isinstance(content, dict):
            raise RequestError("renewal-parameter-unknown", file=file, key=table, allowed=_near(table))
        flat |= {f"{table}.{name}": value for name, value in content.items()}
    return flat


def _near(key: str) -> str:
    """Keys of the same table, else the tables."""
    keys = list(parameter_rows())
    siblings = [known for known in keys if known.partition(".")[0] == key.partition(".")[0]]
    return ", ".join(siblings or sorted({f"[{known.partition('.')[0]}]" for known in keys}))


def _default(row: ParameterRow) -> Any:
    text = row.default
    if row.value_type == "number":
        return float(text)
    if row.value_type == "integer":
        return int(text)
    if row.value_type == "flag":
        return text == "yes"
    if row.value_type == "date":
        return date.fromisoformat(text) if text else None
    if row.value_type in {"codes", "texts"}:
        return tuple(filter(None, text.split("|")))
    return text


def _checked(value: Any, row: ParameterRow, file: str) -> Any:
    """The value as its type, or RequestError."""
    fitting = _CHECKS[row.value_type](value, row)
    if fitting is None:
        raise RequestError(
            "renewal-parameter-value", file=file, key=row.key, value=repr(value), allowed=row.allowed_text,
            label_zh=row.label_zh, label_en=row.label_en,
        )  # fmt: skip
    return fitting


def _number(value: Any, row: ParameterRow) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if float(row.minimum) <= value <= float(row.maximum) else None


def _integer(value: Any, row: ParameterRow) -> int | None:
    number = _number(value, row)
    return int(number) if number is not None and isinstance(value, int) else None


def _flag(value: Any, row: ParameterRow) -> bool | None:
    return value if isinstance(value, bool) and row.value_type == "flag" else None


def _choice(value: Any, row: ParameterRow) -> str | None:
    return value if isinstance(value, str) and value in row.allowed else None


def _codes(value: Any, row: ParameterRow) -> tuple[str, ...] | None:
    fits = isinstance(value, list) and all(isinstance(v, str) for v in value)
    if not fits or (row.allowed and any(v not in row.allowed for v in value)):
        return None
    return tuple(value)


def _date(value: Any, row: ParameterRow) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime) and row.value_type == "date":
        return value
    return None


_CHECKS: dict[str, Any] = {
    "number": _number, "integer": _integer, "flag": _flag, "choice": _choice, "codes": _codes, "texts": _codes,
    "date": _date,
}  # fmt: skip


def parameter_fields() -> set[str]:
    """Names of the fields that carry a key, for the check that data file and class agree."""
    return {field.name for field in fields(RenewalParameters)} - {"changed"}
