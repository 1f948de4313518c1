"""MapError (InputError): a tile, layer or style that does not exist."""

from __future__ import annotations

from gis.errors import InputError


class MapError(InputError):
    """The address of a tile or layer is wrong."""
