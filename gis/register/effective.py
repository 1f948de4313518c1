"""A network as it stands today: its tap-offs with the register's entries and the calendar applied, nothing else changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gis.register.entries import in_force
from gis.register.standing import Standing, standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import geopandas as gpd

    from gis.network import Network
    from gis.register.entries import Entry


def as_of(network: Network, entries: Sequence[Entry], *, today: date) -> Network:
    """
    Give the network that every reader of tap-offs uses: plans, maps, cards and lists alike.

    Its `tapoffs` carry the effective status, end of the reservation, last visit and confidence; `register` names the
    difference from what was imported, empty when there is none. All other layers are those of `network`.
    """
    imported = network.layer("tapoffs")
    table = effective_tapoffs(imported, entries, today=today)
    if table is imported:
        return network

    def read(name: str) -> gpd.GeoDataFrame:
        return table if name == "tapoffs" else network.layer(name)

    return replace(network, read_layer=read, register=_difference(imported, table), _cache={})


def effective_tapoffs(
    imported: gpd.GeoDataFrame, entries: Sequence[Entry], *, today: date
) -> gpd.GeoDataFrame:
    """Give the table with today's states; the very same table when nothing differs."""
    rows = np.flatnonzero(_touched(imported, entries, today.isoformat()))
    by_id = _by_id(entries)
    found: dict[int, Standing] = {}
    for row in rows.tolist():
        entries_here = by_id.get(str(imported["tapoff_id"].iloc[row]), [])
        found[row] = standing_of(imported.iloc[row], entries_here, today=today)
    changed = {row: now for row, now in found.items() if not _same(imported.iloc[row], now)}
    if not changed:
        return imported
    table = imported.copy()
    at = list(changed)
    for column, values in _columns(changed, imported).items():
        table.iloc[at, table.columns.get_loc(column)] = values
    return table


def standing_of(row: Any, entries: Sequence[Entry], *, today: date) -> Standing:
    """Give the state of one row of the imported table under its own entries."""
    return standing(
        str(row["status"]), in_force(entries), until=_text(row["reserved_until"]), last_visit=_text(row["last_visit"]),
        today=today.isoformat(),
    )  # fmt: skip


def _touched(imported: gpd.GeoDataFrame, entries: Iterable[Entry], today: str) -> np.ndarray[Any, Any]:
    """Rows that have entries, and reservations whose last day has passed."""
    until = imported["reserved_until"]
    over = (imported["status"] == "reserved") & until.notna() & (until.fillna("9").astype(str) < today)
    named = imported["tapoff_id"].isin({entry.tapoff_id for entry in entries})
    return np.asarray(over | named, dtype=bool)


def _by_id(entries: Iterable[Entry]) -> Mapping[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.tapoff_id, []).append(entry)
    return found


def _same(row: Any, now: Standing) -> bool:
    return (
        row["status"] == now.status
        and _text(row["reserved_until"]) == now.until
        and _text(row["last_visit"]) == now.last_visit
        and not now.seen
    )


def _columns(changed: Mapping[int, Standing], imported: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    known = imported["confidence"]
    return {
        "status": [now.status for now in changed.values()],
        "reserved_until": [now.until for now in changed.values()],
        "last_visit": [now.last_visit for now in changed.values()],
        "confidence": ["surveyed" if now.seen else known.iloc[row] for row, now in changed.items()],
    }


def _difference(imported: gpd.GeoDataFrame, table: gpd.GeoDataFrame) -> str:
    """Name the states that differ from the imported ones: the same difference has the same name in every process."""
    names = ["status", "reserved_until", "last_visit", "confidence"]
    was, now = imported[names].astype(str), table[names].astype(str)
    differ = (was != now).any(axis=1).to_numpy()
    lines = pd.concat([table["tapoff_id"], now], axis=1)[differ].to_csv(index=False)
    return hashlib.blake2b(lines.encode(), digest_size=4).hexdigest()


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
