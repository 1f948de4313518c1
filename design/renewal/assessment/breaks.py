"""Assignment of breaks and leaks to pipes: by recorded id, else by place, never to a pipe laid later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from design.renewal.assessment.dates import day, laid_between, parse_days, year_of

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from design.renewal.parameters import RenewalParameters

# Gates of the search by place, best first; a later gate is only asked where no earlier one holds a pipe in reach.
GATES = ("place-material-dn", "place-dn", "place-material", "place-any", "place-predecessor")
METHODS = ("recorded", *GATES, "none")


def assign_breaks(
    pipes: gpd.GeoDataFrame, breaks: gpd.GeoDataFrame, *, parameters: RenewalParameters
) -> pd.DataFrame:
    """
    One row a break: break_id, kind, occurred_on, pipe_row, pipe_id, relation, method, probability, distance_m.

    Notes
    -----
    `pipes` and `breaks` are tables of the schema in one metric CRS; geometry may be missing. `relation` is
    `own`, `predecessor` (the break is older than the pipe that now lies there) or `none`. A break whose
    recorded pipe is in the register is that pipe's, or its predecessor's. Any other break goes to the nearest
    pipe within reach that passes the strictest gate holding one: same material and size, same size, same
    material, any; all of them laid before the break. Where only later pipes are in reach the nearest one's
    predecessor broke. `probability` is 1 for a recorded id, else the pipe's share of sum((1 - distance /
    reach)^2) over the pipes of that gate; `pipe_row` is -1 and `distance_m` NaN where they do not apply.
    """
    occurred = parse_days(breaks["occurred_on"])
    earliest, _ = laid_between(pipes, "interval")
    recorded = pd.Index(pipes["pipe_id"]).get_indexer(pd.Index(breaks["pipe_id"]))
    found = _by_place(pipes, breaks, recorded < 0, occurred, earliest, parameters)
    table = pd.DataFrame(
        {
            "break_id": breaks["break_id"].to_numpy(), "kind": breaks["kind"].to_numpy(),
            "occurred_on": occurred.astype("datetime64[s]"), "pipe_row": recorded, "relation": "none", "method": "none",
            "probability": 0.0, "distance_m": np.nan,
        }
    )  # fmt: skip
    known = recorded >= 0
    older = known & ~_laid_before(occurred, earliest[recorded], parameters.breaks_installed_precision)
    table.loc[known, ["relation", "method", "probability"]] = ["own", "recorded", 1.0]
    table.loc[older, "relation"] = "predecessor"
    for column in found.columns:
        table.loc[found.index, column] = found[column]
    rows = table["pipe_row"].to_numpy()
    ids = pipes["pipe_id"].reindex(rows).to_numpy(dtype=object)
    table.insert(4, "pipe_id", pd.Series(np.where(rows < 0, None, ids), dtype=object))
    return table


def _laid_before(occurred: NDArray[Any], laid: NDArray[Any], precision: str) -> NDArray[np.bool_]:
    """True unless the pipe is known to be younger than the break."""
    if precision == "year":
        return ~(year_of(occurred) < year_of(laid))
    return ~(occurred < laid)


def _by_place(
    pipes: gpd.GeoDataFrame, breaks: gpd.GeoDataFrame, wanted: NDArray[np.bool_], occurred: NDArray[Any],
    earliest: NDArray[Any], parameters: RenewalParameters,
) -> pd.DataFrame:  # fmt: skip
    """Best pipe of every wanted break with a pipe in reach, indexed by break row."""
    reach_m = parameters.breaks_reach_m
    rows = np.flatnonzero(wanted)
    points = breaks.geometry.to_numpy()[rows]
    tree = shapely.STRtree(pipes.geometry.to_numpy())
    hit, pipe = tree.query(points, predicate="dwithin", distance=reach_m)
    row = rows[hit]
    distance_m = shapely.distance(points[hit], pipes.geometry.to_numpy()[pipe])
    laid = _laid_before(occurred[row], earliest[pipe], parameters.breaks_installed_precision)
    gate = np.where(laid, _gate(pipes, breaks, pipe, row, parameters.breaks_dn_tolerance_mm), 4)
    pairs = pd.DataFrame({"row": row, "pipe_row": pipe, "gate": gate, "distance_m": distance_m})
    pairs = pairs[pairs["gate"] == pairs.groupby("row")["gate"].transform("min")]
    pairs["weight"] = (1.0 - (pairs["distance_m"] / reach_m).clip(0.0, 1.0)) ** 2
    total, count = (pairs.groupby("row")["weight"].transform(how) for how in ("sum", "size"))
    pairs["probability"] = np.where(total > 0, pairs["weight"] / total.where(total > 0, 1.0), 1.0 / count)
    best = pairs.sort_values(["row", "distance_m", "pipe_row"]).drop_duplicates("row").set_index("row")
    best["method"] = np.array(GATES, dtype=object)[best["gate"].to_numpy(dtype="int64")]
    best["relation"] = np.where(best["gate"] == 4, "predecessor", "own")
    return best[["pipe_row", "relation", "method", "probability", "distance_m"]]


def _gate(
    pipes: gpd.GeoDataFrame,
    breaks: gpd.GeoDataFrame,
    pipe: NDArray[Any],
    row: NDArray[Any],
    tolerance_mm: float,
) -> NDArray[np.int64]:
    """0 same material and size, 1 same size, 2 same material, 3 neither; what is unknown is never the same."""
    of_pipe, of_break = pipes["material"].to_numpy()[pipe], breaks["material"].to_numpy()[row]
    same_material = (of_pipe == of_break) & (of_break != "unknown")
    dn_pipe, dn_break = (
        pd.to_numeric(table["dn"], errors="coerce").astype("float64").to_numpy()[at]
        for table, at in ((pipes, pipe), (breaks, row))
    )
    same_dn = np.abs(dn_pipe - dn_break) <= tolerance_mm
    return np.select([same_material & same_dn, same_dn, same_material], [0, 1, 2], 3)


def known_breaks(breaks: gpd.GeoDataFrame, *, on: date, parameters: RenewalParameters) -> gpd.GeoDataFrame:
    """The records an assessment on a day may use: dated, inside the stated span of records, not later than the day."""
    occurred = parse_days(breaks["occurred_on"])
    until = min(on, parameters.breaks_known_until or on)
    usable = ~np.isnat(occurred) & (occurred <= day(until))
    if parameters.breaks_known_since:
        usable &= occurred >= day(parameters.breaks_known_since)
    return breaks[usable].reset_index(drop=True)
