"""The built part of maps that documents need: fonts and vendor files, made by `make install`."""

from pathlib import Path

import pytest

SITE = Path(__file__).parents[1] / "maps" / "site"


def site_part(name: str) -> Path:
    """Folder `fonts` or `vendor` of maps/site; skips loudly when it was not built."""
    folder = SITE / name
    if not any(folder.glob("*")):
        pytest.skip(f"maps/site/{name} is not built (run make install): this document was NOT checked")
    return folder
