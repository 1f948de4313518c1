"""`tapwright capacity`: what every junction and every tap-off can still give, tried with EPANET before it is written."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from gis.units import m3s_from_lps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.spare.bench import OpenWorkspace
    from api.spare.outputs import CapacityTables
    from api.spare.run import Map
    from gis.progress import Progress
    from hydraulics.capacity import CapacityRule
    from hydraulics.demand.taken import Taken
    from hydraulics.session import Session


def capacity_maps(
    bench: OpenWorkspace, rules: Sequence[CapacityRule], *, taken: Sequence[Taken] = (), processes: int | None = None,
    progress: Progress,
) -> tuple[list[Map], list[CapacityTables]]:  # fmt: skip
    """
    Give the maps of a workspace's version by each rule, and as tables of junctions and tap-offs.

    They are kept in the workspace; in a database workspace, which keeps no files, they are found anew each time.
    """
    from api.spare.outputs import tables_of
    from api.spare.run import PROCESSES, run_maps
    from hydraulics.spare.places import tapoff_tie_ins

    place = bench.settings.workspace
    with tempfile.TemporaryDirectory(prefix="tapwright-") as folder:
        scratch = Path(folder)
        session, nodes = _session_with_tapoffs(
            bench, tapoff_tie_ins(bench.network, bench.city.session.model.tables), taken, scratch
        )
        try:
            root = place if isinstance(place, Path) else scratch
            maps = run_maps(
                session, root, rules, scratch=scratch, processes=PROCESSES if processes is None else processes,
                progress=progress,
            )  # fmt: skip
            return maps, [tables_of(bench, session, one, nodes) for one in maps]
        finally:
            if session is not bench.city.session:
                session.close()


def _session_with_tapoffs(
    bench: OpenWorkspace, tie_ins: Sequence[Any], taken: Sequence[Taken], scratch: Path
) -> tuple[Session, dict[str, str]]:
    """Give the session to ask, with promised demands drawn, and the node of every tap-off in it."""
    from hydraulics.demand.taken import with_places, with_taken
    from hydraulics.errors import ModelInputError
    from hydraulics.model import write_model
    from hydraulics.session import Session

    own = bench.city.session
    tables, lost = with_taken(own.model.tables, taken)
    if lost:
        raise ModelInputError(
            "taken-unknown", name=lost[0].name or "", place=lost[0].tie_in.node_id or lost[0].tie_in.pipe_id
        )
    tables, places = with_places(tables, [tie_in for _, tie_in in tie_ins])
    nodes = {
        name: tables.node_ids[place] for (name, _), place in zip(tie_ins, places, strict=True) if place >= 0
    }
    if tables is own.model.tables:
        return own, nodes
    model = write_model(
        tables, scratch / "model", version=own.model.version, description=own.model.description
    )
    return Session(replace(model, calibration=own.model.calibration)), nodes


def write_capacity(
    bench: OpenWorkspace, out: Path, *, required_pressures_m: Sequence[float], no_worse_m: float, cap_lps: float,
    reserved: Path | None = None, tapoffs_out: Path | None = None, map_out: Path | None = None,
    processes: int | None = None, plots: Path | None = None, progress: Progress,
) -> dict[str, Any]:  # fmt: skip
    """
    Write every junction's capacity and give the counts.

    Raises
    ------
    CallError
        A figure out of range, or a file of reservations that cannot be one.
    HydraulicsError
        A map did not stand its trial; nothing is written.
    """
    from api.pressure.plots import write_capacity_plots
    from api.spare.outputs import write_map, write_nodes, write_tapoffs
    from api.spare.reserved import read_reserved
    from hydraulics.capacity import CapacityRule

    _require(required_pressures_m=required_pressures_m, no_worse_m=no_worse_m, cap_lps=cap_lps)
    started_s = time.perf_counter()
    taken = () if reserved is None else read_reserved(reserved)
    rules = [
        CapacityRule(pressure_m, no_worse_m, m3s_from_lps(cap_lps)) for pressure_m in required_pressures_m
    ]
    maps, tables = capacity_maps(bench, rules, taken=taken, processes=processes, progress=progress)
    write_nodes(tables, out)
    if tapoffs_out is not None:
        write_tapoffs(tables, tapoffs_out)
    if map_out is not None:
        write_map(bench, tables[0], map_out)
    if plots is not None:
        write_capacity_plots([table.nodes for table in tables], plots, fonts=bench.settings.fonts)
    answers = [{**one.summary, **table.counts(cap_lps)} for one, table in zip(maps, tables, strict=True)]
    return {
        **answers[0], "reserved_lps": round(sum(one.flow_m3s for one in taken) * 1000.0, 3),
        "reserved_newly_below": _left_short(bench, taken, rules), "maps": answers,
        "out": str(out), "seconds": round(time.perf_counter() - started_s, 3),
    }  # fmt: skip


def _left_short(
    bench: OpenWorkspace, taken: Sequence[Taken], rules: Sequence[CapacityRule]
) -> list[dict[str, Any]]:
    """Whom the list itself leaves short, by each pressure asked for."""
    from hydraulics.spare.promised import left_short

    return [
        {
            "required_pressure_m": rule.required_pressure_m, "node_id": one.node_id,
            "pressure_m": round(one.pressure_after_m, 3), "short_m": round(rule.required_pressure_m - one.pressure_after_m, 3),
        }
        for rule in rules
        for one in left_short(bench.city.session, taken, limit_m=rule.required_pressure_m)
    ]  # fmt: skip


def write_run(
    bench: OpenWorkspace, request: Mapping[str, Any], out: Path, *, progress: Progress
) -> dict[str, Any]:
    """Write all there is of a run into a folder: two tables, the page and the layers of the first pressure."""
    from api.spare.outputs import write_map
    from hydraulics.capacity import CapacityRule

    pressures_m = request["required_pressures_m"]
    cap_lps, no_worse_m = float(request["cap_lps"]), float(request["no_worse_m"])
    document = write_capacity(
        bench, out / "nodes.csv", required_pressures_m=pressures_m, no_worse_m=no_worse_m, cap_lps=cap_lps,
        tapoffs_out=out / "tapoffs.csv", map_out=out / "map.html", progress=progress,
    )  # fmt: skip
    rule = CapacityRule(pressures_m[0], no_worse_m, m3s_from_lps(cap_lps))
    _, tables = capacity_maps(bench, [rule], progress=progress)
    for name in ("map.gpkg", "map.geojson"):
        write_map(bench, tables[0], out / name)
    return {name: value for name, value in document.items() if name != "out"}


def _require(*, required_pressures_m: Sequence[float], no_worse_m: float, cap_lps: float) -> None:
    for value in required_pressures_m:
        if not 0.0 <= value <= 1e3:
            raise CallError("required-pressure", value=value)
    if not 0.0 <= no_worse_m <= 1e3:
        raise CallError("no-worse", value=no_worse_m)
    if not 0.0 < cap_lps <= 1e5:
        raise CallError("cap", value=cap_lps)
