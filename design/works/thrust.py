"""
Thrust 管道推力 and the concrete blocks 支墩 that take it at the fittings of push-in pipes.

A cap or the branch of a tee takes T = P A, a bend 2 P A sin(angle / 2), a reducer P (A1 - A2); P is the test pressure,
A the area of the outside diameter (10S505).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from design.rules.ruleset import RuleSet
from design.works.digging import side_room_m

STEP_M = 0.1  # blocks are cast to the decimetre
_KN_PER_MPA_M2 = 1000.0


@dataclass(frozen=True)
class ThrustBlock:
    """
    A concrete block behind a fitting, so many times.

    Attributes
    ----------
    fitting
        bend | tee
    angle_deg
        Of the bend; 0 for the branch of a tee.
    thrust_kn
        At the test pressure, without safety.
    width_m, height_m, thickness_m
        Of the face against the soil, and from it to the pipe.
    """

    fitting: str
    angle_deg: float
    count: int
    thrust_kn: float
    width_m: float
    height_m: float
    thickness_m: float

    @property
    def volume_m3(self) -> float:
        """Concrete of one block."""
        return self.width_m * self.height_m * self.thickness_m


def end_thrust_kn(outer_diameter_m: float, *, pressure_mpa: float) -> float:
    """
    Thrust on a cap or on the branch of a tee [kN].

    >>> round(end_thrust_kn(0.118, pressure_mpa=1.0), 2)
    10.94
    """
    return pressure_mpa * _KN_PER_MPA_M2 * math.pi / 4.0 * outer_diameter_m**2


def bend_thrust_kn(outer_diameter_m: float, *, angle_deg: float, pressure_mpa: float) -> float:
    """
    Thrust on a bend [kN].

    >>> round(bend_thrust_kn(0.326, angle_deg=45.0, pressure_mpa=1.0), 2)
    63.88
    """
    return (
        2.0
        * end_thrust_kn(outer_diameter_m, pressure_mpa=pressure_mpa)
        * math.sin(math.radians(angle_deg) / 2.0)
    )


def proof_pressure_mpa(material: str, rules: RuleSet) -> float:
    """
    Pressure a finished pipe is tested with [MPa], GB 50268 table 9.2.10-1, for the working pressure of the rules.

    Ductile iron 2 P up to 0.5 MPa and P + 0.5 above; plastic 1.5 P, at least 0.8; steel P + 0.5, at least 0.9.
    """
    working = rules.value("working-pressure").value
    if material == "DI":
        return 2.0 * working if working <= 0.5 else working + 0.5
    return max(1.5 * working, 0.8) if material == "PE" else max(working + 0.5, 0.9)


def needs_blocks(material: str) -> bool:
    """Push-in joints come apart under thrust; fused and threaded ones do not."""
    return material == "DI"


def least_angle_deg(dn: int, rules: RuleSet) -> float:
    """Smallest bend of that DN that gets a block [deg]."""
    large = dn >= rules.value("thrust-large-dn").value
    return rules.value("thrust-angle-large" if large else "thrust-angle").value


def plan_blocks(
    material: str, dn: int, outer_diameter_m: float, *, bends: Sequence[tuple[float, int]], rules: RuleSet
) -> tuple[ThrustBlock, ...]:
    """Blocks of a service pipe: one behind the tee of the tie-in, one at each bend from the rule's angle on."""
    if not needs_blocks(material):
        return ()
    pressure = proof_pressure_mpa(material, rules)
    found = [
        _block("tee", 0.0, 1, end_thrust_kn(outer_diameter_m, pressure_mpa=pressure), outer_diameter_m, rules)
    ]
    for angle, count in bends:
        if angle >= least_angle_deg(dn, rules):
            thrust = bend_thrust_kn(outer_diameter_m, angle_deg=angle, pressure_mpa=pressure)
            found.append(_block("bend", angle, count, thrust, outer_diameter_m, rules))
    return tuple(found)


def _block(
    fitting: str, angle_deg: float, count: int, thrust_kn: float, outer_diameter_m: float, rules: RuleSet
) -> ThrustBlock:
    """The face carries the thrust with its safety at the bearing pressure of the soil; twice as wide as high at most."""
    area_m2 = rules.value("thrust-safety").value * thrust_kn / rules.value("thrust-bearing").value
    height = _stepped(max(outer_diameter_m + 2.0 * STEP_M, math.sqrt(area_m2 / 2.0)))
    width = _stepped(max(area_m2 / height, outer_diameter_m + STEP_M))
    thickness = _stepped(max(side_room_m(outer_diameter_m, rules) + outer_diameter_m / 2.0, width / 2.0))
    return ThrustBlock(fitting, angle_deg, count, thrust_kn, width, height, thickness)


def _stepped(length_m: float) -> float:
    """Up to the next decimetre [m]."""
    return math.ceil(length_m / STEP_M - 1e-9) * STEP_M
