"""Equipment 设备: one thing the building needs behind the connection, such as a booster or a tank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from design.rules.ruleset import full_clause
from gis.messages import Text
from gis.units import lps_from_m3s

if TYPE_CHECKING:
    from design.rules.ruleset import RuleValue
    from design.wire.supply import EquipmentDoc


@dataclass(frozen=True)
class Equipment:
    """One thing to be built: what it carries, lifts or holds (None where that does not apply), and why."""

    kind: str
    flow_m3s: float | None
    lift_m: float | None
    volume_m3: float | None
    reason: Text
    clause: str
    confidence: str

    @property
    def text(self) -> Text:
        """The thing and why it is needed, in one sentence."""
        return Text(
            "design",
            "equipment.needed",
            {"what": Text("design", f"equipment.{self.kind}"), "why": self.reason},
        )

    def doc(self) -> EquipmentDoc:
        """As the scheme document carries it."""
        name = Text("design", f"equipment.{self.kind}")
        return {
            "kind": self.kind, "name": name.render("zh"), "name_en": name.render("en"),
            "flow_lps": None if self.flow_m3s is None else lps_from_m3s(self.flow_m3s), "head_m": self.lift_m,
            "volume_m3": self.volume_m3, "reason": self.reason.render("zh"), "reason_en": self.reason.render("en"),
            "clause": self.clause, "confidence": self.confidence,
        }  # fmt: skip


def piece(
    kind: str, reason: Text, rule: RuleValue, *, flow_m3s: float | None = None, lift_m: float | None = None,
    volume_m3: float | None = None,
) -> Equipment:  # fmt: skip
    """One piece with the rule that asks for it."""
    return Equipment(kind, flow_m3s, lift_m, volume_m3, reason, full_clause(rule), rule.confidence)
