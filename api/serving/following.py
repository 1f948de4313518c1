"""What a running server follows: the current version, the tap-off register, and the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.workbench import Workbench
from gis.store import open_store

if TYPE_CHECKING:
    from api.settings import Settings


class Follower:
    """
    Opens what has become current.

    A new version is opened anew; where only states of tap-offs changed, everything that is warm is kept.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        empty = open_store(settings.workspace).current() is None
        self._bench = Workbench.unfilled(settings) if empty else Workbench.open(settings)
        self._day = settings.today

    @property
    def bench(self) -> Workbench:
        """The bench that was opened last."""
        return self._bench

    def __call__(self, stamp: str) -> Workbench | None:
        """Give the bench for what is current now, None while that is the one of `stamp` (gis.network.Network.stamp)."""
        store, day = open_store(self._settings.workspace), self._settings.today
        if store.current() not in {None, self._bench.network.version}:
            self._bench = Workbench.open(self._settings)
        elif (store.register_mark(), day, self._settings.calibrations) != (
            self._bench.register_mark, self._day, self._bench.calibrations,
        ):  # fmt: skip
            self._bench = self._bench.renewed()
        self._day = day
        return None if self._bench.network.stamp == stamp else self._bench
