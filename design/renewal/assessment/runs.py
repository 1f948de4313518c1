"""Runs of pipe: pieces end to end with one material, size, laying date and road, that live and fail as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

_ALIKE = ("material", "lining", "dn", "installed_on", "install_year", "road_name", "status")


def run_numbers(pipes: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """
    The run of every pipe, numbered from 0.

    Surveys cut a pipe at every point, so a piece is often shorter than a trench; a break rate of one piece says
    little. A pipe without node ids is a run of its own.
    """
    kind = pipes.groupby(list(_ALIKE), dropna=False, sort=False).ngroup().to_numpy()
    row = np.tile(np.arange(len(pipes)), 2)
    node = pd.concat([pipes["start_node_id"], pipes["end_node_id"]], ignore_index=True)
    known = node.notna().to_numpy()
    place = pd.factorize(node[known])[0].astype("int64")
    meeting = pd.factorize(place * (kind.max(initial=0) + 1) + np.tile(kind, 2)[known])[0]
    size = len(pipes)
    total = size + (int(meeting.max()) + 1 if len(meeting) else 0)
    links = coo_array(
        (np.ones(len(meeting), dtype="int8"), (row[known], size + meeting)), shape=(total, total)
    )
    return connected_components(links, directed=False)[1][:size].astype("int64")
