"""How much hangs on each valve: what more is shut off when it does not turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.segments import Segments
    from hydraulics.results import FloatArray

    IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class ValveWeights:
    """
    One row a valve; zero for one that parts nothing.

    Attributes
    ----------
    around_count
        Other valves around the two segments beside it.
    demand_ratio, length_ratio
        By which share the larger of the two segments grows when both are shut instead.
    """

    around_count: IntArray
    demand_ratio: FloatArray
    length_ratio: FloatArray


def valve_weights(segments: Segments, *, demand_m3s: FloatArray, length_m: FloatArray) -> ValveWeights:
    """
    Give the weights of all valves.

    Parameters
    ----------
    demand_m3s, length_m
        Shape (nodes,) and (links,).
    """
    count, first, second = segments.count, segments.first, segments.second
    demand = np.bincount(segments.node, weights=demand_m3s, minlength=count).astype(np.float64)
    length = np.bincount(segments.link, weights=length_m, minlength=count).astype(np.float64)
    parts = first != second
    return ValveWeights(
        _around(segments, parts), _growth(demand, first, second), _growth(length, first, second)
    )


def _growth(value: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    larger = np.maximum(value[first], value[second])
    both = value[first] + value[second]
    grown = np.divide(both, larger, out=np.ones_like(both), where=larger > 0) - 1.0
    return np.where(first == second, 0.0, grown)


def _around(segments: Segments, parts: NDArray[np.bool_]) -> IntArray:
    """Valves at either segment, the valve itself left out; one between the same two counts once."""
    first, second, count = segments.first, segments.second, segments.count
    inner = np.bincount(first[~parts], minlength=count)
    at = np.bincount(first[parts], minlength=count) + np.bincount(second[parts], minlength=count) + inner
    pair = np.minimum(first, second) * count + np.maximum(first, second)
    _, place, alike = np.unique(np.where(parts, pair, -1), return_inverse=True, return_counts=True)
    between = alike[place]
    return np.where(parts, at[first] + at[second] - between - 1, 0).astype(np.int64)
