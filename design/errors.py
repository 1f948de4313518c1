"""RequestError and DesignDataError (both InputError): a request or a dated data file that cannot be used."""

from __future__ import annotations

from gis.errors import InputError


class RequestError(InputError):
    """The request names a field, its value and what is allowed."""


class DesignDataError(InputError):
    """A dated data file misses an item: the sentence names file and item."""
