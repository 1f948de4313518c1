"""Drafts: what was planned is noted, so that it can be accepted by its id."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from api.life.told import about_of
from design.reservations import claims_of
from gis.claims.events import scheme_event
from gis.errors import TapwrightError
from gis.store import open_store

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from gis.stores.address import Address


def note_draft(workspace: Address, scheme: Mapping[str, Any], *, by: str, today: dt.date) -> None:
    """Note that a scheme was planned; a workspace that takes no notes stops nobody from planning."""
    with suppress(TapwrightError, OSError):
        store = open_store(workspace)
        if any(event.scheme_id == scheme["id"] for event in store.scheme_events()):
            return
        claims, about = claims_of(scheme), about_of(scheme)
        store.tell_schemes(
            [scheme_event(scheme["id"], "draft", by=by or "-", day=today, claims=claims, about=about)]
        )
