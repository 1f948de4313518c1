"""A network as it stands today: a version with the tap-off register applied, and what accepted schemes hold of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from design.reservations import reservation_of
from gis.claims.standing import live
from gis.register.effective import as_of
from gis.store import open_store

if TYPE_CHECKING:
    from datetime import date

    from api.settings import Settings
    from design.reservations import Reservation
    from gis.network import Network
    from gis.store import NetworkStore


def as_it_stands(
    settings: Settings, version: str | None, *, without: str | None = None
) -> tuple[Network, str, tuple[Reservation, ...]]:
    """
    Open a version with tap-off register and calendar applied; how far they were read; and what schemes hold.

    `without` leaves out a scheme, as if it had never been accepted.
    """
    store, today = open_store(settings.workspace), settings.today
    mark = store.register_mark()
    entries = [one for one in store.register() if without is None or one.scheme_id != without]
    reserved = tuple(one for one in reservations(store, today=today) if one.scheme_id != without)
    network = as_of(store.open(version), entries, today=today)
    return stamped(network, reserved, calibrations=settings.calibrations), mark, reserved


def reservations(store: NetworkStore, *, today: date) -> tuple[Reservation, ...]:
    """Give what accepted, unexpired, unbuilt schemes hold on that day, by id of scheme."""
    held = [reservation_of(one) for one in live(store.scheme_events(), today=today.isoformat())]
    return tuple(sorted((one for one in held if one is not None), key=lambda one: one.scheme_id))


def stamped(network: Network, reserved: tuple[Reservation, ...], *, calibrations: str = "") -> Network:
    """Give the network a name of its own: with other reservations or another calibration pressures are others."""
    if not (reserved or calibrations):
        return network
    text = json.dumps([[one.doc() for one in reserved], calibrations], sort_keys=True)
    mark = hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
    return replace(network, register=f"{network.register}r{mark}")
