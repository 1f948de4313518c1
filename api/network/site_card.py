"""The site card: what lies around a point and how the network runs there, in one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from api.network.tapoffs import nearest_tapoffs, number, peak_pressure_mpa, solves, whole
from api.positions import wire_position
from design.pressure.reliance import reliance
from gis.units import lps_from_m3s, mpa_from_head_m
from hydraulics.results import TieIn

if TYPE_CHECKING:
    from api.positions import Place
    from design.city import City
    from gis.nearest import MainHit

PIPES_COUNT = 8
TAPOFFS_COUNT = 3
VALVES_COUNT = 5
CONFIDENCES = (
    "dn_confidence", "material_confidence", "install_year_confidence", "cover_depth_confidence", "roughness_confidence",
)  # fmt: skip


def card(city: City, place: Place, *, reach_m: float, year: int) -> dict[str, Any]:
    """
    Pipes, pressure, tap-offs, valves and running state around a point.

    Parameters
    ----------
    reach_m
        How far pipes and valves are looked for; tap-offs twice as far.
    year
        Pipes are as old as they are in it.
    """
    hits = city.mains.near(place.xy, count=PIPES_COUNT, within_m=reach_m)
    ground_m = city.elevation_m(*place.xy)
    pipes = [_pipe(city, hit, year) for hit in hits]
    pressed = next((pipe for pipe in pipes if pipe["peak_pressure_mpa"] is not None), None)
    valves = _valves(city, place, reach_m=reach_m)
    return {
        "position": list(place.wire),
        "elevation_m": None if ground_m is None else round(ground_m, 2),
        "pipes": pipes,
        "peak_pressure_mpa": None if pressed is None else pressed["peak_pressure_mpa"],
        "pressure": None if pressed is None else _pressure(city, pressed),
        "tapoffs": nearest_tapoffs(
            city, place, book=None, count=TAPOFFS_COUNT, within_m=2.0 * reach_m, status=None
        ),
        "valves": valves[:VALVES_COUNT],
        "running": _running(city, hits, pipes, valves),
        "network_version": city.network.version,
        "vertical_datum": dict(city.network.vertical_datum),
        "synthetic": city.network.synthetic,
    }  # fmt: skip


def _pipe(city: City, hit: MainHit, year: int) -> dict[str, Any]:
    pipe = city.network.pipes.iloc[hit.row]
    built = whole(pipe["install_year"])
    return {
        "id": hit.pipe_id, "dn": whole(pipe["dn"]), "material": pipe["material"], "role": pipe["role"],
        "status": pipe["status"], "install_year": built, "age_years": None if built is None else max(year - built, 0),
        "cover_depth_m": number(pipe["cover_depth_m"]), "road_name": pipe["road_name"],
        **{name: pipe[name] for name in CONFIDENCES},
        "distance_m": round(hit.distance_m, 2), "position": list(wire_position(city.network, hit.position_xy)),
        **_state(city, hit, (pipe["start_node_id"], pipe["end_node_id"])),
    }  # fmt: skip


def _state(city: City, hit: MainHit, ends: tuple[Any, Any]) -> dict[str, Any]:
    """Whether water stands in the pipe, its pressure at the point nearest, and what flows; None where unknown."""
    state: dict[str, Any] = {"peak_pressure_mpa": None, "fed": None, "flow_lps": None, "velocity_mps": None}
    link = city.session.link_position.get(hit.pipe_id) if solves(city) else None
    if link is None:
        return state
    state["fed"] = city.session.can_tap(hit.pipe_id)
    known = [peak_pressure_mpa(city, end) for end in ends]
    if state["fed"] and known[0] is not None and known[1] is not None:
        base = city.session.base
        state["peak_pressure_mpa"] = round(known[0] + (known[1] - known[0]) * hit.fraction, 4)
        state["flow_lps"] = round(lps_from_m3s(float(base.flow_m3s[link])), 3)
        state["velocity_mps"] = round(abs(float(base.velocity_mps[link])), 3)
    return state


def _pressure(city: City, pipe: dict[str, Any]) -> dict[str, Any]:
    """Say what the pressure of the card is worth: whose it is, how far away, and what it rests on."""
    known = reliance(city, TieIn(pipe_id=pipe["id"]))
    return {
        "peak_mpa": pipe["peak_pressure_mpa"], "peak_head_m": round(pipe["peak_pressure_mpa"] / mpa_from_head_m(1.0), 2),
        "pipe_id": pipe["id"], "distance_m": pipe["distance_m"], "scenario": "peak",
        "relies_on": None if known is None else known.doc(),
    }  # fmt: skip


def _valves(city: City, place: Place, *, reach_m: float) -> list[dict[str, Any]]:
    """Every valve in reach, nearest first."""
    valves, site = city.network.layer("valves"), shapely.Point(place.xy)
    rows = city.valve_tree.query(site, predicate="dwithin", distance=reach_m)
    gaps_m = shapely.distance(valves.geometry.to_numpy()[rows], site)
    order = np.lexsort((rows, gaps_m))
    closed = (valves["state"].to_numpy()[rows[order]] == "closed").nonzero()[0].tolist()
    chosen = sorted({*range(min(VALVES_COUNT, len(order))), *closed})
    return [_valve(city, valves.iloc[rows[order[k]]], float(gaps_m[order[k]])) for k in chosen]


def _valve(city: City, valve: Any, distance_m: float) -> dict[str, Any]:
    return {
        "id": valve["valve_id"], "dn": whole(valve["dn"]), "kind": valve["kind"], "state": valve["state"],
        "pipe_id": valve["pipe_id"], "distance_m": round(distance_m, 2),
        "position": list(wire_position(city.network, (valve.geometry.x, valve.geometry.y))),
    }  # fmt: skip


def _running(
    city: City, hits: list[MainHit], pipes: list[dict[str, Any]], valves: list[dict[str, Any]]
) -> dict[str, Any]:
    """How the network runs here at the peak hour: fed or not, from where, through what, and what is shut."""
    fed = next((k for k, pipe in enumerate(pipes) if pipe["fed"]), None)
    source, device = (None, None) if fed is None else _feeding(city, hits[fed])
    return {
        "computed": solves(city),
        "problem": None if solves(city) else city.problem,
        "fed": None if not pipes else pipes[0]["fed"],
        "fed_pipe_id": None if fed is None else pipes[fed]["id"],
        "source": source,
        "through": device,
        "closed_valves": [valve["id"] for valve in valves if valve["state"] == "closed"],
        "closed_pipes": [pipe["id"] for pipe in pipes if pipe["status"] != "open"],
    }


def _feeding(city: City, hit: MainHit) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Main source of a pipe's water and the last pump or valve it passed."""
    session = city.session
    link = session.link_position[hit.pipe_id]
    ends = session.index.link_start[link], session.index.link_end[link]
    # the water of a pipe is that of its upstream end, which is the one with the higher head
    node = max(ends, key=lambda end: float(np.nan_to_num(session.base.head_m[end], nan=-np.inf)))
    place, device = int(city.feeding.source[node]), int(city.feeding.device[node])
    source = (
        None
        if place < 0
        else city.source_of(session.index.node_ids[place], float(session.base.head_m[place]))
    )
    return source, None if device < 0 else {
        "id": session.index.link_ids[device],
        "kind": session.device_kind(device),
    }
