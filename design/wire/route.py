"""A route as the scheme document tells it: which of its point's it is, and how it runs."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class WayDoc(TypedDict):
    """
    One of the routes of a point of connection, in words.

    `number` 1 is the cheapest as routes are compared, 0 drawn by hand, null for one that was not worked out; `asked` is
    the question by which another one was found.
    """

    number: NotRequired[int | None]
    length_m: float
    asked: NotRequired[str | None]
    asked_text: NotRequired[str]
    asked_text_en: NotRequired[str]
    how: NotRequired[str]
    how_en: NotRequired[str]


class RejectedRouteDoc(WayDoc):
    geometry: dict[str, Any]
