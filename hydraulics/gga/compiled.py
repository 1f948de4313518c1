"""
The compiler of this folder's loops, with a cache that knows when any of them changed.

Numba keeps compiled code beside a file and renews it when that file changes, but not when a function called from
another file does: after an upgrade, old and new code would run together. So the cache lies in a folder named after
the content of all files here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numba


def _content() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


numba.config.CACHE_DIR = str(Path(__file__).parent / "__pycache__" / f"compiled-{_content()}")

njit: Any = numba.njit(cache=True, error_model="numpy")
njit_nogil: Any = numba.njit(cache=True, nogil=True, error_model="numpy")
