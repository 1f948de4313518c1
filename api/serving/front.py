"""The front desk: gives every call the office of the current network version, and moves when a new one is imported."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from api.errors import NotFoundError
from api.serving.office import Office
from api.serving.tiles import HeldTiles, cutter
from api.wire.problems import note
from gis.errors import TapwrightError, WorkspaceError
from maps.errors import MapError
from maps.tiles import TileServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.serving.office import Bench
    from api.store.tile_file import TileFile
    from gis.network import Network

    Follow = Callable[[str], Bench | None]
    Opened = Callable[[str], Network]

LOOK_EVERY_S = 1.0
_WARM_ENDS_S = 5.0


class _Closed(Exception):
    """The server ends: nobody waits for what is being warmed."""


class _UntilClosed:
    """Progress that stops a warm-up once the server ends: a process must not end under a thread that computes."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def step(self, stage: str, done: int, total: int) -> None:
        """Go on, unless the server ends."""
        if self._closed.is_set():
            raise _Closed(stage, done, total)

    def close(self) -> None:
        self._closed.set()


def stay(_: str) -> None:
    """Never move: the version that is open is the one that is served."""


def no_other(version: str) -> Network:
    """Know no version but the one that is open."""
    raise NotFoundError("version-unknown", version=version[:80])


def tiles_of(bench: Bench, disk: TileFile | None, *, like: HeldTiles | None = None) -> HeldTiles:
    """Give the tiles of an open version, with the pressures of its base state; `like` are those before its tap-offs changed."""
    if like is None:
        server = TileServer(bench.network, {"peak_pressure_mpa": bench.pipe_pressures_mpa})
    else:
        server = like.server.renewed(bench.network)
    return HeldTiles(server, edition=f"{bench.network.stamp}-{cutter()}", disk=disk)


class Front:
    """
    Holds the office that answers now.

    Parameters
    ----------
    follow
        Given the stamp of what is served (version and states of its tap-offs), opens what is current when that is
        another; None otherwise.
        Asked at most once a second, by one call at a time; the others are answered from the version before.
    opened
        Opens any version of the workspace, for its tiles: a page that was loaded before an import goes on.
    """

    def __init__(self, office: Office, follow: Follow, opened: Opened = no_other) -> None:
        self._opened = opened
        self._older: dict[str, HeldTiles] = {}
        self._office = office
        self._follow = follow
        self._moving = threading.Lock()
        self._looked_s = time.monotonic()
        self._left: list[Office] = []
        self._until_closed = _UntilClosed()
        self._warming: list[threading.Thread] = []

    def office(self) -> Office:
        """Give the office of the current version."""
        if time.monotonic() - self._looked_s >= LOOK_EVERY_S and self._moving.acquire(blocking=False):
            try:
                self._move()
            finally:
                self._looked_s = time.monotonic()
                self._moving.release()
        return self._office

    def tiles(self, version: str) -> HeldTiles:
        """
        Give the tiles of any version; of those that are not open, one is held at a time.

        Of an open version tap-offs are shown as they stand now, also to a page that was loaded before.

        Raises
        ------
        NotFoundError
            `version-unknown`.
        """
        version = version.partition("~")[0]  # see gis.network.Network.stamp
        for office in (self.office(), *self._left):
            if office.bench.network.version == version:
                return office.tiles
        held = self._older.get(version)
        if held is None:
            held = HeldTiles(
                TileServer(self._open(version)), edition=f"{version}-{cutter()}", disk=self._office.disk
            )
            self._older = {version: held}
        return held

    def _open(self, version: str) -> Network:
        try:
            return self._opened(version)
        except WorkspaceError as error:
            if error.code == "version-unknown":
                raise NotFoundError("version-unknown", version=version[:80]) from None
            raise

    def look_again(self) -> None:
        """Let the next call see at once what has become current: who changed it is not answered from before."""
        self._looked_s = -math.inf

    def _move(self) -> None:
        try:
            bench = self._follow(self._office.bench.network.stamp)
        except TapwrightError as error:
            note("the new network version cannot be opened; the former one stays", error)
            return
        if bench is None:
            return
        if bench.network.version == self._office.bench.network.version:
            # only states of tap-offs changed: bench and tiles share with the former ones all that is warm
            tiles = tiles_of(bench, self._office.disk, like=self._office.tiles)
            self._office = replace(self._office, bench=bench, tiles=tiles)
            return
        # calls that are under way still use the former office: it is closed with the server
        self._left.append(self._office)
        tiles = tiles_of(bench, self._office.disk)
        self._office = replace(self._office, bench=bench, tiles=tiles, warm=threading.Event())
        self.warm_up()

    def warm_up(self) -> None:
        """Warm the bench beside the calls; what stops it will be told to whoever asks what needs it."""
        warming = threading.Thread(target=_warm, args=(self._office, self._until_closed), daemon=True)
        self._warming = [*(other for other in self._warming if other.is_alive()), warming]
        warming.start()

    def close(self) -> None:
        """End what is being warmed; close the desk, every bench that was opened, and the state."""
        self._until_closed.close()
        for warming in self._warming:
            warming.join(_WARM_ENDS_S)
        self._office.desk.close()
        self._office.intake.workers.close()
        self._office.state.close()
        for office in (*self._left, self._office):
            office.bench.close()
        if self._office.disk is not None:
            self._office.disk.close()


def _warm(office: Office, until_closed: _UntilClosed) -> None:
    _told("warm-up", partial(office.bench.warm_up, until_closed))
    office.warm.set()

    def ready_the_map() -> None:
        until_closed.step("map", 0, 1)
        office.tiles.make_ready()

    _told("warm-up of the map", ready_the_map)


def _told(subject: str, warm: Callable[[], None]) -> None:
    try:
        warm()
    except (MapError, _Closed):
        pass  # no map without a coordinate system; no need to be warm at the end
    except Exception as error:
        note(subject, error)
