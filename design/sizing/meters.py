"""Meter 水表: the smallest of the GB/T 778 sizes that carries the flow and holds the loss, and how low it measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from design.errors import DesignDataError, RequestError
from design.rules.ruleset import RuleSet, full_clause
from gis.messages import Text
from gis.units import SECONDS_PER_HOUR, head_m_from_mpa, m3h_from_m3s

if TYPE_CHECKING:
    from design.asked.wishes import MeterAsked
    from design.demand.total import DesignDemand
    from design.wire.scheme import MeterDoc


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
    q1_m3h, q2_m3h, q3_m3h, q4_m3h
        Minimum, transitional, permanent and overload flow.
    q3_by_flow_m3h
        Smallest Q3 by flow alone, before the loss was looked at.
    least_m3h, low_share
        Least hour of the greatest day, and the share of that day's water drawn in hours below Q2; None where the
        day is not known.
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
    q2_by_q1_ratio: float = 1.6
    flow_m3h: float = 0.0
    fire_m3h: float = 0.0
    least_m3h: float | None = None
    low_share: float | None = None
    kind: str = "mechanical"

    @property
    def headloss_m(self) -> float:
        """Loss at the design flow [m]."""
        return head_m_from_mpa(self.headloss_mpa)

    @property
    def q1_m3h(self) -> float:
        """Minimum flow: below it the meter may stand still."""
        return self.q3_m3h / self.ratio_r

    @property
    def q2_m3h(self) -> float:
        """Transitional flow: below it the greater error is allowed."""
        return self.q2_by_q1_ratio * self.q1_m3h

    def doc(self) -> MeterDoc:
        """As the scheme document carries it."""
        fire = self.fire_headloss_mpa
        return {
            "dn": self.dn, "q3_m3h": self.q3_m3h, "q4_m3h": self.q4_m3h, "ratio_r": self.ratio_r,
            "type": self.meter_type, "kind": self.kind, "headloss_m": self.headloss_m, "clause": self.clause,
            "q1_m3h": self.q1_m3h, "q2_m3h": self.q2_m3h, "flow_m3h": self.flow_m3h, "fire_m3h": self.fire_m3h,
            "fire_headloss_m": None if fire is None else head_m_from_mpa(fire), "least_m3h": self.least_m3h,
            "low_share": self.low_share, "confidence": self.confidence,
            "lost": [lost.reason.render("zh") for lost in self.lost],
            "lost_en": [lost.reason.render("en") for lost in self.lost],
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


def select_meter(demand: DesignDemand, rules: RuleSet, *, wish: MeterAsked | None = None) -> Meter:
    """
    The meter of a demand by GB 50015 3.5.19: uneven use by Q4, even use by Q3, then the loss limits.

    Fire flow counts only where the rule `meter-passes-fire` is on.

    Raises
    ------
    DesignDataError
        `meter-too-small`: the largest size of the table does not carry the flow.
    RequestError
        `meter-ratio`: no meter is made with the ratio that was asked for.
    """
    kind = _kind(rules, wish)
    duty = _duty(demand, rules, class_mpa=float(kind["loss_class_mpa"]))
    lost: list[LostMeter] = []
    by_flow: float | None = None
    rows = [row for row in rules.table("meter-sizes").rows if kind["dn_min"] <= row["dn"] <= kind["dn_max"]]
    for row in rows:
        if by_flow is None and not _too_small(row, duty):
            by_flow = float(row["q3_m3h"])
        reason = _reason(row, duty)
        if reason is None:
            return _meter(
                row, duty, rules, lost, kind=kind, demand=demand, by_flow_m3h=by_flow or float(row["q3_m3h"])
            )
        lost.append(LostMeter(row["dn"], float(row["q3_m3h"]), reason))
    raise DesignDataError(
        "meter-too-small", flow=round(duty.flow_m3h + duty.fire_m3h, 1), largest=float(rows[-1]["q3_m3h"])
    )


def _kind(rules: RuleSet, wish: MeterAsked | None) -> Mapping[str, Any]:
    """The type of meter, with the ratio that was asked for."""
    table, name = rules.table("meter-types"), (wish.meter_type if wish else None) or "mechanical"
    row = dict(table.row("type", name) or table.rows[0])
    if name == "mechanical":
        row["loss_class_mpa"] = rules.value("meter-loss-class").value
    if wish is not None and wish.ratio_r is not None:
        known = rules.table("meter-ratios").column("ratio_r")
        if wish.ratio_r not in known:
            raise RequestError(
                "meter-ratio", field="meter.ratio_r", value=wish.ratio_r, known=", ".join(map(str, known))
            )
        row["ratio_r"] = wish.ratio_r
        row["is_asked"] = True
    return row


def _duty(demand: DesignDemand, rules: RuleSet, *, class_mpa: float) -> _Duty:
    fire = demand.fire_flow_m3s * SECONDS_PER_HOUR if rules.value("meter-passes-fire").is_on else 0.0
    return _Duty(
        m3h_from_m3s(demand.design_flow_m3s), fire, demand.even_use, rules.value("meter-overload-ratio").value,
        class_mpa, rules.value("meter-loss-domestic").value, rules.value("meter-loss-fire").value,
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
    row: Mapping[str, Any], duty: _Duty, rules: RuleSet, lost: list[LostMeter], *, kind: Mapping[str, Any],
    demand: DesignDemand, by_flow_m3h: float,
) -> Meter:  # fmt: skip
    q3, sizes = float(row["q3_m3h"]), rules.table("meter-sizes")
    own = kind["type"] == "mechanical" and not kind.get("is_asked")
    ratio, q2_ratio = int(row["ratio_r"] if own else kind["ratio_r"]), rules.value("meter-q2-ratio").value
    hours = demand.profile.hourly_m3h if demand.profile else ()
    low = sum(flow for flow in hours if flow < q2_ratio * q3 / ratio)
    return Meter(
        dn=row["dn"], q3_m3h=q3, q4_m3h=q3 * duty.overload_ratio, ratio_r=ratio,
        meter_type=str(kind["label_zh"] or row["meter_type"]), body_length_m=row["body_length_m"],
        q3_by_flow_m3h=by_flow_m3h,
        headloss_mpa=_loss_mpa(q3, duty.flow_m3h, duty.class_mpa), headloss_limit_mpa=duty.limit_mpa,
        fire_headloss_mpa=_loss_mpa(q3, duty.flow_m3h + duty.fire_m3h, duty.class_mpa) if duty.fire_m3h else None,
        clause=f"{full_clause(rules.value('meter-selection'))}；{full_clause(sizes)}", confidence=sizes.confidence,
        lost=tuple(lost), q2_by_q1_ratio=q2_ratio, flow_m3h=duty.flow_m3h, fire_m3h=duty.fire_m3h,
        least_m3h=demand.profile.least_m3h if demand.profile else None,
        low_share=low / sum(hours) if sum(hours) else None, kind=str(kind["type"]),
    )  # fmt: skip
