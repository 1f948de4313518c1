"""Memory of a large import: what has been let go is handed back to the machine, so that the peak stays low."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """Return freed memory to the system; without the GNU library, which keeps it by the gigabyte, there is no need."""
    if not sys.platform.startswith("linux"):
        return
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
