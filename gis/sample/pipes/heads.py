"""Heads of a looped network at one load (Hazen-Williams): used to lay the sample city out, never to check a scheme."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.linalg import splu

from gis.sample.settings import FloatArray, IntArray

EXPONENT = 1.852


def resistance(length_m: FloatArray, bore_m: FloatArray, roughness_c: FloatArray) -> FloatArray:
    """Hazen-Williams resistance r of pipes: head loss [m] = r * flow [m3/s] ** 1.852."""
    result: FloatArray = 10.667 * length_m / (roughness_c**EXPONENT * bore_m**4.871)
    return result


def solve_heads(
    first: IntArray, second: IntArray, r_k: FloatArray, *,
    demand_m3s: FloatArray, source: IntArray, source_head_m: FloatArray,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """
    Heads [m] of all nodes and flows [m3/s] of all edges by the gradient method.

    `r_k` are the edges' resistances; `source` nodes keep `source_head_m`; every node must be joined to one.
    """
    nodes = len(demand_m3s)
    free = np.ones(nodes, dtype=np.bool_)
    free[source] = False
    head = np.full(nodes, float(source_head_m.mean()))
    head[source] = source_head_m
    flow = np.full(len(first), max(float(demand_m3s.sum()) / max(len(first), 1), 1e-4))
    for _ in range(60):
        size = np.maximum(np.abs(flow), 1e-7)
        gradient = EXPONENT * r_k * size ** (EXPONENT - 1)
        p = 1 / np.maximum(gradient, 1e-9)
        rest = flow - p * r_k * flow * size ** (EXPONENT - 1)
        head = _linear(first, second, p, rest, demand_m3s, free, head)
        new = rest + p * (head[first] - head[second])
        change = float(np.abs(new - flow).sum() / max(np.abs(new).sum(), 1e-12))
        flow = new
        if change < 1e-6:
            break
    return head, flow


def _linear(
    first: IntArray, second: IntArray, conductance_k: FloatArray, rest_m3s: FloatArray,
    demand_m3s: FloatArray, free: np.ndarray, head_m: FloatArray,
) -> FloatArray:  # fmt: skip
    """Solve one Newton step's nodal equations with the sources' heads kept."""
    nodes = len(demand_m3s)
    rows = np.concatenate([first, second, first, second])
    columns = np.concatenate([first, second, second, first])
    values = np.concatenate([conductance_k, conductance_k, -conductance_k, -conductance_k])
    matrix = coo_array((values, (rows, columns)), shape=(nodes, nodes)).tocsc()
    load = (
        np.bincount(second, rest_m3s, minlength=nodes)
        - np.bincount(first, rest_m3s, minlength=nodes)
        - demand_m3s
    )
    load = load - matrix[:, ~free] @ head_m[~free]
    inner = matrix[free][:, free].tocsc()
    factor = splu(inner, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    result = head_m.copy()
    result[free] = factor.solve(load[free])
    return result
