"""Making a walk a trench: no spikes, no loops, no corner that serves nothing, no stretch too short to lay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

FLAT_M = 0.06  # a corner so near to the straight line is none
SPIKE_COSINE = -0.999
SHARP_COSINE = -0.5  # a pipe does not turn back by more than 120 degrees
MORE = 1.0 + 1e-6
LEAST_SINE = 0.2
MOST_TURN_DEG = 8.0  # so far_xy a long leg may be turned to lose a short one


def tidied(vertices_xy: FloatArray, *, leg_m: float, reckon: Callable[[Any], float]) -> FloatArray:
    """
    Vertices without needless ones; the ends stay.

    Parameters
    ----------
    leg_m
        Stretches between two bends that are shorter are taken out where that costs nothing.
    reckon
        What a line counts when routes are compared; nothing is changed that makes it count more.
    """
    line_xy = plain(vertices_xy)
    if len(line_xy) <= 2:
        return line_xy
    best_cny: float | None = None
    tried: set[bytes] = set()
    for _ in range(3 * len(line_xy)):
        for other in _simpler(line_xy, leg_m):
            if other.tobytes() in tried or not (
                _same_end(line_xy, other, leg_m) and _same_end(line_xy[::-1], other[::-1], leg_m)
            ):
                continue
            tried.add(other.tobytes())
            best_cny = reckon(shapely.LineString(line_xy)) if best_cny is None else best_cny
            other_cny = reckon(shapely.LineString(other))
            if other_cny <= best_cny * MORE:
                line_xy, best_cny = other, other_cny
                break
        else:
            break
    return line_xy


def _same_end(line_xy: FloatArray, other_xy: FloatArray, leg_m: float) -> bool:
    """Whether the first leg keeps its direction: it stands square to the street; a short one may go."""
    one, two = line_xy[1] - line_xy[0], other_xy[1] - other_xy[0]
    length_m = float(np.hypot(*one))
    if length_m < leg_m:
        return True
    return bool(one @ two > np.cos(np.radians(MOST_TURN_DEG)) * length_m * np.hypot(*two))


def plain(vertices_xy: FloatArray) -> FloatArray:
    """Without repeated vertices, corners on a straight line, spikes and loops; two points at least."""
    line_xy = _without_repeats(vertices_xy)
    while True:
        shorter = _without_spikes(_without_loops(line_xy))
        flat = (
            shapely.get_coordinates(shapely.simplify(shapely.LineString(shorter), FLAT_M))
            if len(shorter) > 2
            else shorter
        )
        if len(flat) == len(line_xy):
            return flat
        line_xy = _without_repeats(flat)


def _without_repeats(line_xy: FloatArray) -> FloatArray:
    moved = np.concatenate([[True], np.hypot(*np.diff(line_xy, axis=0).T) > 1e-9])
    moved[-1] |= moved.sum() < 2
    kept = line_xy[moved]
    kept[-1] = line_xy[-1]
    return kept


def _without_spikes(line_xy: FloatArray) -> FloatArray:
    """Leave out a corner from which the line runs back over itself."""
    while len(line_xy) > 2:
        steps = np.diff(line_xy, axis=0)
        lengths_m = np.hypot(steps[:, 0], steps[:, 1])
        cosine = (steps[:-1] * steps[1:]).sum(axis=1) / np.maximum(lengths_m[:-1] * lengths_m[1:], 1e-12)
        spikes = np.flatnonzero(cosine < SPIKE_COSINE)
        if not len(spikes):
            return line_xy
        line_xy = _without_repeats(np.delete(line_xy, spikes[0] + 1, axis=0))
    return line_xy


def _without_loops(line_xy: FloatArray) -> FloatArray:
    """Cut out what lies between two passes of the same place."""
    while len(line_xy) > 3 and not shapely.is_simple(shapely.LineString(line_xy)):
        found = _first_loop(line_xy)
        if found is None:
            return line_xy
        i, j, place = found
        line_xy = np.concatenate([line_xy[: i + 1], [place], line_xy[j + 1 :]])
        line_xy = _without_repeats(line_xy)
    return line_xy


def _first_loop(line_xy: FloatArray) -> tuple[int, int, FloatArray] | None:
    """Number of the first segment that a later one meets, the last such later one, and the place."""
    legs = shapely.linestrings(np.stack([line_xy[:-1], line_xy[1:]], axis=1))
    for i in range(len(legs)):
        for j in range(len(legs) - 1, i + 1, -1):
            met = shapely.intersection(legs[i], legs[j])
            if not shapely.is_empty(met):
                return i, j, shapely.get_coordinates(met)[0]
    return None


def _simpler(line_xy: FloatArray, leg_m: float) -> list[FloatArray]:
    """Lines without one of the sharpest corners, or with one short stretch less, the shortest first."""
    steps = np.diff(line_xy, axis=0)
    lengths_m = np.hypot(steps[:, 0], steps[:, 1])
    cosine = (steps[:-1] * steps[1:]).sum(axis=1) / np.maximum(lengths_m[:-1] * lengths_m[1:], 1e-12)
    found = [np.delete(line_xy, k + 1, axis=0) for k in np.flatnonzero(cosine < SHARP_COSINE).tolist()]
    for k in np.argsort(lengths_m, kind="stable").tolist():
        if lengths_m[k] >= leg_m or len(line_xy) <= 2:
            break
        found += _without_stretch(line_xy, k, 3.0 * leg_m)
    return found


def _without_stretch(line_xy: FloatArray, k: int, reach_m: float) -> list[FloatArray]:
    """The stretch from vertex k on left out: the legs beside it met, one of them moved over, or its ends in one."""
    last, found = len(line_xy) - 2, []
    if 0 < k < last and (met := _met(line_xy[k - 1 : k + 1], line_xy[k + 1 : k + 3], reach_m)) is not None:
        found.append(np.concatenate([line_xy[:k], [met], line_xy[k + 2 :]]))
    if 0 < k < last - 1 and (met := _met(line_xy[k - 1 : k + 1], line_xy[k + 2 : k + 4])) is not None:
        found.append(np.concatenate([line_xy[:k], [met], line_xy[k + 3 :]]))
    if 1 < k < last and (met := _met(line_xy[k - 2 : k], line_xy[k + 1 : k + 3])) is not None:
        found.append(np.concatenate([line_xy[: k - 1], [met], line_xy[k + 2 :]]))
    if k > 0 and _bent_little(line_xy[k - 1], line_xy[k], line_xy[k + 1]):
        found.append(np.delete(line_xy, k, axis=0))
    if k < last and _bent_little(line_xy[k + 2], line_xy[k + 1], line_xy[k]):
        found.append(np.delete(line_xy, k + 1, axis=0))
    return found


def _bent_little(far_xy: FloatArray, corner_xy: FloatArray, near_xy: FloatArray) -> bool:
    """Whether the long leg far-corner hardly turns when it runs to `near_xy` at once."""
    old, new = corner_xy - far_xy, near_xy - far_xy
    sine = abs(old[0] * new[1] - old[1] * new[0]) / max(float(np.hypot(*old) * np.hypot(*new)), 1e-12)
    return bool(sine < np.sin(np.radians(MOST_TURN_DEG)) and old @ new > 0)


def _met(one_xy: FloatArray, other_xy: FloatArray, reach_m: float = np.inf) -> FloatArray | None:
    """Where the lines on which two legs lie meet, if they are not nearly parallel and the place is within reach."""
    (a, b), (c, d) = one_xy, other_xy
    one, two = b - a, d - c
    across = one[0] * two[1] - one[1] * two[0]
    if abs(across) < LEAST_SINE * np.hypot(*one) * np.hypot(*two):
        return None
    t = ((c - a)[0] * two[1] - (c - a)[1] * two[0]) / across
    place: FloatArray = a + t * one
    # a leg may become longer or shorter, not turn back
    if t <= 0.0 or (place - d) @ (c - d) <= 0.0:
        return None
    return place if min(np.hypot(*(place - b)), np.hypot(*(place - c))) < reach_m else None
