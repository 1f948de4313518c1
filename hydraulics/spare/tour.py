"""A walk over the network in which neighbours follow each other, so that one answer is a good start for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import depth_first_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.session import Session


def tour_order(session: Session) -> NDArray[np.int64]:
    """Shape (nodes,): place of every node in a depth-first walk from the sources; what it does not reach comes last."""
    index = session.index
    count = len(index.node_ids)
    fixed = np.flatnonzero(~index.is_junction)
    ends = [
        np.concatenate([index.link_start, np.full(len(fixed), count)]),
        np.concatenate([index.link_end, fixed]),
    ]
    graph: Any = coo_matrix((np.ones(len(ends[0])), (ends[0], ends[1])), shape=(count + 1, count + 1)).tocsr()
    walked = depth_first_order(graph, count, directed=False, return_predecessors=False)
    place = np.full(count + 1, count + 1, dtype=np.int64)
    place[walked] = np.arange(len(walked))
    return place[:count]
