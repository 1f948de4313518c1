"""Which way water passes a device of unknown direction: from the side that is fed without it to the side that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Ids = NDArray[np.object_]


def fed_beyond(
    start_ids: Ids,
    end_ids: Ids,
    *,
    devices: Iterable[str],
    sources: Iterable[str],
    links: Iterable[tuple[str, str]],
) -> dict[str, int]:
    """
    Give for nodes with a device the row of the pipe that only the device can feed.

    A node with two pipes of which one side is fed and the other is not tells it, and so does a source with one pipe.
    `links` are devices between two nodes, whose direction is known. What is fed on both sides is not in the answer.
    """
    wanted = list(dict.fromkeys(devices))
    if not wanted:
        return {}
    joins = list(links)
    every = np.concatenate(
        [start_ids, end_ids, [a for a, _ in joins], [b for _, b in joins], wanted, list(sources)]
    )
    codes, _ = pd.factorize(every.astype(object))
    count, first = int(codes.max()) + 1, 2 * len(start_ids)
    start, end = codes[: len(start_ids)], codes[len(start_ids) : first]
    start_joined, end_joined = (
        codes[first : first + len(joins)],
        codes[first + len(joins) : first + 2 * len(joins)],
    )
    held = codes[first + 2 * len(joins) :][: len(wanted)]
    given = codes[first + 2 * len(joins) + len(wanted) :]
    cut = np.zeros(count, dtype=bool)
    cut[held] = True
    whole = ~(cut[start] | cut[end])
    one, other = np.concatenate([start[whole], start_joined]), np.concatenate([end[whole], end_joined])
    from scipy.sparse import coo_matrix  # a tenth of a cold start: only who asks waits
    from scipy.sparse.csgraph import connected_components

    graph: Any = coo_matrix((np.ones(len(one), dtype=np.int8), (one, other)), shape=(count, count))
    _, part = connected_components(graph, directed=False)
    fed = np.zeros(int(part.max()) + 1, dtype=bool)
    fed[part[given]] = True
    return _spread(wanted, held, start, end, part, fed, set(given.tolist()))


def _spread(
    names: list[str], held: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64],
    part: NDArray[np.int64], fed: NDArray[np.bool_], given: set[int],
) -> dict[str, int]:  # fmt: skip
    """From part to part, device by device, until no more can be told."""
    at = np.flatnonzero(np.isin(start, held) | np.isin(end, held)).tolist()
    pipes: dict[int, list[tuple[int, int]]] = {int(node): [] for node in held}
    for row in at:
        for here, there in ((int(start[row]), int(end[row])), (int(end[row]), int(start[row]))):
            if here in pipes:
                pipes[here].append((row, there))
    found: dict[str, int] = {}
    news = True
    while news:
        news = False
        for name, node in zip(names, held.tolist(), strict=True):
            if name in found:
                continue
            beyond = [(row, far) for row, far in pipes[node] if not fed[part[far]]]
            told = len(pipes[node]) == 2 and len(beyond) == 1
            if told or (node in given and len(pipes[node]) == len(beyond) == 1):
                found[name], news = beyond[0][0], True
                fed[part[beyond[0][1]]] = True
    return found
