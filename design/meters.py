"""Meter 水表: the smallest of the GB/T 778 sizes that carries the flow and holds the loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from design.demand.total import DesignDemand
from design.errors import DesignDataError
from design.rules import RuleSet, full_clause
from design.wire import MeterDoc
from gis.messages import Text
from gis.units import SECONDS_PER_HOUR, head_m_from_mpa, m3h_from_m3s


@dataclass(frozen=True)
class LostMeter:
    """A smaller meter and why it lost."""

    dn: int
    q3_m3h: float
    reason: Text


@dataclass(frozen=True)
class Meter:
    """
    A meter under its design flow.

    Attributes
    ----------
    q3_m3h, q4_m3h
        Permanent and overload flow.
    q3_by_flow_m3h
        Smallest Q3 by flow alone, before the loss was looked at.
    fire_headloss_mpa
        Loss with the fire flow added, or None where fire does not pass the meter.
    """

    dn: int
    q3_m3h: float
    q4_m3h: float
    ratio_r: int
    meter_type: str
    body_length_m: float
    q3_by_flow_m3h: float
    headloss_mpa: float
    headloss_limit_mpa: float
    fire_headloss_mpa: float | None
    clause: str
    confidence: str
    lost: tuple[LostMeter, ...]

    @property
    def headloss_m(self) -> float:
        """Loss at the design flow [m]."""
        return head_m_from_mpa(self.headloss_mpa)

    def doc(self) -> MeterDoc:
        """As the scheme document carries it."""
        return {
            "dn": self.dn, "q3_m3h": self.q3_m3h, "q4_m3h": self.q4_m3h, "ratio_r": self.ratio_r,
            "type": self.meter_type, "headloss_m": self.headloss_m, "clause": self.clause,
        }  # fmt: skip


@dataclass(frozen=True)
class _Duty:
    flow_m3h: float
    fire_m3h: float
    even: bool
    overload_ratio: float
    class_mpa: float
    limit_mpa: float
    fire_limit_mpa: float


def select_meter(demand: DesignDemand, rules: RuleSet) -> Meter:
    """
    The meter of a demand by GB 50015 3.5.19: uneven use by Q4, even use by Q3, then the loss limits.

    Fire flow counts only where the rule `meter-passes-fire` is on.

    Raises
    ------
    DesignDataError
        `meter-too-small`: the largest size of the table does not carry the flow.
    """
    duty = _duty(demand, rules)
    lost: list[LostMeter] = []
    by_flow: float | None = None
    for row in rules.table("meter-sizes").rows:
        if by_flow is None and not _too_small(row, duty):
            by_flow = float(row["q3_m3h"])
        reason = _reason(row, duty)
        if reason is None:
            return _meter(row, duty, rules, lost, by_flow_m3h=by_flow or float(row["q3_m3h"]))
        lost.append(LostMeter(row["dn"], float(row["q3_m3h"]), reason))
    raise DesignDataError(
        "meter-too-small", flow=round(duty.flow_m3h + duty.fire_m3h, 1),
        largest=float(rules.table("meter-sizes").rows[-1]["q3_m3h"]),
    )  # fmt: skip


def _duty(demand: DesignDemand, rules: RuleSet) -> _Duty:
    fire = demand.fire_flow_m3s * SECONDS_PER_HOUR if rules.value("meter-passes-fire").is_on else 0.0
    return _Duty(
        m3h_from_m3s(demand.design_flow_m3s), fire, demand.even_use, rules.value("meter-overload-ratio").value,
        rules.value("meter-loss-class").value, rules.value("meter-loss-domestic").value,
        rules.value("meter-loss-fire").value,
    )  # fmt: skip


def _loss_mpa(q3_m3h: float, flow_m3h: float, class_mpa: float) -> float:
    return class_mpa * (flow_m3h / q3_m3h) ** 2


def _carried_m3h(row: Mapping[str, Any], duty: _Duty) -> float:
    return float(row["q3_m3h"]) * (1.0 if duty.even else duty.overload_ratio)


def _too_small(row: Mapping[str, Any], duty: _Duty) -> bool:
    fire_capacity_m3h = float(row["q3_m3h"]) * duty.overload_ratio
    return duty.flow_m3h > _carried_m3h(row, duty) or duty.flow_m3h + duty.fire_m3h > fire_capacity_m3h


def _reason(row: Mapping[str, Any], duty: _Duty) -> Text | None:
    told = {"dn": row["dn"], "q3": float(row["q3_m3h"]), "flow": duty.flow_m3h + duty.fire_m3h}
    if _too_small(row, duty):
        return Text("design", "meter.too-small", {**told, "carried": _carried_m3h(row, duty)})
    loss = _loss_mpa(float(row["q3_m3h"]), duty.flow_m3h, duty.class_mpa)
    if loss > duty.limit_mpa:
        return Text("design", "meter.too-much-loss", {**told, "loss": loss, "limit": duty.limit_mpa})
    loss = _loss_mpa(float(row["q3_m3h"]), duty.flow_m3h + duty.fire_m3h, duty.class_mpa)
    if duty.fire_m3h and loss > duty.fire_limit_mpa:
        return Text("design", "meter.too-much-loss", {**told, "loss": loss, "limit": duty.fire_limit_mpa})
    return None


def _meter(
    row: Mapping[str, Any], duty: _Duty, rules: RuleSet, lost: list[LostMeter], *, by_flow_m3h: float
) -> Meter:
    q3 = float(row["q3_m3h"])
    sizes = rules.table("meter-sizes")
    return Meter(
        dn=row["dn"], q3_m3h=q3, q4_m3h=q3 * duty.overload_ratio, ratio_r=row["ratio_r"],
        meter_type=row["meter_type"], body_length_m=row["body_length_m"], q3_by_flow_m3h=by_flow_m3h,
        headloss_mpa=_loss_mpa(q3, duty.flow_m3h, duty.class_mpa), headloss_limit_mpa=duty.limit_mpa,
        fire_headloss_mpa=_loss_mpa(q3, duty.flow_m3h + duty.fire_m3h, duty.class_mpa) if duty.fire_m3h else None,
        clause=f"{full_clause(rules.value('meter-selection'))}；{full_clause(sizes)}", confidence=sizes.confidence,
        lost=tuple(lost),
    )  # fmt: skip
