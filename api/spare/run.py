"""One run of capacity maps: what is there is used, what a change did not touch is taken over, the rest is found."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from api.spare.crew import Crew
from api.spare.folder import MapFolder, earlier_map, map_folder
from hydraulics.capacity import Capacities, Finder, system_of
from hydraulics.errors import HydraulicsError
from hydraulics.spare.chunk import Chunk, ChunkMaker
from hydraulics.spare.plan import new_plan, plan_after
from hydraulics.spare.touched import Picture, change_between, picture_of, stale_shares
from hydraulics.spare.verify import verified

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gis.progress import Progress
    from hydraulics.capacity import CapacityRule
    from hydraulics.session import Session
    from hydraulics.spare.plan import Plan

PROCESSES = 2
_ALONE_S = 4.0  # what takes less is done before another process has started
TRIED = 20  # random answers tried; 20 of the same kind agreeing is 86 % sure of 90 %


@dataclass(frozen=True)
class Map:
    """A published map: its folder, the answers of all its nodes by id, and its summary."""

    folder: MapFolder
    rule: CapacityRule
    chunks: tuple[Chunk, ...]
    summary: dict[str, Any]


def run_maps(
    session: Session, root: Path, rules: Sequence[CapacityRule], *, scratch: Path, processes: int = PROCESSES,
    progress: Progress,
) -> list[Map]:  # fmt: skip
    """
    Give the maps of a session's model by each rule, kept under `root`.

    A run that was stopped goes on from the chunks it kept. `scratch` is for the other processes' model.

    Raises
    ------
    HydraulicsError
        `capacity-not-verified`: a map did not stand its trial; it stays unpublished and its chunks go.
    """
    started_s = time.perf_counter()
    folders = [map_folder(root, session.model, rule) for rule in rules]
    left = [(folder, rule) for folder, rule in zip(folders, rules, strict=True) if folder.summary() is None]
    kept = {folder.path: _begin(session, root, folder, rule) for folder, rule in left}
    _find(session, [folder for folder, _ in left], scratch, processes, progress)
    for folder, rule in left:
        _publish(session, folder, rule, kept[folder.path], time.perf_counter() - started_s, progress)
    return [_read(folder, rule) for folder, rule in zip(folders, rules, strict=True)]


def _begin(session: Session, root: Path, folder: MapFolder, rule: CapacityRule) -> int:
    """Plan a map and take over what stands of an earlier one; how many chunks that are."""
    picture = picture_of(session.model.tables, session.base.pressure_m)
    earlier = earlier_map(root, folder)
    before = None if earlier is None else earlier.plan()
    if earlier is None or before is None:
        folder.begin(folder.plan() or new_plan(session, rule))
        kept = 0
    else:
        plan = plan_after(before, session)
        folder.begin(plan)
        kept = _take_over(folder, earlier, before, plan, picture)
    if not folder.picture.exists():
        picture.save(folder.picture)
    return kept


def _take_over(folder: MapFolder, earlier: MapFolder, before: Plan, plan: Plan, picture: Picture) -> int:
    """Copy the chunks of the earlier map that the change leaves as they are."""
    chunks = [earlier.chunk(number) for number in range(len(before.chunks))]
    if any(chunk is None for chunk in chunks):
        return 0
    change = change_between(
        Picture.load(earlier.picture), picture, required_pressure_m=plan.rule.required_pressure_m,
        no_worse_m=plan.rule.no_worse_m,
    )  # fmt: skip
    known = [chunk for chunk in chunks if chunk is not None]
    stale = stale_shares(change, before, known) + np.array(earlier.stale_shares() or [0.0] * len(known))
    fresh = [0.0] * len(plan.chunks)
    count = 0
    for number, chunk in enumerate(known):
        same = plan.chunks[number] == before.chunks[number]
        if same and stale[number] <= 1.0:
            folder.keep(number, chunk)
            fresh[number] = float(stale[number])
            count += 1
    folder.keep_stale(fresh)
    return count


def _find(
    session: Session, folders: list[MapFolder], scratch: Path, processes: int, progress: Progress
) -> None:
    """Find all chunks that are missing, alone while that is quick, with other processes when it is not."""
    plans = {folder.path: folder.plan() for folder in folders}
    total = sum(len(plan.chunks) for plan in plans.values() if plan)
    left = [
        (folder, number)
        for folder in folders
        if (plan := plans[folder.path])
        for number in range(len(plan.chunks))
        if folder.chunk(number) is None
    ]
    if not left:
        return
    done, system = total - len(left), system_of(session)
    makers: dict[Path, ChunkMaker] = {}
    started_s, first = time.perf_counter(), done
    while left and not (processes > 1 and _is_long(done - first, time.perf_counter() - started_s, len(left))):
        folder, number = left.pop(0)
        progress.step("capacity", done, total)
        plan = plans[folder.path]
        assert plan is not None
        if folder.path not in makers:
            makers[folder.path] = ChunkMaker(session, plan, Finder(session, plan.rule, system=system))
        folder.keep(number, makers[folder.path].make(number))
        done += 1
    if left:
        crew = Crew(session.model, scratch, hands=min(processes, len(left), os.cpu_count() or 1))
        tasks = [(str(folder.path), number) for folder, number in left]
        crew.find(tasks, progress=progress, done=done, total=total)
    progress.step("capacity", total, total)


def _is_long(found: int, spent_s: float, left: int) -> bool:
    """Say whether the rest is worth starting other processes for."""
    return found > 0 and spent_s / found * left > _ALONE_S and spent_s > _ALONE_S / 8.0


def _publish(
    session: Session, folder: MapFolder, rule: CapacityRule, kept: int, seconds: float, progress: Progress
) -> None:
    """Try the map with EPANET and let it be given out; a map that fails is thrown away."""
    one = _read(folder, rule)
    answer = capacities_of(session, one.chunks)
    try:
        trial = verified(session.model, rule, answer, sample=TRIED, progress=progress)
    except HydraulicsError:
        folder.discard()
        raise
    folder.publish({
        "network_version": session.model.version, "scenario": session.model.scenario,
        "required_pressure_m": rule.required_pressure_m, "no_worse_m": rule.no_worse_m,
        "cap_lps": rule.cap_m3s * 1000.0, "chunks": len(one.chunks), "chunks_taken_over": kept,
        "verified": {
            "tried": trial.tried, "near_limit": trial.near_limit_count, "near_limit_tried": trial.near_limit_tried_count,
            "worst_over_lps": round(trial.worst_over_m3s * 1000.0, 4),
            "worst_under_lps": round(trial.worst_under_m3s * 1000.0, 4), "worst_node_id": trial.worst_node_id,
        },
        "made": datetime.now(UTC).isoformat(timespec="seconds"), "seconds_to_make": round(seconds, 3),
    })  # fmt: skip


def _read(folder: MapFolder, rule: CapacityRule) -> Map:
    plan = folder.plan()
    chunks = [] if plan is None else [folder.chunk(number) for number in range(len(plan.chunks))]
    return Map(folder, rule, tuple(chunk for chunk in chunks if chunk is not None), folder.summary() or {})


def capacities_of(session: Session, chunks: Sequence[Chunk]) -> Capacities:
    """Put chunks together as the answer for the nodes of a session's model."""
    place = session.node_position
    names = [name for chunk in chunks for name in chunk.node_ids]
    limiting = [place.get(name, -1) for chunk in chunks for name in chunk.limiting_node_ids]
    return Capacities(
        np.array([place[name] for name in names], dtype=np.int64),
        np.concatenate([chunk.capacity_lps for chunk in chunks]) / 1000.0,
        np.array(limiting, dtype=np.int64),
        np.array([word for chunk in chunks for word in chunk.limits], dtype=np.str_),
        np.array([one for chunk in chunks for one in chunk.by_epanet], dtype=bool),
    )
