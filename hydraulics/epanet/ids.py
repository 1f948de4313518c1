"""Ids EPANET accepts, for ids that it does not: at most 31 bytes, no blanks, quotes or semicolons, all different."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 31
_UNFIT = re.compile(r'[\s;"\[]')


def fits(identifier: str) -> bool:
    """Say whether EPANET takes the id as it is."""
    return 0 < len(identifier.encode()) <= _LONGEST and not _UNFIT.search(identifier)


def _all_fit(identifiers: list[str]) -> bool:
    """Say whether EPANET takes all of them as they are, by one look at the whole text."""
    text = "\0".join(identifiers)
    longest = max(map(len, identifiers), default=1)
    return text.isascii() and longest <= _LONGEST and "" not in identifiers and not _UNFIT.search(text)


def engine_ids(identifiers: Iterable[str], *, prefix: str) -> list[str]:
    """
    Give one engine id for each id, in order: the id itself where it fits, else `prefix` and a number.

    >>> engine_ids(["J1", "泵站 出口", "J1"], prefix="N")
    ['J1', 'N1', 'N2']
    """
    names = list(identifiers)
    taken = set(names)
    if len(taken) == len(names) and _all_fit(names):
        return names
    used: set[str] = set()
    number, out = 0, []
    for name in names:
        chosen = name
        if name in used or not fits(name):
            number += 1
            while (chosen := f"{prefix}{number}") in taken:
                number += 1
        used.add(chosen)
        out.append(chosen)
    return out
