"""The plan of a city of a given size: everything that has a place, before anything has a size or a date."""

from __future__ import annotations

from dataclasses import dataclass

from pyproj import Transformer

from gis.sample.consumers import Customers, settle
from gis.sample.papers.register import lines_to_spare
from gis.sample.pipes.communities import Yards, lay_yards
from gis.sample.pipes.mains import Mains, cut_edges, lay_mains, lay_trunks
from gis.sample.pipes.survey import Survey
from gis.sample.pipes.trunks import Skeleton, Supply, connect, place_supply
from gis.sample.settings import BoolArray, IntArray, parameters
from gis.sample.town.buildings import Buildings, Zones, lay_zones, put_up
from gis.sample.town.land import Cells, Gates, Parcels, cut_parcels, lay_cells, open_gates
from gis.sample.town.lattice import built_cells, lay_lattice
from gis.sample.town.streets import Streets, lay_streets

TRIES = 12


@dataclass(frozen=True)
class Layout:
    """Streets, land, pipes and customers with their places."""

    streets: Streets
    supply: Supply
    skeleton: Skeleton
    cells: Cells
    parcels: Parcels
    gates: Gates
    zones: Zones
    buildings: Buildings
    cut: BoolArray
    survey: Survey
    mains: Mains
    source_point: IntArray
    yards: Yards
    customers: Customers


def lay_out(seed: int, *, pipes: int) -> Layout:
    """
    Lay out the city whose lines come closest below `pipes`.

    Survey points on long lines make up the rest later, so a little less is aimed at.
    """
    reserve = parameters()["fill_reserve"]
    room = pipes - lines_to_spare(pipes)
    cells = max(6, round(pipes * (1 - reserve) / parameters()["pipes_per_cell"]))
    best: Layout | None = None
    for _ in range(TRIES):
        layout = _with_cells(seed, cells, pipes)
        count = layout.survey.line_count
        if count <= room and (best is None or count > best.survey.line_count):
            best = layout
        if room * (1 - 2 * reserve) <= count <= room:
            return layout
        wanted = round(cells * room * (1 - reserve) / count)
        cells = max(4, wanted if wanted != cells else cells + (1 if count < room else -1))
    assert best is not None, "a smaller city always fits"
    return best


def _with_cells(seed: int, cells: int, pipes: int) -> Layout:
    longitude, latitude = parameters()["centre_lonlat"]
    to_plane = Transformer.from_crs("EPSG:4490", parameters()["crs"], always_xy=True)
    lattice = lay_lattice(seed, cells=cells, origin_xy=to_plane.transform(longitude, latitude))
    built = built_cells(lattice, cells)
    streets = lay_streets(lattice, built, seed)
    sources = max(1, round(pipes / parameters()["pipes_per_source"]))
    supply = place_supply(streets, built, seed, sources=sources)
    skeleton = connect(streets, supply)
    land = lay_cells(streets, built, seed, works=supply.cell)
    parcels = cut_parcels(land, seed)
    gates = open_gates(streets, land, parcels, seed)
    zones = lay_zones(land, parcels, gates)
    buildings = put_up(land, parcels, gates, zones, seed)
    cut = cut_edges(streets, skeleton, gates, seed)
    survey = Survey()
    mains = lay_mains(survey, streets, gates, cut, seed)
    source_point = lay_trunks(survey, streets, supply, seed)
    yards = lay_yards(survey, streets, land, parcels, gates, zones, mains.gate_tee)
    customers = settle(streets, land, parcels, gates, buildings, mains, yards, seed)
    return Layout(
        streets,
        supply,
        skeleton,
        land,
        parcels,
        gates,
        zones,
        buildings,
        cut,
        survey,
        mains,
        source_point,
        yards,
        customers,
    )
