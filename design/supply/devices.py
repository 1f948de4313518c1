"""InletDevices 引入管设备: backflow preventer by hazard, strainer, pressure reducer; what each takes from the head."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from design.rules.ruleset import full_clause
from gis.messages import Text
from gis.units import head_m_from_mpa

if TYPE_CHECKING:
    from design.demand.total import DesignDemand
    from design.request import ConnectionRequest
    from design.rules.ruleset import RuleSet
    from design.sizing.meters import Meter
    from design.wire.supply import BackflowDoc, DevicesDoc

_HAZARDS = ("none", "low", "medium", "high")
_RATED_MPS = 2.0


@dataclass(frozen=True)
class Backflow:
    """
    The device against backflow.

    Attributes
    ----------
    hazard
        none | low | medium | high: the worst use of the site; none where one inlet of plain use needs a check valve only.
    reasons
        Why it is compulsory; empty for a check valve.
    """

    hazard: str
    device: str
    label_zh: str
    label_en: str
    dn: int
    headloss_m: float
    reasons: tuple[Text, ...]
    clause: str
    source: str
    confidence: str

    @property
    def is_required(self) -> bool:
        """More than a check valve."""
        return bool(self.reasons)

    def doc(self) -> BackflowDoc:
        """As the scheme document carries it."""
        return {
            "hazard": self.hazard, "device": self.device, "name": self.label_zh, "name_en": self.label_en,
            "dn": self.dn, "required": self.is_required, "headloss_m": self.headloss_m,
            "reasons": [reason.render("zh") for reason in self.reasons],
            "reasons_en": [reason.render("en") for reason in self.reasons],
            "clause": self.clause, "source": self.source, "confidence": self.confidence,
        }  # fmt: skip


@dataclass(frozen=True)
class InletDevices:
    """
    Meter, backflow preventer and strainer of the inlet, all of the meter's size.

    `is_deducted` tells whether they count against the head at the user connection: stricter than the standard, whose
    service head is that at the connection.
    """

    meter: Meter
    backflow: Backflow
    strainer_m: float
    is_deducted: bool

    @property
    def loss_m(self) -> float:
        """Head lost in all of them at the design flow [m]."""
        return self.meter.headloss_m + self.backflow.headloss_m + self.strainer_m

    @property
    def deducted_m(self) -> float:
        """What counts against the head at the connection [m]."""
        return self.loss_m if self.is_deducted else 0.0

    def doc(self) -> DevicesDoc:
        """As the scheme document carries it."""
        return {
            "backflow": self.backflow.doc(), "strainer_m": self.strainer_m, "meter_m": self.meter.headloss_m,
            "loss_m": self.loss_m, "deducted": self.is_deducted, "deducted_m": self.deducted_m,
        }  # fmt: skip


def inlet_devices(
    request: ConnectionRequest, demand: DesignDemand, meter: Meter, rules: RuleSet, *, two_inlets: bool
) -> InletDevices:
    """Devices of the inlet; `two_inlets` says that the site is joined to two mains."""
    hazard, reasons = _hazard(request, demand, rules, two_inlets=two_inlets)
    table, hazards = rules.table("backflow-device"), rules.table("backflow-hazard")
    row = next(row for row in table.rows if row["hazard"] == hazard and meter.dn <= row["dn_max"])
    backflow = Backflow(
        hazard, str(row["device"]), str(row["label_zh"]), str(row["label_en"]), meter.dn,
        head_m_from_mpa(device_loss_mpa(row, demand.design_flow_m3s, dn=meter.dn)), reasons,
        f"{full_clause(rules.value('backflow-compulsory'))}；{full_clause(hazards)}", table.source, hazards.confidence,
    )  # fmt: skip
    strainer_m = head_m_from_mpa(rules.value("strainer-loss").value)
    return InletDevices(meter, backflow, strainer_m, rules.value("deduct-meter-loss").is_on)


def device_loss_mpa(row: Mapping[str, Any], flow_m3s: float, *, dn: int) -> float:
    """Loss of a device [MPa]: as rated, or scaled with the square of the velocity from its rating at 2 m/s."""
    if row["scaled"] != "yes":
        return float(row["loss_mpa"])
    velocity = flow_m3s / (math.pi / 4.0 * (dn / 1000.0) ** 2)
    return float(row["loss_mpa"]) * (velocity / _RATED_MPS) ** 2


def _hazard(
    request: ConnectionRequest, demand: DesignDemand, rules: RuleSet, *, two_inlets: bool
) -> tuple[str, tuple[Text, ...]]:
    """Worst hazard of the uses, and every reason a preventer is needed."""
    table = rules.table("backflow-hazard")
    worst, reasons = "low", []
    for use in request.uses:
        row = table.row("use", use.use_type)
        if row is not None and _HAZARDS.index(row["hazard"]) > _HAZARDS.index(worst):
            worst = str(row["hazard"])
    if worst != "low":
        reasons.append(Text("design", f"backflow.hazard-{worst}"))
    mode = "direct" if demand.inlet is None else demand.inlet.mode
    fire_inside = demand.fire_flow_m3s > 0.0 and rules.value("meter-passes-fire").is_on
    conditions = {
        "two-inlets": two_inlets, "booster": mode == "boost", "vessel": request.supply.vessel,
        "fire": fire_inside or request.fire.hydrants > 0,
    }  # fmt: skip
    if rules.value("backflow-compulsory").is_on:
        reasons += [Text("design", f"backflow.{name}") for name, holds in conditions.items() if holds]
    return worst if reasons else "none", tuple(reasons)
