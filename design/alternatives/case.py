"""Case: everything that is the same for all alternatives of one plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from design.alternatives.weights import Weights
from design.book import Book
from design.city import City
from design.demand.total import DesignDemand
from design.option import SchemeOption, Site
from design.points import ConnectionPoint, Search
from design.sizing.meters import Meter
from design.sizing.service import ServicePipe
from design.supply.pieces import Equipment


@dataclass(frozen=True)
class Case:
    """
    The site, what it draws, and by what its alternatives are judged.

    `behind` adds to an option what lies behind its tie-in, with findings that may fail; `pumps` gives the pumps and the
    break tank of a place by its service pipe, pressure at the site and margin [m].
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
