"""What changed between two network versions, layer by layer, by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gis.fingerprint import row_fingerprints
from gis.schema import layers

if TYPE_CHECKING:
    from gis.network import Network


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


def diff_versions(old: Network, new: Network) -> dict[str, Any]:
    """Count what was added, changed and removed, for layers that either version has."""
    counts: dict[str, dict[str, int]] = {}
    for name in layers():
        if len(old.layer(name)) or len(new.layer(name)):
            diff = diff_layer(old, new, name)
            counts[name] = {
                "added": len(diff.added), "changed": len(diff.changed), "removed": len(diff.removed),
            }  # fmt: skip
    return {"layers": counts}
