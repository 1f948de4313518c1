"""InletFlow 引入管设计流量: what the inlet must carry, by how the building is supplied (GB 50015 3.7.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from design.demand.load import assumed_clause, clause_of
from design.rules.ruleset import Clause
from gis.units import lps_from_m3s

if TYPE_CHECKING:
    from design.request import ConnectionRequest
    from design.rules.ruleset import RuleSet
    from design.wire.demand import InletDoc


@dataclass(frozen=True)
class InletFlow:
    """
    What the inlet carries.

    Attributes
    ----------
    mode
        direct | boost | tank | mixed
    assumed
        The request left the mode to the program.
    direct_storeys
        Storeys supplied directly from the main in this mode.
    flow_m3s
        Design flow of the inlet.
    second_m3s, refill_m3s
        Full design second flow of the building, and flow that refills its tank.
    """

    mode: str
    assumed: bool
    direct_storeys: int
    flow_m3s: float
    second_m3s: float
    refill_m3s: float
    clauses: tuple[Clause, ...]

    def doc(self) -> InletDoc:
        """As the scheme document carries it."""
        return {
            "mode": self.mode, "assumed": self.assumed, "direct_storeys": self.direct_storeys,
            "flow_lps": lps_from_m3s(self.flow_m3s), "second_flow_lps": lps_from_m3s(self.second_m3s),
            "refill_lps": lps_from_m3s(self.refill_m3s),
        }  # fmt: skip


def supply_case(request: ConnectionRequest, rules: RuleSet) -> tuple[str, int]:
    """How the building is supplied and up to which storey directly; above the cap a booster on the main is assumed."""
    cap = int(rules.value("direct-supply-storeys").value)
    mode, storeys = request.supply.mode, request.storeys
    if mode == "auto":
        mode = "direct" if storeys <= cap else "boost"
    if mode == "tank":
        return mode, 0
    if mode == "direct":
        return mode, storeys
    return mode, min(storeys, request.supply.direct_storeys or cap)


def inlet_flow(
    request: ConnectionRequest, rules: RuleSet, *, second_m3s: float, peak_m3s: float, average_m3s: float,
    direct_second_m3s: Callable[[float], float],
) -> InletFlow:  # fmt: skip
    """
    Flow of the inlet.

    Parameters
    ----------
    average_m3s
        Mean flow in the hours of use of the greatest day.
    direct_second_m3s
        Gives the design second flow of a share of the building [m3/s].
    """
    mode, direct_storeys = supply_case(request, rules)
    place = rules.value("tank-refill-position")
    refill_m3s = average_m3s + place.value * (peak_m3s - average_m3s)
    share = direct_storeys / request.storeys
    direct_m3s = direct_second_m3s(share) if mode == "mixed" else 0.0
    pumped_m3s = (1.0 - share) * refill_m3s
    flow_m3s = {"tank": refill_m3s, "mixed": direct_m3s + pumped_m3s}.get(mode, second_m3s)
    unit = rules.value("equivalent-flow")
    lps = lps_from_m3s
    clauses = []
    if request.supply.mode == "auto" and mode == "boost":
        clauses.append(
            assumed_clause("supply_mode", lps(flow_m3s), "L/s", rules.value("direct-supply-storeys"))
        )
    if mode in {"tank", "mixed"}:
        inputs = {"Qp": lps(average_m3s), "Qh": lps(peak_m3s), "k": place.value}
        clauses.append(
            clause_of(place, "tank-refill", "qr = Qp + k·(Qh − Qp)", inputs, lps(refill_m3s), "L/s")
        )
    formulas: dict[str, tuple[str, dict[str, float | int | str]]] = {
        "direct": ("q = qg", {"qg": lps(second_m3s)}), "boost": ("q = qg", {"qg": lps(second_m3s)}),
        "tank": ("q = qr", {"qr": lps(refill_m3s)}),
        "mixed": ("q = qg1 + (1 − s)·qr", {"qg1": lps(direct_m3s), "s": share, "qr": lps(refill_m3s)}),
    }  # fmt: skip
    formula, told = formulas[mode]
    clauses.append(clause_of(unit, f"inlet-{mode}", formula, told, lps(flow_m3s), "L/s", clause="3.7.4"))
    assumed = request.supply.mode == "auto"
    return InletFlow(
        mode, assumed, direct_storeys, flow_m3s, second_m3s, refill_m3s if mode in {"tank", "mixed"} else 0.0,
        tuple(clauses),
    )  # fmt: skip
