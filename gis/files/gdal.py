"""GDAL as this project uses it: importing this module sets it so that no file leads anywhere but to itself."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyogrio

if TYPE_CHECKING:
    from collections.abc import Iterator

# No proxy leads out, and no missing part of a shapefile is written beside the user's file.
pyogrio.set_gdal_config_options(
    {
        "GDAL_HTTP_PROXY": "127.0.0.1:9",
        "GDAL_HTTP_CONNECTTIMEOUT": "1",
        "SHAPE_RESTORE_SHX": "NO",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "0",
    }
)


@contextmanager
def remarks_of_gdal() -> Iterator[list[str]]:
    """Gather what GDAL remarks on a file, instead of letting it print; the list is filled at the end."""
    texts: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield texts
    texts += dict.fromkeys(str(one.message)[:200] for one in caught if one.category is RuntimeWarning)
