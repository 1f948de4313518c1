"""What a person writes after --workspace: a folder, or a schema in a PostGIS database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from gis.errors import GisInputError

SCHEMES = ("postgresql", "postgres")
DEFAULT_SCHEMA = "tapwright"
_LONGEST_NAME = 63  # bytes PostgreSQL keeps of a name; it cuts longer ones without a word


@dataclass(frozen=True)
class DatabaseAddress:
    """
    One workspace in a database: where libpq finds the database, and the schema in it.

    As text the password is left out: that is what messages and answers show.
    """

    url: str
    schema: str

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")
        user = f"{host[0].partition(':')[0]}@" if host[1] else ""
        options = [pair for pair in parse_qsl(parts.query) if pair[0] not in {"password", "sslpassword"}]
        query = urlencode([*options, ("schema", self.schema)], quote_via=quote, safe="/")
        return urlunsplit((parts.scheme, user + host[2], parts.path, query, ""))


Address = Path | DatabaseAddress


def parse_address(text: str) -> Address:
    """
    Give the folder, or the database of `postgresql://[user[:password]@][host][:port]/database[?schema=NAME]`.

    Every other option after `?` goes to libpq; the schema is `tapwright` when none is named.

    Raises
    ------
    GisInputError
        `address-scheme` for another kind of address, `address-schema` for a name no schema may have.

    >>> print(parse_address("postgresql://gis:secret@db/water?schema=east"))
    postgresql://gis@db/water?schema=east
    """
    scheme, mark, _ = text.partition("://")
    if not mark:
        return Path(text)
    if scheme not in SCHEMES:
        raise GisInputError("address-scheme", scheme=scheme)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise GisInputError("address-scheme", scheme=scheme) from None
    options = parse_qsl(parts.query, keep_blank_values=True)
    schema = dict(options).get("schema", DEFAULT_SCHEMA)
    _see_schema(schema)
    rest = urlencode([pair for pair in options if pair[0] != "schema"], quote_via=quote, safe="/")
    return DatabaseAddress(urlunsplit((scheme, parts.netloc, parts.path, rest, "")), schema)


def _see_schema(schema: str) -> None:
    reserved = schema.startswith("pg_") or schema in {"public", "information_schema"}
    fits = re.fullmatch(r"\w+", schema) and len(schema.encode()) <= _LONGEST_NAME
    if reserved or not fits:
        raise GisInputError("address-schema", schema=schema)
