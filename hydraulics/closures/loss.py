"""Loss: what customers lose while something is shut."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Loss:
    """
    What is lost while something is shut.

    Attributes
    ----------
    cut_off_m3s, low_m3s
        Peak demand that no water reaches; that is not drawn elsewhere for want of pressure.
    without_water_count, low_count
        Customers without water; customers elsewhere pushed below the required pressure.
    worst_node, worst_pressure_m
        The supplied junction left lowest among those reached by the change (-1, NaN: none).
    method
        graph | local | epanet
    """

    cut_off_m3s: float
    low_m3s: float
    without_water_count: float
    low_count: float
    worst_node: int
    worst_pressure_m: float
    method: str

    @property
    def unserved_m3s(self) -> float:
        """All peak demand that is not drawn [m3/s]; that others draw more when much is cut off makes up for nothing."""
        return self.cut_off_m3s + max(self.low_m3s, 0.0)

    @property
    def customers_out_count(self) -> float:
        """Customers without water or with too little pressure."""
        return self.without_water_count + self.low_count
