"""Names of streets, lanes, communities and everything else a person would read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.sample.settings import ARTERIAL, STREET_CLASSES, IntArray, names, stream
from gis.sample.town.land import Gates, Parcels
from gis.sample.town.streets import Streets

NUMERALS = "一二三四五六七八九十"


def street_names(streets: Streets, seed: int) -> NDArray[np.object_]:
    """Name of every edge: main streets keep theirs from end to end, others between two main streets."""
    column_stretch = np.cumsum(streets.lattice.column_class <= ARTERIAL)
    row_stretch = np.cumsum(streets.lattice.row_class <= ARTERIAL)
    line = np.where(streets.northward, streets.column, streets.row)
    stretch = np.where(streets.northward, row_stretch[streets.row], column_stretch[streets.column])
    stretch = np.where(streets.street_class <= ARTERIAL, 0, stretch)
    key = (line * 2 + streets.northward) * (int(stretch.max()) + 1) + stretch
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    named: NDArray[np.object_] = _made_up(streets.street_class[first], _stems(seed, "streets"))[which]
    return named


def _stems(seed: int, stage: str) -> list[str]:
    """Two to four characters each, all different, plain ones first."""
    rng = stream(seed, f"{stage}-names")
    roots = names()["street_roots"] if stage == "streets" else names()["community_roots"]
    sides = names()["street_sides"] if stage == "streets" else ["", *names()["street_sides"][5:]]
    return [side + roots[k] for side in sides for k in rng.permutation(len(roots)).tolist()]


def _made_up(street_class: IntArray, stems: list[str]) -> NDArray[np.object_]:
    """Give a different name for each row; main streets take theirs first."""
    tails = names()["street_tails"]
    result = np.empty(len(street_class), dtype=object)
    for rank, row in enumerate(np.argsort(street_class, kind="stable").tolist()):
        endings = tails[STREET_CLASSES[street_class[row]]]
        cycle, stem = divmod(rank, len(stems))
        number = NUMERALS[cycle % 10] if cycle else ""
        result[row] = stems[stem] + number + endings[(cycle + rank) % len(endings)]
    return result


def lane_names(communities: NDArray[np.object_]) -> NDArray[np.object_]:
    """Lanes are called after their community."""
    return np.array([f"{name}内路" for name in communities], dtype=object)


def community_names(gates: Gates, parcels: Parcels, seed: int) -> NDArray[np.object_]:
    """One name a community, old ones 新村 or 宿舍, new ones 花园 or 府."""
    stems = _stems(seed, "communities")
    old = parcels.built_year[gates.parcel] < 2000
    result = np.empty(len(gates.parcel), dtype=object)
    for rank, is_old in enumerate(old.tolist()):
        tails = names()["community_old" if is_old else "community_new"]
        cycle, stem = divmod(rank, len(stems))
        tail = tails[(7 * rank + cycle) % len(tails)]
        result[rank] = stems[stem] + (NUMERALS[cycle % 10] + "区" if cycle else "") + tail
    return result


def parcel_names(
    parcels: Parcels, gates: Gates, communities: NDArray[np.object_], seed: int
) -> NDArray[np.object_]:
    """Communities bear their own name; other parcels one that tells their use."""
    rng = stream(seed, "parcel-names")
    roots, kinds = names()["street_roots"], names()["parcels"]
    root = rng.integers(0, len(roots), len(parcels.use)).tolist()
    tail = rng.integers(0, 60, len(parcels.use)).tolist()
    result = np.array(
        [
            roots[r] + kinds[use][t % len(kinds[use])] if use in kinds else ""
            for r, t, use in zip(root, tail, parcels.use, strict=True)
        ],
        dtype=object,
    )
    result[gates.parcel] = communities
    return result
