"""Pumps and tanks 二次供水设备 as quantities: pumps by flow and lift, tanks by volume, each with what belongs to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from design.pricing.quantity import Quantity, basis, rounded
from gis.files.shipped import shipped_table
from gis.messages import Text
from gis.units import GRAVITY_KPA_PER_M, lps_from_m3s

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from design.supply.pieces import Equipment

PUMPED = ("booster", "pump")
_MANIFOLD_MPS = 1.2  # velocity by which the pipework of a set takes its size


@dataclass(frozen=True)
class PumpSet:
    """Duty and standby pumps of one zone, each for a part of the flow over the whole lift; `motor` is their class in kW."""

    duty: int
    standby: int
    motor: str
    flow_m3s: float
    lift_m: float

    @property
    def count(self) -> int:
        """Pumps in all."""
        return self.duty + self.standby


def pump_set(flow_m3s: float, lift_m: float) -> PumpSet:
    """
    The set for a flow and a lift: P = rho g q H / efficiency with a reserve, the next motor of the series up.

    Flows above the largest motor take more duty pumps.
    """
    terms = _terms()["pump"]
    duty = 2 if lps_from_m3s(flow_m3s) >= terms["two_from_lps"] else 1
    largest = terms["motors_kw"][-1]
    while _shaft_kw(flow_m3s / duty, lift_m, terms) > largest:
        duty += 1
    needed_kw = _shaft_kw(flow_m3s / duty, lift_m, terms)
    motor = next(kw for kw in terms["motors_kw"] if kw >= needed_kw)
    return PumpSet(duty, terms["standby"], f"{motor:g}", flow_m3s / duty, lift_m)


def equipment_quantities(pieces: Sequence[Equipment]) -> tuple[Quantity, ...]:
    """Every part of the pumps and tanks of a building, in the order they are listed."""
    return tuple(one for piece in pieces for one in _of(piece))


def _of(piece: Equipment) -> Iterator[Quantity]:
    if piece.kind in PUMPED and piece.flow_m3s and piece.lift_m:
        chosen = pump_set(piece.flow_m3s, piece.lift_m)
        told = basis(
            "pumps", duty=chosen.duty, standby=chosen.standby, flow=lps_from_m3s(chosen.flow_m3s),
            lift=chosen.lift_m, motor=chosen.motor,
        )  # fmt: skip
        yield _line(f"supply-pump-{chosen.motor}", Decimal(chosen.count), told)
    name = Text("design", f"equipment.{piece.kind}")
    for part in _terms()["part"]:
        if part["kind"] != piece.kind or (piece.kind in PUMPED and not piece.lift_m):
            continue
        if part["per"] == "m3":
            volume_m3 = piece.volume_m3 or 0.0
            told = basis("tank", what=name, volume=volume_m3)
            yield _line(_code(part, volume_m3, "sizes_m3"), rounded(volume_m3), told)
        else:
            dn = math.sqrt(4.0 * (piece.flow_m3s or 0.0) / (math.pi * _MANIFOLD_MPS)) * 1000.0
            yield _line(_code(part, dn, "sizes_dn"), Decimal(1), basis("equipment", what=name))


def _line(code: str, amount: Decimal, told: Text) -> Quantity:
    return Quantity(code, amount, "secondary-supply", told, share="secondary-supply")


def _code(part: Mapping[str, Any], value: float, key: str) -> str:
    """Catalogue code of a part: with the class its value falls into where it has classes, the largest above them."""
    sizes = part.get(key)
    if not sizes:
        return str(part["item"])
    return f"{part['item']}-{next((step for step in sizes if value <= step + 1e-9), sizes[-1])}"


def _shaft_kw(flow_m3s: float, lift_m: float, terms: Mapping[str, Any]) -> float:
    """Power of one motor [kW]."""
    power_kw = GRAVITY_KPA_PER_M * flow_m3s * lift_m / terms["efficiency"]
    return float(power_kw * terms["motor_reserve"])


@cache
def _terms() -> dict[str, Any]:
    return shipped_table("design", "equipment.toml")
