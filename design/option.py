"""The values a plan is made of: the dated book it reads, the site it serves, and one option worked out whole."""

from __future__ import annotations

from dataclasses import dataclass

from design.alternatives.value import Score
from design.asked.pinned import Pin
from design.checks.clearances import RouteContext
from design.points import ConnectionPoint
from design.pressure.reliance import Reliance
from design.pricing.picking import Picked
from design.pricing.quote import Quote
from design.route.routing import RoutedPoint
from design.rules.ruleset import Finding
from design.sizing.meters import Meter
from design.sizing.service import ServicePipe, Sizing
from design.supply.devices import InletDevices
from design.supply.floors import SupplyMode
from design.supply.inlets import InletNeed, Inlets
from design.works.assemblies import Assembly
from design.works.digging import GroundConditions
from design.works.permits import Permit
from design.works.plan import Works
from design.works.tapping import Tapping
from gis.messages import Text
from hydraulics.closures.isolation import Isolation
from hydraulics.results import PressureCheck
from hydraulics.scenarios.book import ScenarioCheck


@dataclass(frozen=True)
class Site:
    """
    Where water is wanted.

    Attributes
    ----------
    elevation_m
        Ground level: as given, from the terrain, or 0 where neither is known.
    elevation_origin
        request | terrain | unknown
    required_head_m
        Head asked for at the user connection by the storeys served directly.
    ground
        Soil and groundwater as the request states them, or None.
    hydrants
        Hydrants the site gets on its own account.
    direct_storeys
        Storeys the main is asked to supply directly; 0 leaves it to the cap of the rules.
    devices, need
        Meter and backflow preventer of the inlet, and whether one inlet is enough.
    fire_m3s
        Fire flow that passes the service pipe, for hydrants of the site or through the meter; 0 where none does.
    """

    xy: tuple[float, float]
    elevation_m: float
    elevation_origin: str
    required_head_m: float
    storeys: int
    ground: GroundConditions | None = None
    hydrants: int = 0
    direct_storeys: int = 0
    devices: InletDevices | None = None
    need: InletNeed | None = None
    fire_m3s: float = 0.0

    @property
    def deducted_m(self) -> float:
        """Loss of meter, backflow preventer and strainer where policy deducts it from the head at the connection [m]."""
        return 0.0 if self.devices is None else self.devices.deducted_m


@dataclass(frozen=True)
class SchemeOption:
    """
    One way to connect, worked out whole; `reasons` say why it ranks where it does.

    `outage` says what cutting the main takes from others; None where the tie-in needs no shut-off;
    `scenarios` how it does besides the peak hour; `second` its second inlet, worked out like the first.
    """

    rank: int
    feasible: bool
    routed: RoutedPoint
    tapping: Tapping
    works: Works
    check: PressureCheck
    tie_in_elevation_m: float
    site_pressure_before_m: float
    site_pressure_after_m: float
    margin_m: float
    findings: tuple[Finding, ...]
    assemblies: tuple[Assembly, ...]
    quote: Quote
    permits: tuple[Permit, ...]
    workdays: int
    context: RouteContext
    picking: tuple[Picked, ...] = ()
    reliance: Reliance | None = None
    outage: Isolation | None = None
    scenarios: tuple[ScenarioCheck, ...] = ()
    supply: SupplyMode | None = None
    inlets: Inlets | None = None
    devices: InletDevices | None = None
    sizing: Sizing | None = None
    reasons: tuple[Text, ...] = ()
    score: Score | None = None
    second: SchemeOption | None = None
    pinned: Pin | None = None

    @property
    def point(self) -> ConnectionPoint:
        """Where it leaves the network."""
        return self.routed.point

    @property
    def service(self) -> ServicePipe:
        """The service pipe."""
        return self.works.service

    @property
    def meter(self) -> Meter:
        """The meter."""
        return self.works.meter
