"""Loading ahead: while EPANET solves the base state of a cold start, what else the answer needs is loaded beside it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

from gis.errors import TapwrightError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from design.city import City

AROUND = ("mains", "tapoffs", "valve_tree", "ground")


@contextmanager
def loading_ahead() -> Iterator[None]:
    """Load in here what the range of a check needs; a failure is told by who needs it, not by who loads."""
    worker = Thread(target=_load, daemon=True)
    worker.start()
    try:
        yield
    finally:
        worker.join()


def _load() -> None:
    from hydraulics.gga.warm import load_range

    with suppress(TapwrightError, OSError):
        load_range()


def look_together(city: City) -> None:
    """Make what looking around needs: layers are read here while the base state is solved beside."""
    city.mains  # noqa: B018  by itself: a model that is not kept is built from the pipes too
    worker = Thread(target=lambda: city.problem, daemon=True)
    worker.start()
    try:
        for part in AROUND:
            getattr(city, part)
    finally:
        worker.join()
    city.problem  # noqa: B018  there already, unless the other thread came to no end
