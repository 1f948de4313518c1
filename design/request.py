"""
ConnectionRequest 接水申请: one request for a connection, read strictly from the JSON of the contract.

Numbers may come as text with full-width digits; everything else that does not fit is refused with the field, its
value and what is allowed. What a request leaves out is listed in `assumptions`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import Polygon, shape

from design.asked.fields import (
    code,
    flow_m3s,
    number,
    optional,
    part,
    refuse_unknown,
    shown,
    switch,
    text,
    whole,
    word,
)
from design.asked.pinned import Pin, read_pin
from design.asked.uses import Use, figure_limits, read_uses
from design.asked.wishes import (
    FireAsked,
    MeterAsked,
    Override,
    ServiceAsked,
    SupplyAsked,
    read_fire,
    read_meter,
    read_overrides,
    read_service,
    read_supply,
)
from design.errors import RequestError
from design.sizing.series import all_sizes
from gis.files.shipped import shipped_table

# What may stand at the top of a request. A new part is named here and read below.
TOP = (
    "name", "applicant", "address", "contact", "phone", "note", "crs", "site", "use", "design_flow_lps", "fire",
    "supply", "service", "meter", "options", "overrides", "policy", "replaces", "weights",
    "connection",
)  # fmt: skip
_SITE = (
    "position", "polygon", "elevation_m", "storeys", "crs", "address", "parcel_id", "soil", "groundwater_depth_m",
)  # fmt: skip
_OPTIONS = ("count", "routes", "deduct_meter_and_bfp", "scenarios")
SCENARIO_WORDS = ("usual", "all")
_CRS = re.compile(r"EPSG:\d{4,6}|GCJ-?02|BD-?09")
_NAME_LENGTH = 200


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
    route_count
        Routes of a point of connection that are compared at most.
    stated_flow_m3s
        Design flow stated for the whole site beside its uses, or None.
    deduct_devices
        Whether meter and backflow preventer count against the service head; None leaves it to the rules.
    assumptions
        Fields the request left out and the program filled: shown with every answer.
    policy_id
        Who pays what, by the id of a policy; None leaves it to the policy of the day.
    pin
        Point, route and size an engineer decided on, or None.
    replaces
        Id of the accepted scheme whose place this one is to take, or None.
    soil, groundwater_depth_m
        What the trench is dug in, as the site was surveyed; None where nobody has looked.
    scenarios
        usual: peak hour and fire; all: with the largest source out and low tanks too, which takes longer.
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
    stated_flow_m3s: float | None
    fire: FireAsked
    supply: SupplyAsked
    service: ServiceAsked
    meter: MeterAsked
    option_count: int
    route_count: int
    deduct_devices: bool | None
    overrides: tuple[Override, ...]
    assumptions: tuple[str, ...]
    document: Mapping[str, Any]
    policy_id: str | None = None
    replaces: str | None = None
    pin: Pin | None = None
    soil: str | None = None
    groundwater_depth_m: float | None = None
    scenarios: str = "usual"

    @property
    def hydrants(self) -> int:
        """Hydrants the site is to get on its own account."""
        return self.fire.hydrants

    @property
    def design_flow_m3s(self) -> float | None:
        """Sum of the stated design flows when every use states one, else None."""
        given = [use.design_flow_m3s for use in self.uses]
        return (
            None if any(flow is None for flow in given) else sum(flow for flow in given if flow is not None)
        )


@cache
def request_defaults() -> dict[str, Any]:
    """What is assumed where a request is silent."""
    return shipped_table("design", "request", "defaults.toml")


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
    refuse_unknown(document, TOP, "")
    site, options, defaults = _site(document), part(document, "options", _OPTIONS), request_defaults()
    polygon, series = _polygon(site.get("polygon")), tuple(dict.fromkeys(size.series for size in all_sizes()))
    return ConnectionRequest(
        name=text(document.get("name"), "name", longest=_NAME_LENGTH),
        position_xy=_position(site.get("position"), polygon),
        crs=_crs(site.get("crs", document.get("crs"))),
        polygon=polygon,
        elevation_m=optional(site.get("elevation_m"), "site.elevation_m", limits=(-500.0, 9000.0)),
        storeys=whole(
            site.get("storeys"), "site.storeys", default=defaults["storeys"], high=defaults["storeys_max"]
        ),
        uses=read_uses(document.get("use")),
        stated_flow_m3s=flow_m3s(
            document.get("design_flow_lps"), "design_flow_lps", limits=figure_limits()["design_flow_lps"][:2]
        ),
        fire=read_fire(document),
        supply=read_supply(document),
        service=read_service(document, materials=tuple({size.material for size in all_sizes()}), series=series),
        meter=read_meter(document, types=defaults["meter_types"]),
        option_count=whole(
            options.get("count"), "options.count", default=defaults["option_count"], high=defaults["option_count_max"]
        ),
        route_count=_route_count(options),
        deduct_devices=switch(options.get("deduct_meter_and_bfp"), "options.deduct_meter_and_bfp"),
        scenarios=word(options.get("scenarios"), "options.scenarios", known=SCENARIO_WORDS) or "usual",
        overrides=read_overrides(document.get("overrides")),
        assumptions=tuple(f"site.{key}" for key in ("storeys",) if site.get(key) is None),
        document=dict(document),
        policy_id=code(document.get("policy"), "policy"),
        pin=read_pin(document),
        replaces=code(document.get("replaces"), "replaces"),
        soil=code(site.get("soil"), "site.soil"),
        groundwater_depth_m=optional(
            site.get("groundwater_depth_m"), "site.groundwater_depth_m", limits=(0.0, 100.0)
        ),
    )  # fmt: skip


def _route_count(options: Mapping[str, Any]) -> int:
    known = request_defaults()
    return whole(
        options.get("routes"), "options.routes", default=known["route_count"], high=known["route_count_max"]
    )


def _site(document: Mapping[str, Any]) -> Mapping[str, Any]:
    if document.get("site") is None:
        raise RequestError("field-missing", field="site", allowed='{"position": [lon, lat], "storeys": 6}')
    return part(document, "site", _SITE)


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
    words = unicodedata.normalize("NFKC", value).strip().upper() if isinstance(value, str) else ""
    if not _CRS.fullmatch(words):
        raise RequestError("field-wrong-shape", field="site.crs", value=shown(value), allowed="EPSG:4548")
    return words
