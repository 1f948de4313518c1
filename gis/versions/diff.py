"""What changed between two network versions, layer by layer, by id."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from gis.progress import SILENT
from gis.schema import conform, layers
from gis.versions.fingerprint import column_prints, row_fingerprints

if TYPE_CHECKING:
    from gis.network import Network
    from gis.progress import Progress


@dataclass(frozen=True)
class LayerDiff:
    """Ids that came, changed and went."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def diff_layer(old: Network, new: Network, name: str) -> LayerDiff:
    """Compare one layer; a row is changed when any attribute or its geometry (to 0.01 mm) differs."""
    before, after = _prints(old, name), _prints(new, name)
    both = before.index.intersection(after.index)
    changed = both[(before[both].to_numpy() != after[both].to_numpy())]
    return LayerDiff(
        tuple(after.index.difference(before.index)), tuple(sorted(changed)), tuple(before.index.difference(after.index))
    )  # fmt: skip


def _prints(network: Network, name: str) -> pd.Series:
    table = network.layer(name)
    prints = row_fingerprints(table) if len(table) else pd.Series([], dtype="uint64")
    prints.index = pd.Index(table[layers()[name].id_column].astype("object"))
    return prints[~prints.index.duplicated()]


@dataclass(frozen=True)
class LayerChange:
    """
    Rows that came, changed and went: what turns the old table into the new one.

    `changed` holds the new values; its further column `changed_fields` names the attributes that differ, `before`
    holds the old rows in the same order.
    """

    added: gpd.GeoDataFrame
    changed: gpd.GeoDataFrame
    removed: gpd.GeoDataFrame
    before: gpd.GeoDataFrame

    @property
    def counts(self) -> dict[str, int]:
        """How many came, changed and went."""
        return {"added": len(self.added), "changed": len(self.changed), "removed": len(self.removed)}

    @property
    def attributes(self) -> dict[str, int]:
        """In how many rows each attribute changed, most first."""
        return dict(
            Counter(
                name for names in self.changed["changed_fields"] for name in names.split(", ")
            ).most_common()
        )


def change_layer(old: Network, new: Network, name: str) -> LayerChange:
    """Give the rows behind `diff_layer`."""
    diff, id_column = diff_layer(old, new, name), layers()[name].id_column
    before = old.layer(name).drop_duplicates(id_column).set_index(id_column, drop=False)
    after = new.layer(name).drop_duplicates(id_column).set_index(id_column, drop=False)
    was, changed = before.loc[list(diff.changed)], after.loc[list(diff.changed)].copy()
    changed["changed_fields"] = _changed_fields(was, changed)
    tables = (after.loc[list(diff.added)], changed, before.loc[list(diff.removed)], was)
    return LayerChange(*(table.reset_index(drop=True) for table in tables))


def _changed_fields(was: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> list[str]:
    """Names of the attributes that differ, row by row, by the measure of the fingerprints."""
    fields: list[list[str]] = [[] for _ in range(len(now))]
    if not fields:
        return []
    for column in now.columns:
        differ = column_prints(was, str(column)) != column_prints(now, str(column))
        for row in differ.nonzero()[0].tolist():
            fields[row].append(str(column))
    return [", ".join(names) for names in fields]


def apply_change(table: gpd.GeoDataFrame, change: LayerChange, name: str) -> gpd.GeoDataFrame:
    """Give the new table of the old one, rows in order of id as every version has them."""
    id_column = layers()[name].id_column
    gone = {*change.removed[id_column], *change.changed[id_column]}
    parts = [table[~table[id_column].isin(gone)], change.changed, change.added]
    whole = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    whole = gpd.GeoDataFrame(whole, geometry=table.geometry.name, crs=table.crs)
    return conform(whole.sort_values(id_column, kind="stable"), name)


def change_versions(old: Network, new: Network, *, progress: Progress = SILENT) -> dict[str, LayerChange]:
    """Give the changes of every layer that either version has."""
    found: dict[str, LayerChange] = {}
    for done, name in enumerate(layers()):
        progress.step("diff", done, len(layers()))
        if len(old.layer(name)) or len(new.layer(name)):
            found[name] = change_layer(old, new, name)
    progress.step("diff", len(layers()), len(layers()))
    return found


def diff_versions(old: Network, new: Network) -> dict[str, Any]:
    """
    Count what was added, changed and removed, for layers that either version has.

    `layers` holds the counts, `attributes` in how many rows each attribute changed.
    """
    changes = change_versions(old, new)
    return {
        "layers": {name: change.counts for name, change in changes.items()},
        "attributes": {name: counts for name, change in changes.items() if (counts := change.attributes)},
    }
