"""Case: everything that is the same for all alternatives of one plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from design.alternatives.weights import Weights
from design.book import Book
from design.city import City
from design.demand.total import DesignDemand
from design.option import SchemeOption, Site
from design.points import ConnectionPoint, Search
from design.sizing.meters import Meter
from design.sizing.service import ServicePipe
from design.supply.pieces import Equipment
from hydraulics.results import PressureCheck, TieIn


@dataclass(frozen=True)
class Case:
    """
    The site, what it draws, and by what its alternatives are judged.

    `behind` adds to an option what lies behind its tie-in, with findings that may fail; `pumps` gives the pumps and the
    break tank of a place by its service pipe, pressure at the site and margin [m]. `branch_dn` is the least size by
    velocity alone; `scouted` keeps the first look at each tie-in, for all routes and sizes there share it.
    """

    site: Site
    demand: DesignDemand
    meter: Meter
    city: City
    book: Book
    search: Search
    weights: Weights
    count: int
    route_count: int
    behind: Callable[[SchemeOption], SchemeOption]
    pumps: Callable[[ConnectionPoint, ServicePipe, float, float], tuple[Equipment, ...]]
    branch_dn: int
    scouted: dict[TieIn, PressureCheck] = field(default_factory=dict, compare=False, repr=False)

    @property
    def needs_two_inlets(self) -> bool:
        """Whether one inlet is not enough."""
        return self.site.need is not None and self.site.need.count > 1
