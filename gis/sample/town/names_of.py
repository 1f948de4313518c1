"""All names of one city, made once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.sample.papers.labels import numbered
from gis.sample.town.layout import Layout
from gis.sample.town.naming import community_names, lane_names, parcel_names, street_names


@dataclass(frozen=True)
class Names:
    """Names by street edge, by gate (lanes, communities) and by parcel."""

    streets: NDArray[np.object_]
    lanes: NDArray[np.object_]
    communities: NDArray[np.object_]
    community_ids: NDArray[np.object_]
    parcels: NDArray[np.object_]


def name_all(layout: Layout, seed: int) -> Names:
    """Name everything."""
    communities = community_names(layout.gates, layout.parcels, seed)
    return Names(
        street_names(layout.streets, seed), lane_names(communities), communities,
        numbered("XQ", len(communities), digits=5), parcel_names(layout.parcels, layout.gates, communities, seed),
    )  # fmt: skip
