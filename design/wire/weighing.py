"""What the scheme document says of weighing: parts of design/wire/scheme.py."""

from __future__ import annotations

from typing import NotRequired, TypedDict

Yuan = float


class ScoreDoc(TypedDict):
    """What an alternative is weighed at: parts in yuan, weighed; of those that fit, the first by policy, then the least total."""

    unit: str
    parts: dict[str, float]
    total: Yuan
    fits: NotRequired[bool]
    first: NotRequired[bool]
