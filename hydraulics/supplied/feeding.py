"""Where the water of every node comes from in a solved state: the way back along the largest inflow at each node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.results import FloatArray, ModelIndex

IDLE_M3S = 1e-7  # less is the solver's rounding, not a direction


@dataclass(frozen=True)
class Feeding:
    """
    The main way of the water to every node.

    Where streams of several sources mix this is the largest stream's, at every step.

    Attributes
    ----------
    source
        Shape (nodes,): place of the reservoir or tank in `ModelIndex.node_ids`; -1 for nodes without inflow.
    device
        Shape (nodes,): place in `ModelIndex.link_ids` of the last pump or valve the water passed; -1 for none.
    from_node, by_link
        Shape (nodes,): the node and the link the largest inflow comes from; itself and -1 where there is none.
    """

    source: NDArray[np.int64]
    device: NDArray[np.int64]
    from_node: NDArray[np.int64]
    by_link: NDArray[np.int64]

    def way(self, node: int) -> list[int]:
        """Give the links the water of a node has come through, the last one first; ends where it goes round."""
        links: list[int] = []
        seen = {node}
        while (link := int(self.by_link[node])) >= 0:
            links.append(link)
            node = int(self.from_node[node])
            if node in seen:
                break
            seen.add(node)
        return links


def trace(index: ModelIndex, flow_m3s: FloatArray, *, pipe_count: int) -> Feeding:
    """
    Follow the water of a solved state back.

    Parameters
    ----------
    flow_m3s
        Shape (links,), sign from start to end node.
    pipe_count
        Pipes come first among the links; what follows are pumps and valves.
    """
    nodes = np.arange(len(index.node_ids))
    into, by = _largest_inflow(index, flow_m3s)
    fixed = ~index.is_junction
    into[fixed], by[fixed] = nodes[fixed], -1
    into = np.where(into < 0, nodes, into)
    root = _followed(into)
    is_device = by >= pipe_count
    behind = _followed(np.where(is_device, nodes, into))
    source = np.where(fixed[root] & index.is_fed, root, -1)
    return Feeding(source, np.where(is_device[behind] & (source >= 0), by[behind], -1), into, by)


def _largest_inflow(index: ModelIndex, flow_m3s: FloatArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give for every node the node and the link its largest inflow comes from, -1 for none."""
    into, by = np.full((2, len(index.node_ids)), -1, dtype=np.int64)
    moving = np.flatnonzero(np.abs(flow_m3s) > IDLE_M3S)
    forward = flow_m3s[moving] > 0
    start, end = index.link_start[moving], index.link_end[moving]
    order = np.argsort(np.abs(flow_m3s[moving]), kind="stable")
    # assigned in order of flow, the largest comes last and stays
    down = np.where(forward, end, start)[order]
    into[down], by[down] = np.where(forward, start, end)[order], moving[order]
    return into, by


def _followed(step: NDArray[np.int64]) -> NDArray[np.int64]:
    """Follow steps to where they end; what goes round in a circle ends anywhere on it."""
    for _ in range(len(step).bit_length()):
        further = step[step]
        if np.array_equal(further, step):
            break
        step = further
    return step
