"""The places a capacity map asks about: every junction, and every tap-off, also one in the middle of a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from hydraulics.results import TieIn

if TYPE_CHECKING:
    from gis.network import Network
    from hydraulics.tables import ModelTables


def tapoff_tie_ins(network: Network, tables: ModelTables) -> list[tuple[str, TieIn]]:
    """
    Give the tie-in of every tap-off that the model can hold: at its node, else where it lies on its main.

    One with neither a node nor an open main in the model is left out.
    """
    table = network.tapoffs
    nodes, pipes = set(tables.node_ids), set(tables.link_ids[: tables.pipe_count])
    lines = network.pipes.set_index(network.pipes["pipe_id"].astype(str)).geometry
    lines = lines[~lines.index.duplicated()]
    found = []
    for tapoff, node, pipe, point in zip(
        table["tapoff_id"].astype(str), table["node_id"], table["pipe_id"], table.geometry.to_numpy(), strict=True
    ):  # fmt: skip
        if isinstance(node, str) and node in nodes:
            found.append((tapoff, TieIn(node_id=node)))
        elif isinstance(pipe, str) and pipe in pipes and pipe in lines.index:
            found.append((tapoff, TieIn(pipe_id=pipe, fraction=_fraction(lines[pipe], point))))
    return found


def _fraction(line: shapely.LineString, point: shapely.Point | None) -> float:
    """Share of the line up to the point's foot; the middle where the tap-off has no place."""
    if line is None or line.length == 0 or point is None or point.is_empty:
        return 0.5
    share = shapely.line_locate_point(line, point) / line.length
    return float(np.clip(np.round(share, 6), 0.0, 1.0))
