"""Query parameters and bodies that several routes share."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request

from api.errors import CallError
from api.serving.office import Office
from api.serving.tiles import HeldTiles
from api.serving.warm import MOST_REACH_M, MOST_TAPOFFS_COUNT


def office(request: Request) -> Office:
    """What the server holds open, for a route."""
    held: Office = request.app.state.front.office()
    return held


Held = Annotated[Office, Depends(office)]


def tiles_of(request: Request, version: str) -> HeldTiles:
    """The tiles of a network version; asked for in the route itself, for a dependency is a hop to another thread more."""
    held: HeldTiles = request.app.state.front.tiles(version)
    return held


def position(text: str, field: str = "at") -> tuple[float, float]:
    """
    Read `lon,lat`, or `x,y` for a network without a coordinate system.

    Raises
    ------
    CallError
        Not two finite numbers.
    """
    parts = text.replace("，", ",").split(",")
    try:
        x, y = (float(part) for part in parts)
    except ValueError:
        raise CallError("position", field=field, value=text[:80]) from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise CallError("position", field=field, value=text[:80])
    return x, y


def at(
    at: Annotated[
        str,
        Query(
            description="lon,lat (CGCS2000 / WGS 84); x,y for a network without a coordinate system",
            examples=["117.02,36.66"],
            max_length=80,
        ),
    ],
) -> tuple[float, float]:
    """Place of the question."""
    return position(at)


At = Annotated[tuple[float, float], Depends(at)]


def finite(value: Any, pointer: str = "") -> None:
    """
    Refuse NaN and infinity anywhere in a body: JSON has no such numbers, Python's reader lets them in.

    Raises
    ------
    CallError
        With the place of the first one.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise CallError("number-not-finite", pointer=pointer or "/")
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        finite(item, f"{pointer}/{key}")


Count = Annotated[int, Query(ge=1, le=MOST_TAPOFFS_COUNT)]
WithinM = Annotated[float, Query(gt=0, le=MOST_REACH_M, allow_inf_nan=False)]
Status = Annotated[Literal["free", "reserved", "used", "blocked", "not-found", "any"], Query()]
