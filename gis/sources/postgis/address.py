"""What a person writes to import from a database: which one, which schema, which tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from gis.errors import GisInputError

SCHEMES = ("postgresql", "postgres")
DEFAULT_SCHEMA = "public"
SECRETS = frozenset({"password", "sslpassword"})


@dataclass(frozen=True)
class DatabaseSource:
    """
    Tables of one schema of a database; as text the password is left out.

    Attributes
    ----------
    tables
        Names as written, `table` or `schema.table`; all tables of the schema when empty.
    """

    url: str
    schema: str = DEFAULT_SCHEMA
    tables: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the database: what stands for the file in mapping files and messages."""
        parts = urlsplit(self.url)
        named = dict(parse_qsl(parts.query)).get("dbname")
        return unquote(parts.path.strip("/")) or named or unquote(parts.username or "") or "postgresql"

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        login, mark, host = parts.netloc.rpartition("@")
        user = f"{login.partition(':')[0]}@" if mark else ""
        options = [pair for pair in parse_qsl(parts.query) if pair[0] not in SECRETS]
        options += [("schema", self.schema), *(("table", name) for name in self.tables)]
        return urlunsplit(
            (parts.scheme, user + host, parts.path, urlencode(options, quote_via=quote, safe="/."), "")
        )


Source = Path | DatabaseSource


def parse_source(text: str) -> Source:
    """
    Give the file or folder, or the database of `postgresql://[user@][host][:port]/database[?schema=S&table=T&table=U]`.

    Every other option after `?` goes to libpq.

    Raises
    ------
    GisInputError
        `source-address` for an address that cannot be read.

    >>> print(parse_source("postgresql://gis:secret@db/water?table=pipes,valves"))
    postgresql://gis@db/water?schema=public&table=pipes&table=valves
    """
    if text.partition("://")[0] not in SCHEMES or "://" not in text:
        return Path(text)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise GisInputError("source-address", problem=text.partition("@")[2] or "postgresql://") from None
    options = parse_qsl(parts.query, keep_blank_values=True)
    schema = dict(options).get("schema") or DEFAULT_SCHEMA
    tables = [
        name.strip() for key, value in options if key == "table" for name in value.split(",") if name.strip()
    ]
    rest = urlencode(
        [pair for pair in options if pair[0] not in {"schema", "table"}], quote_via=quote, safe="/"
    )
    return DatabaseSource(
        urlunsplit((parts.scheme, parts.netloc, parts.path, rest, "")), schema, tuple(tables)
    )
