"""
Head loss in closed form: EPANET's own three formulas to the last digit, and the two of the Chinese standards.

The forms of EPANET are written with its constants (feet, g = 32.2, 28.317 litres in a cubic foot), so that a service
pipe hung on a computed head gives what EPANET would give with the pipe in the model. GB 50013 gives 0.3 % more than
EPANET at small diameters, GB 50015 about 2.5 %: never mix them in one sum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hydraulics.tables import HeadlossFormula

M_PER_FOOT = 0.3048
LPS_PER_CFS = 28.317
_CFS_PER_M3S = 1000.0 / LPS_PER_CFS
_EPANET_GRAVITY = 32.2  # ft/s2
_EPANET_VISCOSITY = 1.1e-5  # ft2/s, water at 20 degrees C
_LAMINAR = 500.0 * math.pi  # Re 2000, as q / (viscosity * diameter)
_TURBULENT = 1000.0 * math.pi  # Re 4000
_KINEMATIC_M2S = 1.31e-6  # water at 10 degrees C


def hazen_williams_loss_m(flow_m3s: float, *, length_m: float, inner_diameter_m: float, c: float) -> float:
    """
    Head lost to friction by Hazen-Williams as EPANET has it [m].

    The sign of the flow is kept. Turbulent water in full pipes; C from 80 (old iron) to 150 (new PE).

    >>> f"{hazen_williams_loss_m(0.010, length_m=100, inner_diameter_m=0.1, c=130):.4f}"
    '1.9055'
    """
    return PipeLaw("H-W", length_m, inner_diameter_m, c).loss_m(flow_m3s)


def darcy_weisbach_loss_m(
    flow_m3s: float, *, length_m: float, inner_diameter_m: float, roughness_m: float
) -> float:
    """Head lost to friction by Darcy-Weisbach as EPANET has it (Swamee-Jain, 20 degrees C) [m]; sign kept."""
    return PipeLaw("D-W", length_m, inner_diameter_m, roughness_m * 1000.0).loss_m(flow_m3s)


def gb50013_loss_m(flow_m3s: float, *, length_m: float, inner_diameter_m: float, c: float) -> float:
    """
    Head lost to friction by GB 50013-2018 section 7.2, for networks [m]; sign kept.

    >>> round(gb50013_loss_m(0.030, length_m=1, inner_diameter_m=0.2, c=120), 6)
    0.005769
    """
    gradient = 10.67 * abs(flow_m3s) ** 1.852 / (c**1.852 * inner_diameter_m**4.87)
    return math.copysign(gradient * length_m, flow_m3s)


def gb50015_gradient_kpa_m(flow_m3s: float, *, inner_diameter_m: float, c: float) -> float:
    """
    Friction of a building or service pipe by GB 50015-2019 section 3.7.14 [kPa/m].

    `c` is Ch of the clause: 140 plastic, 130 copper, stainless or lined iron, 100 plain steel and iron.

    >>> round(gb50015_gradient_kpa_m(0.002, inner_diameter_m=0.0514, c=140), 5)
    0.21645
    """
    return 105.0 * c**-1.85 * inner_diameter_m**-4.87 * abs(flow_m3s) ** 1.85


def colebrook_gradient_m_m(
    flow_m3s: float, *, inner_diameter_m: float, roughness_m: float, viscosity_m2s: float = _KINEMATIC_M2S
) -> float:
    """Friction slope by Darcy-Weisbach with Colebrook's coefficient [m/m]; turbulent flow, water at 10 degrees C."""
    speed_mps = velocity_mps(flow_m3s, inner_diameter_m=inner_diameter_m)
    reynolds = speed_mps * inner_diameter_m / viscosity_m2s
    root = 7.0  # 1 / sqrt(lambda); the iteration contracts by a factor of ten a step
    for _ in range(30):
        root = -2.0 * math.log10(roughness_m / (3.71 * inner_diameter_m) + 2.51 * root / reynolds)
    return speed_mps**2 / (root**2 * 2.0 * 9.80665 * inner_diameter_m)


def minor_loss_m(flow_m3s: float, *, inner_diameter_m: float, minor_k: float) -> float:
    """Head lost at fittings, K v2/2g as EPANET has it [m]; sign kept."""
    return math.copysign(
        minor_k * _minor_resistance(inner_diameter_m) * (flow_m3s * _CFS_PER_M3S) ** 2, flow_m3s
    )


def minor_k_of_loss(loss_m: float, *, flow_m3s: float, inner_diameter_m: float) -> float:
    """K that loses `loss_m` at `flow_m3s`; 0 without flow."""
    unit_m = minor_loss_m(abs(flow_m3s), inner_diameter_m=inner_diameter_m, minor_k=1.0)
    return loss_m / unit_m if unit_m > 0 else 0.0


def velocity_mps(flow_m3s: float, *, inner_diameter_m: float) -> float:
    """Mean speed in a full pipe [m/s], without sign."""
    return abs(flow_m3s) / (math.pi / 4.0 * inner_diameter_m**2)


def _minor_resistance(inner_diameter_m: float) -> float:
    """Loss of K = 1 for one cubic foot a second [m]."""
    return 0.02517 / (inner_diameter_m / M_PER_FOOT) ** 4 * M_PER_FOOT


@dataclass(frozen=True)
class PipeLaw:
    """
    How one pipe loses head with flow, friction and fittings, exactly as EPANET 2.2 computes it.

    `roughness_factor` is C, millimetres or Manning's n by the formula.
    """

    formula: HeadlossFormula
    length_m: float
    inner_diameter_m: float
    roughness_factor: float
    minor_k: float = 0.0
    viscosity_ratio: float = 1.0

    def loss_m(self, flow_m3s: float) -> float:
        """Head lost from start to end [m], signed like the flow."""
        fittings_m = minor_loss_m(abs(flow_m3s), inner_diameter_m=self.inner_diameter_m, minor_k=self.minor_k)
        return math.copysign(self._friction_feet(abs(flow_m3s)) * M_PER_FOOT + fittings_m, flow_m3s)

    def part(self, share: float) -> PipeLaw:
        """The law of a piece of the pipe: length and fittings in proportion."""
        return PipeLaw(
            self.formula, self.length_m * share, self.inner_diameter_m, self.roughness_factor,
            self.minor_k * share, self.viscosity_ratio,
        )  # fmt: skip

    def _friction_feet(self, flow_m3s: float) -> float:
        flow_cfs = flow_m3s * _CFS_PER_M3S
        length, bore = self.length_m / M_PER_FOOT, self.inner_diameter_m / M_PER_FOOT
        if self.formula == "H-W":
            return 4.727 * length / self.roughness_factor**1.852 / bore**4.871 * flow_cfs**1.852
        if self.formula == "C-M":
            resistance = (4.0 * self.roughness_factor / (1.49 * math.pi * bore**2)) ** 2
            return resistance * (bore / 4.0) ** -1.333 * length * flow_cfs**2
        resistance = length / (2.0 * _EPANET_GRAVITY * bore * (math.pi * bore**2 / 4.0) ** 2)
        viscous = _EPANET_VISCOSITY * self.viscosity_ratio * bore
        if flow_cfs <= _LAMINAR * viscous:
            return 16.0 * math.pi * viscous * resistance * flow_cfs
        rough = self.roughness_factor / 1000.0 / self.inner_diameter_m
        return _friction_coefficient(flow_cfs / viscous, rough) * resistance * flow_cfs**2


def _friction_coefficient(reynolds_ratio: float, rough_ratio: float) -> float:
    """Darcy's coefficient as hydcoeffs.c of EPANET 2.2: Swamee-Jain above Re 4000, Dunlop's cubic below; Re x pi / 4."""
    if reynolds_ratio >= _TURBULENT:
        inner = rough_ratio / 3.7 + 5.74 * (math.pi / 4.0) ** 0.9 / reynolds_ratio**0.9
        return float((2.0 / math.log(10.0) * math.log(inner)) ** -2)
    inner = rough_ratio / 3.7 + 3.28895476345399058690e-03
    root = -8.68588963806503655300e-01 * math.log(inner)
    a = root**-2
    b = (2.0 - 5.14214965799093883760e-03 / (inner * root)) * a
    r = reynolds_ratio / _LAMINAR
    x1, x2, x3, x4 = 7 * a - b, 0.128 - 17 * a + 2.5 * b, -0.128 + 13 * a - 2 * b, 0.032 - 3 * a + 0.5 * b
    return x1 + r * (x2 + r * (x3 + r * x4))
