"""How much of a network an import would make disappear, and from where on a person must say why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.files.shipped import shipped_table
from gis.schema import layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from gis.network import Network


@dataclass(frozen=True)
class RemovalLimits:
    """See data/removals.toml."""

    share: float
    at_least: int


@dataclass(frozen=True)
class Removal:
    """How many of a layer's things are absent from the next version."""

    layer: str
    before: int
    removed: int

    def is_much(self, limits: RemovalLimits) -> bool:
        """Tell whether a person must say why: more than the stated share, and not just a few things."""
        return self.removed >= limits.at_least and self.removed > limits.share * self.before


@cache
def load_removal_limits() -> RemovalLimits:
    """Read data/removals.toml."""
    given = shipped_table("gis", "removals.toml")
    return RemovalLimits(float(given["share"]), int(given["at_least"]))


def removals(old: Network, new: Mapping[str, gpd.GeoDataFrame]) -> list[Removal]:
    """Count the things of `old`, by layer and id, that are not in the tables of `new`."""
    found = []
    for name, layer in layers().items():
        before = old.layer(name)[layer.id_column]
        after = new[name][layer.id_column] if name in new else []
        gone = int((~before.isin(after)).sum())
        if gone:
            found.append(Removal(name, len(before), gone))
    return found


def much_removed(old: Network, new: Mapping[str, gpd.GeoDataFrame]) -> list[Removal]:
    """Give the layers of which so much would disappear that a second person must agree; none is well."""
    limits = load_removal_limits()
    return [removal for removal in removals(old, new) if removal.is_much(limits)]


def refuse_removals(much: Sequence[Removal], version: str) -> None:
    """
    Refuse an import from which too much of the current version has disappeared.

    Raises
    ------
    GisInputError
        `removals-many`, naming each layer with the number gone.
    """
    if much:
        told = ", ".join(f"{layers()[r.layer].label_zh} {r.layer} {r.removed}/{r.before}" for r in much)
        share = f"{load_removal_limits().share:.0%}"
        raise GisInputError("removals-many", layers=told, share=share, version=version)
