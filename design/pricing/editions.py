"""Editions of a price list: files read whole, and which of several is in force on a day."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from design.errors import DesignDataError
from design.pricing.items import BadField, day
from design.pricing.tables import read_price_table

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

KINDS = (".toml", ".csv", ".xlsx", ".xlsm")


@dataclass(frozen=True)
class Edition:
    """A price list as its file has it; `items` carry the row they stand in, 0 where rows do not count."""

    name: str
    head: Mapping[str, Any]
    items: tuple[tuple[int, Mapping[str, Any]], ...]
    fees: tuple[Mapping[str, Any], ...]
    composites: tuple[Mapping[str, Any], ...]
    one_fee: tuple[Mapping[str, Any], ...]
    digest: str

    @property
    def span(self) -> tuple[date, date]:
        """First and last day it is in force."""
        try:
            start = day(self.head.get("valid_from"), "catalogue", "valid_from")
            end = day(self.head.get("valid_to"), "catalogue", "valid_to")
        except BadField as bad:
            raise DesignDataError(
                "catalogue-bad", catalogue=self.name, item=bad.item, field=bad.field
            ) from bad
        return start or date.min, end or date.max


def read_editions(path: Path | None) -> list[Edition]:
    """
    Editions of a file, of every list in a folder, or those shipped.

    Raises
    ------
    DesignDataError
        A file that cannot be read, or a folder without any.
    """
    if path is None:
        folder: Traversable | Path = files("design").joinpath("data", "catalogues")
        names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
        return [_toml(folder, name) for name in names]
    if path.is_dir():
        listed = sorted(file for file in path.iterdir() if file.suffix.lower() in KINDS)
        read = [read_edition(file) for file in listed if file.suffix.lower() != ".csv"]
        named = {edition.head.get(key) for edition in read for key in ("items", "one_fee")}
        read += [read_edition(f) for f in listed if f.suffix.lower() == ".csv" and f.name not in named]
        if not read:
            raise DesignDataError("catalogue-folder-empty", catalogue=path.name)
        return read
    return [read_edition(path)]


def read_edition(path: Path) -> Edition:
    """One file: TOML, CSV or XLSX."""
    if path.suffix.lower() in {".csv", ".xlsx", ".xlsm"}:
        table = read_price_table(path)
        defaults = {"id": path.stem, "title": path.stem, "source": path.name, "base": "illustrative"}
        head = {**defaults, **{key: value for key, value in table.head.items() if value not in {None, ""}}}
        return Edition(path.name, head, table.items, (), table.composites, table.one_fee, table.digest)
    return _toml(path.parent, path.name)


def in_force(editions: Sequence[Edition], on: date) -> Edition:
    """The edition of the day; of several the one that came into force last, else the last that was, else the next."""
    valid = [edition for edition in editions if edition.span[0] <= on <= edition.span[1]]
    past = [edition for edition in editions if edition.span[1] < on]
    for choice in (valid, past):
        if choice:
            return max(choice, key=lambda edition: edition.span[0])
    return min(editions, key=lambda edition: edition.span[0])


def _toml(folder: Traversable | Path, name: str) -> Edition:
    try:
        raw = folder.joinpath(name).read_bytes()
        content = tomllib.loads(raw.decode("utf-8-sig"))
        digest = hashlib.sha256(raw)
        head = content.get("catalogue", {})
        rows: list[tuple[int, Mapping[str, Any]]] = [(0, row) for row in content.get("item", [])]
        rows += enumerate(_beside(folder, head.get("items"), digest), 2)
        one_fee = list(_beside(folder, head.get("one_fee"), digest))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DesignDataError("catalogue-unreadable", catalogue=name, detail=str(error)) from error
    return Edition(
        name, head, tuple(rows), tuple(content.get("fee", [])), tuple(content.get("composite", [])), tuple(one_fee),
        digest.hexdigest(),
    )  # fmt: skip


def _beside(folder: Traversable | Path, name: Any, digest: Any) -> Iterable[Mapping[str, Any]]:
    """Rows of a CSV that lies beside the list."""
    if not name:
        return []
    raw = folder.joinpath(str(name)).read_bytes()
    digest.update(raw)
    return list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
