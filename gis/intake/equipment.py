"""Pumps and valves of a source: their downstream nodes after repair, and what their records do not suffice for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.equipment.found import equipment_of
from gis.equipment.records import CHECK, REGULATING
from gis.schema import conform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.intake.normalise import Working
    from gis.issues import DataIssue
    from gis.repair.outcome import Repaired

_NOT_IN_GROUND = ("abandoned", "building")


def follow_downstream(working: Working, net: Repaired) -> None:
    """Let downstream nodes follow joined nodes, and where the pipe to one was split, the end of its first piece."""
    table = working.table
    if "to_node_id" not in table or not table["to_node_id"].notna().any():
        return
    table["to_node_id"] = table["to_node_id"].replace(dict(net.became))
    start, end = (net.pipes[name].to_numpy(object) for name in ("start_node_id", "end_node_id"))
    whole_of = {piece: whole for whole, pieces in net.pieces.items() for piece in pieces}
    whole = np.array([whole_of.get(name, name) for name in net.pipes["pipe_id"]], dtype=object)
    told = table["to_node_id"].to_numpy(object).copy()
    for row in np.flatnonzero(table["to_node_id"].notna() & table["node_id"].notna()).tolist():
        node = table["node_id"].iloc[row]
        beside = np.flatnonzero((start == node) | (end == node))
        far = np.where(start[beside] == node, end[beside], start[beside])
        if told[row] in far:
            continue
        for pipe, next_node in zip(beside.tolist(), far.tolist(), strict=True):
            pieces = whole == whole[pipe]
            if pieces.sum() > 1 and told[row] in {*start[pieces], *end[pieces]}:
                told[row] = next_node
                break
    table["to_node_id"] = told


def nodes_behind(things: Mapping[str, Working]) -> set[str]:
    """Nodes that water reaches through a pump or valve although no pipe may lead there."""
    found: set[str] = set()
    for name in ("valves", "pumps"):
        table = things[name].table
        if "to_node_id" in table:
            rows = (
                table[table["kind"].isin((*REGULATING, CHECK))]
                if name == "valves" and "kind" in table
                else table
            )
            found |= set(rows["to_node_id"].dropna())
    return found


def equipment_doubts(net: Repaired, things: Mapping[str, Working]) -> tuple[DataIssue, ...]:
    """What the hydraulic model will have to assume of pumps, regulating valves and tanks."""
    tables = {name: conform(things[name].table, name) for name in ("pumps", "valves", "sources")}
    if (
        not (len(tables["pumps"]) or tables["valves"]["kind"].isin((*REGULATING, CHECK)).any())
        and not (tables["sources"]["kind"] == "tank").any()
    ):
        return ()
    pipes = net.pipes[~net.pipes["status"].isin(_NOT_IN_GROUND)].reset_index(drop=True)
    return equipment_of(pipes, net.nodes, **tables).issues
