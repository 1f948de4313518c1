"""
ConnectionRequest 接水申请: one request for a connection, read strictly from the JSON of the contract.

Numbers may come as text with full-width digits; everything else that does not fit is refused with the field, its
value and what is allowed. What a request leaves out is listed in `assumptions`.
"""

from __future__ import annotations

import csv
import math
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import Polygon, shape

from design.errors import RequestError
from design.request_values import number, optional, refuse_unknown, shown, whole, word
from gis.messages import Language
from gis.units import m3s_from_lps

_NESTED = {
    "site": (
        "position",
        "polygon",
        "elevation_m",
        "storeys",
        "crs",
        "address",
        "parcel_id",
        "soil",
        "groundwater_depth_m",
    ),
    "fire": ("outdoor_lps", "hydrants"),
    "options": ("count",),
}
_CRS = re.compile(r"EPSG:\d{4,6}|GCJ-?02|BD-?09")
_NAME_LENGTH = 200


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
        Fixture code of GB 50015 table 3.2.12 to count; empty when the request gave none.
    design_flow_m3s
        Design flow the applicant states for this use, or None.
    """

    use_type: str | None
    figures: Mapping[str, float] = field(default_factory=dict)
    fixtures: Mapping[str, int] = field(default_factory=dict)
    design_flow_m3s: float | None = None


@dataclass(frozen=True)
class ConnectionRequest:
    """
    A request for a connection.

    Attributes
    ----------
    position_xy
        As given: lon, lat when `crs` is None (CGCS2000 or WGS 84), else x, y of `crs`.
    polygon
        Red line 用地红线 of the site in the same coordinates, or None.
    elevation_m
        Ground level at the site, or None: taken from the terrain.
    storeys
        Highest storey to be supplied.
    assumptions
        Fields the request left out and the program filled: shown with every answer.
    policy_id
        Who pays what, by the id of a policy; None leaves it to the policy of the day.
    soil, groundwater_depth_m
        What the trench is dug in, as the site was surveyed; None where nobody has looked.
    hydrants
        Hydrants the site is to get on its own account.
    document
        The request as it came.
    """

    name: str
    position_xy: tuple[float, float]
    crs: str | None
    polygon: Polygon | None
    elevation_m: float | None
    storeys: int
    uses: tuple[Use, ...]
    outdoor_fire_m3s: float | None
    option_count: int
    assumptions: tuple[str, ...]
    document: Mapping[str, Any]
    policy_id: str | None = None
    soil: str | None = None
    groundwater_depth_m: float | None = None
    hydrants: int = 0

    @property
    def design_flow_m3s(self) -> float | None:
        """Sum of the stated design flows when every use states one, else None."""
        given = [use.design_flow_m3s for use in self.uses]
        return (
            None if any(flow is None for flow in given) else sum(flow for flow in given if flow is not None)
        )


@cache
def use_types() -> dict[str, UseType]:
    """All kinds of use by code, in the order people expect them."""
    return {row["use"]: _use_type(row) for row in _rows("uses.csv")}


@cache
def figure_limits() -> dict[str, tuple[float, float, bool]]:
    """Allowed figures of a use: name to (minimum, maximum, whole number)."""
    return {
        row["figure"]: (float(row["minimum"]), float(row["maximum"]), row["whole"] == "yes")
        for row in _rows("figures.csv")
    }


@cache
def figure_labels(language: Language) -> dict[str, str]:
    """What a person reads for each figure of a use."""
    return {row["figure"]: row[f"label_{language}"] for row in _rows("figures.csv")}


@cache
def request_defaults() -> dict[str, Any]:
    """What is assumed where a request is silent."""
    text = files("design").joinpath("data", "request", "defaults.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def parse_request(document: Mapping[str, Any]) -> ConnectionRequest:
    """
    Read a request document.

    Raises
    ------
    RequestError
        Names the field, its value and what is allowed.
    """
    if not isinstance(document, Mapping):
        raise RequestError("field-wrong-shape", field="request", value=shown(document), allowed="{...}")
    site, fire, options = (_nested(document, key) for key in _NESTED)
    defaults = request_defaults()
    assumptions = [f"site.{key}" for key in ("storeys",) if site.get(key) is None]
    polygon = _polygon(site.get("polygon"))
    return ConnectionRequest(
        name=_name(document.get("name")),
        position_xy=_position(site.get("position"), polygon),
        crs=_crs(site.get("crs", document.get("crs"))),
        polygon=polygon,
        elevation_m=optional(site.get("elevation_m"), "site.elevation_m", limits=(-500.0, 9000.0)),
        storeys=whole(
            site.get("storeys"), "site.storeys", default=defaults["storeys"], high=defaults["storeys_max"]
        ),
        uses=_uses(document.get("use")),
        outdoor_fire_m3s=_flow(optional(fire.get("outdoor_lps"), "fire.outdoor_lps", limits=(0.0, 1000.0))),
        option_count=whole(
            options.get("count"), "options.count", default=defaults["option_count"], high=defaults["option_count_max"]
        ),
        assumptions=tuple(assumptions),
        document=dict(document),
        policy_id=word(document.get("policy"), "policy"),
        soil=word(site.get("soil"), "site.soil"),
        groundwater_depth_m=optional(
            site.get("groundwater_depth_m"), "site.groundwater_depth_m", limits=(0.0, 100.0)
        ),
        hydrants=0 if fire.get("hydrants") is None else int(
            number(fire["hydrants"], "fire.hydrants", limits=(0, 20), whole=True)
        ),
    )  # fmt: skip


def _uses(value: Any) -> tuple[Use, ...]:
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
    limits = figure_limits()
    known = ("type", "fixtures", *limits)
    refuse_unknown(value, known, place)
    figures = {
        key: number(value[key], f"{place}.{key}", limits=limits[key][:2], whole=limits[key][2])
        for key in limits
        if value.get(key) is not None
    }
    flow = figures.pop("design_flow_lps", None)
    fixtures = _fixtures(value.get("fixtures"), f"{place}.fixtures")
    if kind is not None and flow is None:
        _require_size(use_types()[kind], figures, fixtures, place)
    return Use(kind, figures, fixtures, _flow(flow))


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


def _fixtures(value: Any, place: str) -> dict[str, int]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise RequestError("field-wrong-shape", field=place, value=shown(value), allowed='{"wash-basin": 10}')
    refuse_unknown(value, fixture_codes(), place)
    return {
        key: int(number(count, f"{place}.{key}", limits=(0, 200000), whole=True))
        for key, count in value.items()
    }


@cache
def fixture_codes() -> tuple[str, ...]:
    """Fixture codes a request may count: those of GB 50015 table 3.2.12."""
    return tuple(row["fixture"] for row in _rows("gb50015-2019-fixtures.csv", folder="regulations"))


def _polygon(value: Any) -> Polygon | None:
    if value is None:
        return None
    allowed = "GeoJSON Polygon / [[x, y], …]"
    try:
        found = shape(value) if isinstance(value, Mapping) else Polygon(value)
        usable = (
            isinstance(found, Polygon) and found.is_valid and math.isfinite(found.area) and found.area > 0.0
        )
    except (
        ShapelyError,
        TypeError,
        ValueError,
        OverflowError,
        AttributeError,
        KeyError,
        IndexError,
    ) as error:
        raise RequestError(
            "field-wrong-shape", field="site.polygon", value=shown(value), allowed=allowed
        ) from error
    if not usable:
        raise RequestError("field-wrong-shape", field="site.polygon", value=shown(value), allowed=allowed)
    return found


def _position(value: Any, polygon: Polygon | None) -> tuple[float, float]:
    if value is None and polygon is not None:
        point = polygon.representative_point()
        return float(point.x), float(point.y)
    if value is None:
        raise RequestError("field-missing", field="site.position", allowed="[lon, lat]")
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise RequestError(
            "field-wrong-shape", field="site.position", value=shown(value), allowed="[lon, lat]"
        )
    x, y = (number(entry, f"site.position[{i}]", limits=(-1e8, 1e8)) for i, entry in enumerate(value))
    return x, y


def _crs(value: Any) -> str | None:
    if value is None:
        return None
    text = unicodedata.normalize("NFKC", value).strip().upper() if isinstance(value, str) else ""
    if not _CRS.fullmatch(text):
        raise RequestError("field-wrong-shape", field="site.crs", value=shown(value), allowed="EPSG:4548")
    return text


def _name(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RequestError("field-wrong-shape", field="name", value=shown(value), allowed="…")
    kept = "".join(c for c in value if unicodedata.category(c) not in {"Cc", "Cs"} or c == " ")
    return kept.strip()[:_NAME_LENGTH]


def _nested(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    if value is None and key == "site":
        raise RequestError("field-missing", field="site", allowed='{"position": [lon, lat], "storeys": 6}')
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise RequestError("field-wrong-shape", field=key, value=shown(value), allowed="{…}")
    refuse_unknown(value, _NESTED[key], key)
    return value


def _flow(flow_lps: float | None) -> float | None:
    return None if flow_lps is None else m3s_from_lps(flow_lps)


def _known_uses() -> str:
    return ", ".join(use_types())


def _rows(name: str, *, folder: str = "request") -> list[dict[str, str]]:
    with files("design").joinpath("data", folder, name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _use_type(row: Mapping[str, str]) -> UseType:
    return UseType(
        code=row["use"], label_zh=row["label_zh"], label_en=row["label_en"], method=row["method"],
        figures=tuple(part for part in row["figures"].split("|") if part),
        area_per_unit_m2=float(row["area_per_unit_m2"]) if row["area_per_unit_m2"] else None,
        unit_fixture_units=float(row["fixture_units_per_unit"]) if row["fixture_units_per_unit"] else None,
        quota_row=row["quota_row"], alpha_row=row["alpha_row"], dense_row=row["dense_row"], even=row["even"] == "yes",
    )  # fmt: skip
