"""The front desk: gives every call the office of the current network version, and moves when a new one is imported."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from api.office import Office
from api.problems import note
from gis.errors import TapwrightError
from gis.progress import SILENT
from maps.tiles import TileServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.office import Bench

    Follow = Callable[[str], Bench | None]

LOOK_EVERY_S = 1.0


def stay(_: str) -> None:
    """Never move: the version that is open is the one that is served."""


class Front:
    """
    Holds the office that answers now.

    Parameters
    ----------
    follow
        Given the stamp of what is served (version and states of its tap-offs), opens what is current when that is
        another; None otherwise.
        Asked at most once a second, by one call at a time; the others are answered from the version before.
    """

    def __init__(self, office: Office, follow: Follow) -> None:
        self._office = office
        self._follow = follow
        self._moving = threading.Lock()
        self._looked_s = time.monotonic()
        self._left: list[Office] = []

    def office(self) -> Office:
        """Give the office of the current version."""
        if time.monotonic() - self._looked_s >= LOOK_EVERY_S and self._moving.acquire(blocking=False):
            try:
                self._move()
            finally:
                self._looked_s = time.monotonic()
                self._moving.release()
        return self._office

    def look_again(self) -> None:
        """Let the next call see at once what has become current: who changed it is not answered from before."""
        self._looked_s = -math.inf

    def _move(self) -> None:
        try:
            bench = self._follow(self._office.bench.network.stamp)
        except TapwrightError as error:
            note("the new network version cannot be opened; the former one stays", error)
            return
        if bench is not None:
            # calls that are under way still use the former office: it is closed with the server
            self._left.append(self._office)
            self._office = replace(
                self._office, bench=bench, tiles=TileServer(bench.network), warm=threading.Event()
            )
            self.warm_up()

    def warm_up(self) -> None:
        """Warm the bench beside the calls; what stops it will be told to whoever asks what needs it."""
        threading.Thread(target=_warm, args=(self._office,), daemon=True).start()

    def close(self) -> None:
        """Close the desk, every bench that was opened, and the state."""
        self._office.desk.close()
        self._office.state.close()
        for office in (*self._left, self._office):
            office.bench.close()


def _warm(office: Office) -> None:
    try:
        office.bench.warm_up(SILENT)
    except Exception as error:
        note("warm-up", error)
    office.warm.set()
