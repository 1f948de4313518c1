"""What the record of a pump, valve or tank suffices for; what it lacks is an issue that names field and way out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gis.equipment.curves import Curve, curve_of, is_pump_curve
from gis.issues import DataIssue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.errors import Param

REGULATING = ("PRV", "PSV", "PBV", "FCV", "TCV", "GPV")
CHECK = "check"
_SETTINGS = {
    "PRV": "setting_mpa", "PSV": "setting_mpa", "PBV": "setting_mpa", "FCV": "setting_flow_m3s", "TCV": "loss_k",
    "GPV": "curve",
}  # fmt: skip
_CUBIC_METRE_L = 1000.0
_MOST_FLOW_M3S, _MOST_MPA = 10.0, 4.0  # more is a figure in another unit


@dataclass(frozen=True)
class PumpRecord:
    """
    A pump as far as its record goes.

    Attributes
    ----------
    lift
        Head curve [L/s, m], or power put into the water [kW]; None where the record has neither.
    held_head_m
        Total head that it keeps on its delivery side (constant pressure, or all that is known); None where it keeps none.
    """

    lift: Curve | float | None
    speed_ratio: float
    is_off: bool
    held_head_m: float | None
    issues: tuple[DataIssue, ...] = ()


@dataclass(frozen=True)
class ValveRecord:
    """
    A check or regulating valve as far as its record goes.

    Attributes
    ----------
    setting
        MPa, m3/s, loss coefficient or curve by kind; None where it is not known: the valve then counts as open.
    diameter_m
        Its bore; None where not known.
    """

    kind: str
    setting: float | Curve | None
    loss_k: float
    is_closed: bool
    diameter_m: float | None
    issues: tuple[DataIssue, ...] = ()


@dataclass(frozen=True)
class TankRecord:
    """A tank: level of its bottom, depths above that, all in metres."""

    bottom_m: float
    depth_m: float
    min_depth_m: float
    max_depth_m: float
    diameter_m: float
    can_overflow: bool


@dataclass
class _Doubts:
    """Issues of one record."""

    layer: str
    subject: str
    at: tuple[float, float] | None
    found: list[DataIssue] = field(default_factory=list)

    def tell(self, what: str, **params: Param) -> None:
        self.found.append(DataIssue(what, "warning", self.layer, self.subject, self.at, params))


def figure(value: Any) -> float | None:
    """Give a number, None for a blank."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def place_of(row: Mapping[str, Any]) -> tuple[float, float] | None:
    """Give where a row is drawn."""
    shape = row.get("geometry")
    return None if shape is None or shape.is_empty else (float(shape.x), float(shape.y))


def pump_record(row: Mapping[str, Any]) -> PumpRecord:
    """Read a row of the pumps."""
    doubts = _Doubts("pumps", str(row["pump_id"]), place_of(row))
    is_off, held = row["state"] == "off", figure(row["outlet_head_m"])
    lift = _lift(row, doubts)
    speed = figure(row["speed_ratio"])
    if speed is not None and speed <= 0.0:
        doubts.tell("pump-speed", attribute="speed_ratio", value=speed)
        speed = None
    if is_off:
        return PumpRecord(lift, speed or 1.0, True, None)
    if lift is None:
        doubts.tell(
            "pump-without-curve" if held is not None else "pump-without-figures", attribute="rated_head_m"
        )
        return PumpRecord(None, 1.0, False, held, tuple(doubts.found))
    keeps = row["control"] == "constant-pressure"
    if keeps and held is None:
        doubts.tell("pump-without-setting", attribute="outlet_head_m")
    return PumpRecord(lift, speed or 1.0, False, held if keeps else None, tuple(doubts.found))


def _lift(row: Mapping[str, Any], doubts: _Doubts) -> Curve | float | None:
    text = row["curve"]
    if isinstance(text, str) and text.strip():
        curve = curve_of(text)
        if curve is not None and is_pump_curve(curve):
            return curve
        doubts.tell("pump-curve-unreadable", attribute="curve", value=text[:60])
    flow_m3s, head_m, power_kw = (
        figure(row[name]) for name in ("rated_flow_m3s", "rated_head_m", "power_kw")
    )
    if flow_m3s and flow_m3s > _MOST_FLOW_M3S:
        doubts.tell("pump-flow-unlikely", attribute="rated_flow_m3s", value=flow_m3s)
        flow_m3s = None
    if flow_m3s and head_m and flow_m3s > 0.0 and head_m > 0.0:
        return ((flow_m3s * _CUBIC_METRE_L, head_m),)
    return power_kw if power_kw and power_kw > 0.0 else None


def valve_record(row: Mapping[str, Any]) -> ValveRecord:
    """Read a row of the valves whose kind is `check` or one of `REGULATING`."""
    kind, is_closed = str(row["kind"]), row["state"] == "closed"
    doubts = _Doubts("valves", str(row["valve_id"]), place_of(row))
    bore_m, dn = figure(row["inner_diameter_m"]), figure(row["dn"])
    diameter_m = bore_m if bore_m and bore_m > 0.0 else dn / 1000.0 if dn and dn > 0.0 else None
    loss_k = max(figure(row["loss_k"]) or 0.0, 0.0)
    if kind == CHECK:
        return ValveRecord(kind, None, loss_k, is_closed, diameter_m)
    name = _SETTINGS[kind]
    setting: float | Curve | None = curve_of(row[name]) if kind == "GPV" else figure(row[name])
    if name == "setting_mpa" and isinstance(setting, float) and setting > _MOST_MPA:
        doubts.tell("valve-setting-unlikely", attribute=name, value=setting, kind=kind)
        return ValveRecord(kind, None, loss_k, is_closed, diameter_m, tuple(doubts.found))
    if setting is None or (not isinstance(setting, tuple) and setting < 0.0):
        setting = None
        if not is_closed:
            doubts.tell("valve-without-setting", attribute=name, kind=kind)
    return ValveRecord(
        kind, setting, 0.0 if kind == "TCV" else loss_k, is_closed, diameter_m, tuple(doubts.found)
    )


_DEPTHS = ("bottom_m", "min_depth_m", "max_depth_m")
_PLAIN_TANK_M = 10.0  # a diameter changes no head of one hour


def tank_record(row: Mapping[str, Any]) -> TankRecord | DataIssue | None:
    """Read a source; None for one that is no tank, an issue for a tank whose record does not suffice."""
    if row["kind"] != "tank":
        return None
    bottom_m, low_m, high_m = (figure(row[name]) for name in _DEPTHS)
    head_m, depth_m = figure(row["head_m"]), figure(row["depth_m"])
    if depth_m is None and head_m is not None and bottom_m is not None:
        depth_m = head_m - bottom_m

    def doubt(kind: str, **params: Param) -> DataIssue:
        return DataIssue(kind, "warning", "sources", str(row["source_id"]), place_of(row), params)

    if depth_m is None or bottom_m is None or low_m is None or high_m is None:
        known = zip(("depth_m", *_DEPTHS), (depth_m, bottom_m, low_m, high_m), strict=True)
        return doubt(
            "tank-without-levels", attribute=[name for name, figure_m in known if figure_m is None][-1]
        )
    if not 0.0 <= low_m < high_m or not low_m - _NEAR_M <= depth_m <= high_m + _NEAR_M:
        return doubt(
            "tank-levels-contradict",
            depth_m=round(depth_m, 3),
            min_depth_m=round(low_m, 3),
            max_depth_m=round(high_m, 3),
        )
    diameter_m = figure(row["diameter_m"]) or _PLAIN_TANK_M
    depth_m = min(max(depth_m, low_m), high_m)
    return TankRecord(bottom_m, depth_m, low_m, high_m, diameter_m, row["overflow"] == "yes")


_NEAR_M = 0.005
