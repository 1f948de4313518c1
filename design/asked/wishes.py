"""What a request says of fire, supply, pipe and meter, and which rules an engineer overrides with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from design.asked.fields import (
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
from design.errors import RequestError
from gis.units import head_m_from_mpa

if TYPE_CHECKING:
    from design.wire.demand import Verdict

FIRE_BUILDINGS = (
    "residential", "public", "underground", "factory-ab", "factory-c", "factory-de", "warehouse-ab", "warehouse-c",
    "warehouse-de",
)  # fmt: skip
SUPPLY_MODES = ("auto", "direct", "boost", "tank", "mixed")
LOCAL_LOSSES = ("fittings", "share")
VERDICTS: tuple[Verdict, ...] = ("pass", "warn", "fail")
_FIRE = (
    "outdoor_lps", "indoor_lps", "building", "volume_m3", "floor_area_m2", "height_m", "resistance", "duration_h",
    "important", "hydrants",
)  # fmt: skip
_SUPPLY = ("mode", "direct_storeys", "storey_height_m", "important", "inlets", "vessel", "prv_mpa")
_SERVICE = ("material", "series", "local_loss", "max_headloss_m", "max_velocity_mps")
_METER = ("type", "ratio_r", "passes_fire")
_OVERRIDE = ("rule", "value", "verdict", "reason", "by")
_REASON_LENGTH, _BY_LENGTH, _MOST_STOREYS = 500, 60, 200


@dataclass(frozen=True)
class FireAsked:
    """
    What the request says of fire.

    `resistance` is the fire resistance class 耐火等级 (1 and 2 share a table, 3 has its own); `important` asks for the
    longer duration of GB 50974 table 3.6.2; `hydrants` are those the site is to get on its own account.
    """

    outdoor_m3s: float | None = None
    indoor_m3s: float | None = None
    building: str | None = None
    volume_m3: float | None = None
    floor_area_m2: float | None = None
    height_m: float | None = None
    resistance: int = 2
    duration_h: float | None = None
    important: bool = False
    hydrants: int = 0

    @property
    def is_asked(self) -> bool:
        """The request names a building for the table of fire flows."""
        return self.building is not None or self.volume_m3 is not None or self.floor_area_m2 is not None


@dataclass(frozen=True)
class SupplyAsked:
    """
    How the building is to be supplied: `auto` lets the pressure decide.

    `vessel` says that a closed pressure vessel (hot water unit, boiler) is fed directly; `prv_m` is the head a pressure
    reducer at the inlet is set to.
    """

    mode: str = "auto"
    direct_storeys: int | None = None
    storey_height_m: float | None = None
    important: bool = False
    inlets: int | None = None
    vessel: bool = False
    prv_m: float | None = None


@dataclass(frozen=True)
class ServiceAsked:
    """What the applicant or the utility wants the service pipe to be; None leaves it to the rules."""

    material: str | None = None
    series: str | None = None
    local_loss: str | None = None
    max_headloss_m: float | None = None
    max_velocity_mps: float | None = None


@dataclass(frozen=True)
class MeterAsked:
    """What the meter is to be; None leaves it to the rules."""

    meter_type: str | None = None
    ratio_r: int | None = None
    passes_fire: bool | None = None


@dataclass(frozen=True)
class Override:
    """
    One rule that an engineer sets aside for one scheme, with the reason.

    `rule` is a rule id, for a verdict also `rule/kind` of one finding; exactly one of `value` and `verdict` is set.
    """

    rule: str
    value: float | None
    verdict: Verdict | None
    reason: str
    by: str


def read_fire(document: Mapping[str, Any]) -> FireAsked:
    """The `fire` part of a request."""
    fire = part(document, "fire", _FIRE)
    big, flows = (1.0, 1e8), (0.0, 1000.0)
    return FireAsked(
        flow_m3s(fire.get("outdoor_lps"), "fire.outdoor_lps", limits=flows),
        flow_m3s(fire.get("indoor_lps"), "fire.indoor_lps", limits=flows),
        word(fire.get("building"), "fire.building", known=FIRE_BUILDINGS),
        optional(fire.get("volume_m3"), "fire.volume_m3", limits=big),
        optional(fire.get("floor_area_m2"), "fire.floor_area_m2", limits=big),
        optional(fire.get("height_m"), "fire.height_m", limits=(1.0, 1000.0)),
        whole(fire.get("resistance"), "fire.resistance", default=2, high=3),
        optional(fire.get("duration_h"), "fire.duration_h", limits=(0.25, 24.0)),
        bool(switch(fire.get("important"), "fire.important")),
        0 if fire.get("hydrants") is None else int(number(fire["hydrants"], "fire.hydrants", limits=(0, 20), whole=True)),
    )  # fmt: skip


def read_supply(document: Mapping[str, Any]) -> SupplyAsked:
    """The `supply` part of a request."""
    supply = part(document, "supply", _SUPPLY)
    count, storeys = supply.get("inlets"), supply.get("direct_storeys")
    set_mpa = optional(supply.get("prv_mpa"), "supply.prv_mpa", limits=(0.05, 1.6))
    return SupplyAsked(
        word(supply.get("mode"), "supply.mode", known=SUPPLY_MODES) or "auto",
        None if storeys is None else whole(storeys, "supply.direct_storeys", default=1, high=_MOST_STOREYS),
        optional(supply.get("storey_height_m"), "supply.storey_height_m", limits=(2.0, 12.0)),
        bool(switch(supply.get("important"), "supply.important")),
        None if count is None else whole(count, "supply.inlets", default=1, high=2),
        bool(switch(supply.get("vessel"), "supply.vessel")),
        None if set_mpa is None else head_m_from_mpa(set_mpa),
    )  # fmt: skip


def read_service(
    document: Mapping[str, Any], *, materials: Sequence[str], series: Sequence[str]
) -> ServiceAsked:
    """The `service` part of a request: series and materials that are made."""
    service = part(document, "service", _SERVICE)
    return ServiceAsked(
        word(service.get("material"), "service.material", known=materials),
        word(service.get("series"), "service.series", known=series),
        word(service.get("local_loss"), "service.local_loss", known=LOCAL_LOSSES),
        optional(service.get("max_headloss_m"), "service.max_headloss_m", limits=(0.01, 200.0)),
        optional(service.get("max_velocity_mps"), "service.max_velocity_mps", limits=(0.1, 5.0)),
    )  # fmt: skip


def read_meter(document: Mapping[str, Any], *, types: Sequence[str]) -> MeterAsked:
    """The `meter` part of a request."""
    meter = part(document, "meter", _METER)
    ratio = meter.get("ratio_r")
    return MeterAsked(
        word(meter.get("type"), "meter.type", known=types),
        None if ratio is None else int(number(ratio, "meter.ratio_r", limits=(40, 1000), whole=True)),
        switch(meter.get("passes_fire"), "meter.passes_fire"),
    )


def read_overrides(value: Any) -> tuple[Override, ...]:
    """
    The overrides of a request.

    Raises
    ------
    RequestError
        `override-reason`: one without a reason; `override-what`: neither or both of value and verdict.
    """
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise RequestError(
            "field-wrong-shape", field="overrides", value=shown(value), allowed='[{"rule": …}]'
        )
    return tuple(_override(entry, f"overrides[{position}]") for position, entry in enumerate(value))


def _override(value: Any, place: str) -> Override:
    if not isinstance(value, Mapping):
        raise RequestError("field-wrong-shape", field=place, value=shown(value), allowed='{"rule": …}')
    refuse_unknown(value, _OVERRIDE, place)
    rule = text(value.get("rule"), f"{place}.rule", longest=_REASON_LENGTH)
    if not rule:
        raise RequestError(
            "field-missing", field=f"{place}.rule", allowed="service-velocity, cover-footway, …"
        )
    reason = text(value.get("reason"), f"{place}.reason", longest=_REASON_LENGTH)
    if not reason:
        raise RequestError("override-reason", field=f"{place}.reason", rule=rule)
    if (value.get("value") is None) == (value.get("verdict") is None):
        raise RequestError("override-what", field=place, rule=rule)
    given = value.get("value")
    said = word(value.get("verdict"), f"{place}.verdict", known=VERDICTS)
    return Override(
        rule, None if given is None else number(float(given) if isinstance(given, bool) else given, f"{place}.value", limits=(-1e6, 1e9)),
        next((known for known in VERDICTS if known == said), None), reason,
        text(value.get("by"), f"{place}.by", longest=_BY_LENGTH),
    )  # fmt: skip
