"""Documents kept beside the network under a kind and a name: `KIND/NAME.json` in a folder, one table in a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gis.files.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.stores.address import Address


def keep_note(address: Address, kind: str, name: str, document: Mapping[str, Any]) -> None:
    """Keep a document in place of the former one of that kind and name."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    if isinstance(address, Path):
        file = address / kind / f"{name}.json"
        file.parent.mkdir(exist_ok=True)
        write_whole(file, text)
        return
    from gis.stores.database import connected

    with connected(address) as connection:
        connection.execute(
            "insert into notes (kind, name, document) values (%s, %s, %s) on conflict (kind, name)"
            " do update set document = excluded.document, changed = clock_timestamp()",
            (kind, name, text),
        )


def note_of(address: Address, kind: str, name: str) -> dict[str, Any] | None:
    """Give a document, None where there is none of that name."""
    if isinstance(address, Path):
        return _read(address / kind / f"{name}.json")
    from gis.stores.database import connected

    with connected(address) as connection:
        row = connection.execute(
            "select document from notes where kind = %s and name = %s", (kind, name)
        ).fetchone()
    found: dict[str, Any] | None = None if row is None else row[0]
    return found


def newest_note(address: Address, kind: str) -> dict[str, Any] | None:
    """Give the document of a kind that was changed last."""
    if isinstance(address, Path):
        files = sorted((address / kind).glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        return _read(files[-1]) if files else None
    from gis.stores.database import connected

    with connected(address) as connection:
        row = connection.execute(
            "select document from notes where kind = %s order by changed desc limit 1", (kind,)
        ).fetchone()
    found: dict[str, Any] | None = None if row is None else row[0]
    return found


def notes_mark(address: Address, kind: str) -> str:
    """Tell whether documents of a kind are still the same: while it stays, so do they; empty where there are none."""
    if isinstance(address, Path):
        files = sorted((address / kind).glob("*.json"))
        return "+".join(f"{file.stem}@{file.stat().st_mtime_ns}" for file in files)
    from gis.stores.database import connected

    with connected(address) as connection:
        rows = connection.execute(
            "select name, changed from notes where kind = %s order by name", (kind,)
        ).fetchall()
    return "+".join(f"{name}@{changed.isoformat()}" for name, changed in rows)


def _read(file: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found
