"""`--plots DIR`: what an answer shows as pictures and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from api.files.outputs import whole_folder
from maps.plots import Plot, write_plots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from design.city import City
    from hydraulics.results import PressureCheck
    from hydraulics.session import Session

_PATH = ("at_m", "id", "ground_m", "head_before_m", "head_after_m")


def write_check_plots(
    city: City, session: Session, result: PressureCheck, folder: Path, *, fonts: Path,
    document: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """
    Write the profile along the water's way to the tie-in, and every customer's pressure before and after.

    Of a `document` with scenarios or fire flow also these.
    """
    from design.pressure.supply_path import supply_path

    ground_m = city.tie_in_elevation_m(result.tie_in)
    way = supply_path(result, city, tie_in_ground_m=ground_m) if np.isfinite(ground_m) else []
    way = [point for point in way if np.isfinite(point["ground_m"])]
    index, before_m, after_m = session.index, result.before.pressure_m, result.after.pressure_m
    known = np.isfinite(before_m) & np.isfinite(after_m)
    nodes = np.flatnonzero(index.is_junction & (index.demand_m3s > 0) & known)
    rows = [(index.node_ids[n], round(float(before_m[n]), 4), round(float(after_m[n]), 4)) for n in nodes]
    plots = [Plot("before-after", ("node_id", "pressure_before_m", "pressure_after_m"), rows)]
    if len(way) > 1:
        plots.append(Plot("profile", _PATH, [tuple(dict(point)[name] for name in _PATH) for point in way]))
    _write([*plots, *_supply_plots(document or {})], folder, fonts)


def _supply_plots(document: Mapping[str, Any]) -> list[Plot]:
    found = []
    known = [one for one in document.get("scenarios", []) if one["pressure_after_m"] is not None]
    if known:
        columns = ("name", "pressure_before_m", "pressure_after_m", "limit_m", "verdict")
        found.append(Plot("scenarios", columns, [tuple(one[name] for name in columns) for one in known]))
    if fire := document.get("fire"):
        columns = ("id", "distance_m", "pressure_m", "available_lps", "fire_lps")
        places = [{"id": "tie-in", "distance_m": 0.0, **fire["connection"]}, *fire["hydrants"]]
        rows = [tuple({**one, "fire_lps": fire["fire_lps"]}[name] for name in columns) for one in places]
        found.append(Plot("fire", columns, rows))
    return found


def write_outage_plots(rows: Sequence[tuple[str, str, float]], folder: Path, *, fonts: Path) -> None:
    """Write losses of pipes and segments by rank; rows are kind (pipe, segment), id, unserved demand [L/s]."""
    _write([Plot("outages", ("kind", "id", "unserved_lps"), rows)], folder, fonts)


def write_residual_plots(document: Mapping[str, Any], folder: Path, *, fonts: Path) -> None:
    """Write what is left over each reading before and after calibration."""
    columns = ("node_id", "read_m", "residual_before_m", "residual_after_m", "accuracy_m", "flow_lps")
    rows = [
        (one["node_id"], one["read_m"], round(one["before_m"] - one["read_m"], 3), one["residual_m"], one["accuracy_m"], one["flow_lps"])
        for one in document["residuals"]
    ]  # fmt: skip
    _write([Plot("residuals", columns, rows)], folder, fonts)


def write_capacity_plots(tables: Sequence[pd.DataFrame], folder: Path, *, fonts: Path) -> None:
    """Write how capacities are distributed, a curve for each required pressure."""
    columns = ("node_id", "capacity_lps", "required_pressure_m")
    rows = [row for table in tables for row in table[list(columns)].itertuples(index=False, name=None)]
    _write([Plot("capacity", columns, rows)], folder, fonts)


def _write(plots: Sequence[Plot], folder: Path, fonts: Path) -> None:
    with whole_folder(folder) as draft:
        write_plots(plots, draft, fonts=fonts)
