"""What was measured in the field: a pressure at a node, while so much was drawn."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Reading:
    """
    One pressure reading.

    Attributes
    ----------
    pressure_m
        What the gauge said, in metres of water above the ground of the node.
    accuracy_m
        Standard deviation of that.
    demand_factor
        Demand of the network at the time, as a share of the peak hour.
    flow_node_id, flow_m3s
        Where a hydrant was opened, and what it gave; nothing for a logger.
    """

    node_id: str
    pressure_m: float
    accuracy_m: float
    demand_factor: float = 1.0
    flow_node_id: str = ""
    flow_m3s: float = 0.0
    name: str = ""
    date: str = ""

    @property
    def load(self) -> tuple[float, str, float]:
        """The state of the network it was taken in."""
        return self.demand_factor, self.flow_node_id if self.flow_m3s > 0 else "", self.flow_m3s

    def doc(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def from_doc(cls, document: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(**document)
