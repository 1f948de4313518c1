"""The way of the water from its source to the tie-in, with ground and head before and after: what the pressure plot draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from design.pressure.reliance import water_way

if TYPE_CHECKING:
    from design.city import City
    from design.wire.scheme import PathPointDoc
    from hydraulics.results import PressureCheck

SHOWN = 48  # points of the way that are kept: more cannot be told apart on paper


def supply_path(check: PressureCheck, city: City, *, tie_in_ground_m: float) -> list[PathPointDoc]:
    """
    Points along the way of the water, source first [m along the pipes]; empty where none comes.

    The last point is the tie-in itself.
    """
    found = water_way(city, check.tie_in)
    if found is None:
        return []
    index, node = city.session.index, found.first_node
    along_m, points = found.to_first_m, []
    for link in (-1, *found.links):
        if link >= 0:
            along_m += float(index.link_length_m[link])
            node = int(index.link_start[link] + index.link_end[link]) - node
        points.append((along_m, node))
    total_m = points[-1][0]
    on_pipe = check.tie_in.node_id is None
    rows = [
        _point(total_m - at_m, index.node_ids[place], float(index.elevation_m[place]),
               float(check.before.head_m[place]), float(check.after.head_m[place]))
        for at_m, place in reversed(points)
    ]  # fmt: skip
    if on_pipe:
        heads = check.tie_in_head_before_m, check.tie_in_head_after_m
        rows.append(_point(total_m, str(check.tie_in.pipe_id), tie_in_ground_m, *heads))
    rows = [row for row in rows if np.isfinite(row["head_before_m"] + row["head_after_m"])]
    return (
        [rows[at] for at in sorted({round(float(k)) for k in np.linspace(0, len(rows) - 1, SHOWN)})]
        if rows
        else []
    )


def _point(at_m: float, place: str, ground_m: float, before_m: float, after_m: float) -> PathPointDoc:
    return {
        "at_m": round(at_m, 1), "id": place, "ground_m": round(ground_m, 3),
        "head_before_m": round(before_m, 4), "head_after_m": round(after_m, 4),
    }  # fmt: skip
