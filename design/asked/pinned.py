"""What an engineer decides in place of the ranking: point of connection, route and size, with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from design.asked.fields import code, number, part, shown, text
from design.errors import RequestError

_KEYS = ("tapoff_id", "pipe_id", "route", "dn", "reason", "by")
_REASON_LENGTH, _BY_LENGTH = 500, 60


@dataclass(frozen=True)
class Pin:
    """
    A point of connection that is to be taken whatever the ranking says.

    `route` are its vertices from tie-in to site, in the coordinates of the request; `dn` the service pipe's.
    """

    tapoff_id: str | None
    pipe_id: str | None
    route: tuple[tuple[float, float], ...] | None
    dn: int | None
    reason: str
    by: str


def read_pin(document: Mapping[str, Any]) -> Pin | None:
    """
    The `connection` part of a request; None where the ranking decides.

    Raises
    ------
    RequestError
        Neither or both of tap-off and pipe, no reason, a route that is none.
    """
    given = part(document, "connection", _KEYS)
    if not given:
        return None
    tapoff, pipe = (
        code(given.get("tapoff_id"), "connection.tapoff_id"),
        code(given.get("pipe_id"), "connection.pipe_id"),
    )
    if (tapoff is None) == (pipe is None):
        raise RequestError("field-missing", field="connection", allowed="tapoff_id | pipe_id")
    reason = text(given.get("reason"), "connection.reason", longest=_REASON_LENGTH)
    if not reason:
        raise RequestError("field-missing", field="connection.reason", allowed="…")
    dn = given.get("dn")
    return Pin(
        tapoff, pipe, _route(given.get("route")),
        None if dn is None else int(number(dn, "connection.dn", limits=(15, 2000), whole=True)),
        reason, text(given.get("by"), "connection.by", longest=_BY_LENGTH),
    )  # fmt: skip


def _route(value: Any) -> tuple[tuple[float, float], ...] | None:
    if value is None:
        return None
    places = value.get("coordinates") if isinstance(value, Mapping) else value
    allowed = '{"type": "LineString", "coordinates": [[x, y], …]}'
    if not isinstance(places, Sequence) or isinstance(places, str) or len(places) < 2:
        raise RequestError("field-wrong-shape", field="connection.route", value=shown(value), allowed=allowed)
    found = []
    for row, place in enumerate(places):
        if not isinstance(place, Sequence) or isinstance(place, str) or len(place) < 2:
            raise RequestError(
                "field-wrong-shape", field=f"connection.route[{row}]", value=shown(place), allowed="[x, y]"
            )
        x, y = (number(one, f"connection.route[{row}]", limits=(-1e8, 1e8)) for one in place[:2])
        found.append((x, y))
    return tuple(found)
