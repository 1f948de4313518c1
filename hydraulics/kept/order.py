"""The order of elimination of a network, kept beside its version: finding it is most of the wait for our own equations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hydraulics.kept.program import program_mark
from hydraulics.kept.shelf import digest_of, put, take

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hydraulics.gga.laws import Array

_KIND = "order"
WORTH_COUNT = 5_000  # found sooner than read for a smaller network


def kept_order(
    folder: Path | None,
    first: Array,
    second: Array,
    count: int,
    *,
    find: Callable[[Array, Array, int], Array],
) -> Array:
    """Give `find(first, second, count)`, from the folder where the very same links were asked about before."""
    if folder is None or count < WORTH_COUNT:
        return find(first, second, count)
    links = np.concatenate([first, second, [count]]).astype(np.int64)
    key = digest_of(program_mark().encode() + links.tobytes())
    if (arrays := take(folder, _KIND, key)) is not None:
        return arrays["place"].astype(np.int64)
    place = find(first, second, count)
    put(folder, _KIND, key, {"place": place.astype(np.int32)})
    return place
