"""ServicePipe 接户管: the smallest size of the preferred series that holds velocity and head loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from design.rules.ruleset import RuleSet, full_clause
from design.sizing.series import PipeSize, service_sizes
from gis.messages import Text
from gis.units import GRAVITY_KPA_PER_M, mm_from_m
from hydraulics.headloss import gb50015_gradient_kpa_m, velocity_mps

if TYPE_CHECKING:
    from design.wire.scheme import ServicePipeDoc
    from design.wire.supply import LocalLossDoc

_TWICE_GRAVITY = 2.0 * 9.80665


@dataclass(frozen=True)
class Fitting:
    """A kind of fitting in the service pipe: so many with local loss coefficient `factor` each."""

    code: str
    count: int
    factor: float

    def loss_m(self, velocity_mps: float) -> float:
        """Head lost in all of them [m]."""
        return self.count * self.factor * velocity_mps**2 / _TWICE_GRAVITY

    def doc(self, velocity_mps: float) -> LocalLossDoc:
        """As the scheme document carries it."""
        name = Text("design", f"fitting.{self.code}")
        return {
            "fitting": self.code, "name": name.render("zh"), "name_en": name.render("en"), "count": self.count,
            "factor": self.factor, "loss_m": self.loss_m(velocity_mps),
        }  # fmt: skip


@dataclass(frozen=True)
class ServicePipe:
    """
    A service pipe under its design flow.

    `dn` is nominal also for plastic pipe; `local_m` is the local loss, that of `fittings` or a share of friction.
    """

    dn: int
    material: str
    series: str
    outer_diameter_m: float
    inner_diameter_m: float
    roughness_c: float
    length_m: float
    flow_m3s: float
    velocity_mps: float
    velocity_limit_mps: float
    friction_m: float
    local_m: float
    clause: str
    source: str
    fittings: tuple[Fitting, ...] = ()

    @property
    def headloss_m(self) -> float:
        """Friction and local loss together."""
        return self.friction_m + self.local_m

    def velocity_at_mps(self, flow_m3s: float) -> float:
        """Velocity under another flow [m/s]."""
        return velocity_mps(flow_m3s, inner_diameter_m=self.inner_diameter_m)

    def headloss_at_m(self, flow_m3s: float) -> float:
        """Friction and local loss under another flow [m]; a local loss by share grows like the friction."""
        gradient = service_headloss_m_m(
            flow_m3s, inner_diameter_m=self.inner_diameter_m, roughness_c=self.roughness_c
        )
        friction_m, speed_mps = gradient * self.length_m, self.velocity_at_mps(flow_m3s)
        if self.fittings:
            return friction_m + sum(fitting.loss_m(speed_mps) for fitting in self.fittings)
        return friction_m * (1.0 + (self.local_m / self.friction_m if self.friction_m else 0.0))

    def doc(self) -> ServicePipeDoc:
        """As the scheme document carries it."""
        return {
            "dn": self.dn, "material": self.material, "series": self.series,
            "outer_diameter_mm": mm_from_m(self.outer_diameter_m), "inner_diameter_mm": mm_from_m(self.inner_diameter_m),
            "velocity_mps": self.velocity_mps, "headloss_m": self.headloss_m, "friction_m": self.friction_m,
            "local_m": self.local_m, "local_method": "fittings" if self.fittings else "share",
            "local_losses": [fitting.doc(self.velocity_mps) for fitting in self.fittings],
            "roughness_c": self.roughness_c, "velocity_limit_mps": self.velocity_limit_mps, "clause": self.clause,
        }  # fmt: skip


@dataclass(frozen=True)
class LostSize:
    """A smaller size and why it lost."""

    dn: int
    series: str
    reason: Text


@dataclass(frozen=True)
class Sizing:
    """
    Outcome of sizing.

    Attributes
    ----------
    pipe
        Smallest size that holds velocity and head, or None.
    by_velocity
        Smallest size that holds velocity alone: what to draw when no size saves the pressure; None when even the
        largest allowed is too fast.
    lost
        Sizes below `pipe` (all of them when it is None), smallest first, each with its reason.
    """

    pipe: ServicePipe | None
    by_velocity: ServicePipe | None
    lost: tuple[LostSize, ...]


def service_headloss_m_m(flow_m3s: float, *, inner_diameter_m: float, roughness_c: float) -> float:
    """
    Friction gradient of a service pipe [m/m] in the form of GB 50015 3.7.14 (not that of GB 50013 or EPANET).

    Its kPa/m are turned to head with 9.80665 kPa/m.
    """
    gradient_kpa_m = gb50015_gradient_kpa_m(flow_m3s, inner_diameter_m=inner_diameter_m, c=roughness_c)
    return gradient_kpa_m / GRAVITY_KPA_PER_M


def velocity_limit_mps(dn: int, rules: RuleSet) -> float:
    """Greatest velocity by DN [m/s]; between two rows of the table the lower row holds."""
    rows = [row for row in rules.table("service-velocity").rows if row["dn_min"] <= dn]
    return (
        float(rows[-1]["velocity_mps"])
        if rows
        else float(rules.table("service-velocity").rows[0]["velocity_mps"])
    )


def service_pipe(
    size: PipeSize, flow_m3s: float, *, length_m: float, rules: RuleSet, fittings: Sequence[Fitting] = ()
) -> ServicePipe:
    """One size under a flow, with its velocity and losses; without fittings the local loss is a share of friction."""
    roughness = rules.table("service-roughness")
    row = roughness.row("material", size.material)
    coefficient = float(row["roughness_c"]) if row else 100.0
    gradient = service_headloss_m_m(flow_m3s, inner_diameter_m=size.inner_diameter_m, roughness_c=coefficient)
    friction_m = gradient * length_m
    speed_mps = velocity_mps(flow_m3s, inner_diameter_m=size.inner_diameter_m)
    share_m = friction_m * rules.value("local-loss-service").value
    return ServicePipe(
        dn=size.dn, material=size.material, series=size.name, outer_diameter_m=size.outer_diameter_m,
        inner_diameter_m=size.inner_diameter_m, roughness_c=coefficient, length_m=length_m, flow_m3s=flow_m3s,
        velocity_mps=speed_mps, velocity_limit_mps=velocity_limit_mps(size.dn, rules), friction_m=friction_m,
        local_m=sum(fitting.loss_m(speed_mps) for fitting in fittings) if fittings else share_m,
        clause=full_clause(roughness), source=size.source, fittings=tuple(fittings),
    )  # fmt: skip


def service_fittings(
    dn: int, *, new_tap: bool, bends: Sequence[tuple[float, int]], rules: RuleSet
) -> tuple[Fitting, ...]:
    """Fittings of a service pipe of that size: the tie-in, its valves and bends; none where a share stands for them."""
    if not rules.value("local-loss-by-fitting").is_on:
        return ()
    table = rules.table("local-k")
    start = "saddle" if new_tap and dn <= rules.value("saddle-branch-dn").value else "tee-branch"
    wanted = [(start, 1), ("gate-valve", int(rules.value("service-valves").value))]
    wanted += [(f"bend-{angle:g}", count) for angle, count in bends]
    rows = [(code, count, table.row("fitting", code)) for code, count in wanted if count]
    return tuple(Fitting(code, count, float(row["k"])) for code, count, row in rows if row is not None)


def size_service_pipe(
    flow_m3s: float,
    *,
    length_m: float,
    available_head_m: float | None,
    rules: RuleSet,
    max_dn: int | None = None,
    new_tap: bool = False,
    bends: Sequence[tuple[float, int]] | None = None,
    fire_m3s: float = 0.0,
) -> Sizing:
    """
    The smallest service pipe that holds the velocity of GB 50015 3.7.13 and the head there is.

    Notes
    -----
    available_head_m
        Head the pipe may lose: tie-in head after, less site level, less required head (less the meter where the
        rule `deduct-meter-loss` says so). None sizes by velocity alone.
    max_dn
        Largest DN allowed, such as that of the reserved tap-off.
    new_tap, bends
        For the local losses by fitting: a saddle or tee on the main, bends as (degrees, count); None takes a share.

    fire_m3s
        Fire flow that passes this pipe besides: it is then at least as large as a fire main, and holds the velocity of
        GB 50974 8.1.8 with both; the head under fire is a finding of its own.

    More flow never gives a smaller pipe: each size passes or fails monotonically in flow.
    """
    lost: list[LostSize] = []
    by_velocity: ServicePipe | None = None
    most_m = rules.value("service-loss-max").value
    for size in service_sizes(rules, max_dn=max_dn):
        pieces = () if bends is None else service_fittings(size.dn, new_tap=new_tap, bends=bends, rules=rules)
        pipe = service_pipe(size, flow_m3s, length_m=length_m, rules=rules, fittings=pieces)
        burnt = _fire_reason(pipe, fire_m3s, rules)
        reason = _reason(pipe, available_head_m) or burnt or _over(pipe, most_m)
        if pipe.velocity_mps <= pipe.velocity_limit_mps and burnt is None and by_velocity is None:
            by_velocity = pipe
        if reason is None:
            return Sizing(pipe, by_velocity, tuple(lost))
        lost.append(LostSize(pipe.dn, pipe.series, reason))
    return Sizing(None, by_velocity, tuple(lost))


def wished_size(flow_m3s: float, dn: int, *, length_m: float, rules: RuleSet, max_dn: int | None) -> Sizing:
    """
    The size somebody decided on, held or not: the findings say what it misses.

    No pipe where the series of the rules has no such DN, or the point cannot take it.
    """
    fitting = [size for size in service_sizes(rules, max_dn=max_dn) if size.dn == dn]
    pipe = service_pipe(fitting[0], flow_m3s, length_m=length_m, rules=rules) if fitting else None
    return Sizing(pipe, pipe, ())


def _reason(pipe: ServicePipe, available_head_m: float | None) -> Text | None:
    if pipe.velocity_mps > pipe.velocity_limit_mps:
        return Text("design", "sizing.too-fast", {
            "series": pipe.series, "velocity": pipe.velocity_mps, "limit": pipe.velocity_limit_mps,
        })  # fmt: skip
    if available_head_m is not None and pipe.headloss_m > available_head_m:
        return Text("design", "sizing.too-much-loss", {
            "series": pipe.series, "headloss": pipe.headloss_m, "available": available_head_m,
        })  # fmt: skip
    return None


def _fire_reason(pipe: ServicePipe, fire_m3s: float, rules: RuleSet) -> Text | None:
    """Why a size cannot carry the fire flow besides; None where it does or none passes."""
    if fire_m3s <= 0.0:
        return None
    least, limit = rules.value("fire-main-dn").value, rules.value("fire-velocity").value
    if pipe.dn < least:
        return Text("design", "sizing.below-fire-main", {"series": pipe.series, "dn": f"{least:g}"})
    speed = pipe.velocity_at_mps(pipe.flow_m3s + fire_m3s)
    if speed > limit:
        return Text(
            "design", "sizing.too-fast-fire", {"series": pipe.series, "velocity": speed, "limit": limit}
        )
    return None


def _over(pipe: ServicePipe, most_m: float) -> Text | None:
    """Why a size loses more than the rules or the request allow; 0 allows any loss."""
    if 0.0 < most_m < pipe.headloss_m:
        return Text("design", "sizing.over-limit", {
            "series": pipe.series, "headloss": pipe.headloss_m, "limit": most_m,
        })  # fmt: skip
    return None
