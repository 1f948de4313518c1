"""Loading ahead: while EPANET solves the base state of a cold start, the loops of the range are loaded beside it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

from gis.errors import TapwrightError

if TYPE_CHECKING:
    from collections.abc import Iterator


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
