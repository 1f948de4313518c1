"""The network while it is being repaired: its lines, the node each place has become, and what was said."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gis.repair.places import Places, id_ranks
from gis.repair.topology import Cuts, Lines, merge_map, moved_ends, split

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.intake.normalise import Working
    from gis.issues import DataIssue
    from gis.repair.topology import BoolArray, IntArray

ABANDONED = "abandoned"


@dataclass
class Unchecked:
    """
    What a later round has to look at again; everything in the first.

    Joining moves ends onto places that stay where they are, so it makes no new near ends; splitting bends lines, which
    may then touch a place. Dropping a line, or a new place, may uncover anything.

    Attributes
    ----------
    lines
        Shape (lines,): of another shape than when tees were looked for.
    almost
        Places that lie so near to a line that a cut may have bent it onto them: all that matter for `lines`.
    all_ends, all_tees
        Everything, as something was dropped or added.
    """

    lines: BoolArray
    almost: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    all_ends: bool = True
    all_tees: bool = True


class State:
    """
    Lines and the node each place has become, while rounds of repair go on.

    `live`, `ids`, `said`, `cover_m` and `recorded_m` have one entry a source row; `rank` orders source lines by id, so that what stays of two
    doubles does not depend on the order of rows. `common` are the joins and splits of the first round, each told once
    there; a city has hundreds of thousands of them.
    """

    def __init__(self, lines: Lines, places: Places, pipes: Working) -> None:
        table = pipes.table
        ids = table["pipe_id"].to_numpy(dtype=object)
        status = table.get("status", pd.Series(None, index=table.index, dtype="object"))
        self.lines = lines
        self.places = places
        self.live = (status != ABANDONED).to_numpy(dtype=bool)
        self.ids = ids
        self.said = SizeAndMaterial(table)
        self.cover_m = _numbers(table, "cover_depth_m")
        self.recorded_m = _numbers(table, "length_m")
        self.issues: list[DataIssue] = []
        self.common: list[DataIssue] = []
        self.first_round = True
        self.node_of = np.arange(len(places.at_xy), dtype=np.int64)
        self.stands_for: dict[str, str] = {}
        self.rank = id_ranks(ids)
        self.unchecked = Unchecked(np.ones(len(lines), dtype=bool))

    def tell(self, issues: Iterable[DataIssue]) -> None:
        """Add joins or splits, none of them twice."""
        (self.common if self.first_round else self.issues).extend(issues)

    def is_live(self) -> NDArray[np.bool_]:
        """Tell which lines take part."""
        return self.live[self.lines.origin]

    def degree(self) -> NDArray[np.int64]:
        """Live lines at each place."""
        live = self.is_live()
        both = np.concatenate([self.lines.start[live], self.lines.end[live]])
        return np.bincount(both, minlength=len(self.places.at_xy))

    def stays(self) -> NDArray[np.bool_]:
        """Tell which places have not been joined to another."""
        own: NDArray[np.bool_] = self.node_of == np.arange(len(self.node_of))
        return own

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Drop the other lines."""
        if rows.all():
            return
        self.lines = self.lines.take(rows)
        self.unchecked = Unchecked(self.unchecked.lines[rows])

    def add_places(self, new_xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Add unnamed places; gives their indices."""
        new = self.places.append(new_xy)
        self.node_of = np.append(self.node_of, new)
        self.recheck()
        return new

    def recheck(self) -> None:
        """Have everything looked at again."""
        self.unchecked = Unchecked(self.unchecked.lines)

    def merge(self, pairs: IntArray) -> IntArray:
        """Make one node of each cluster of pairs; gives for every place the one it becomes."""
        count = len(self.places.at_xy)
        if not len(pairs):
            return np.arange(count)
        members = np.flatnonzero(np.bincount(pairs.ravel(), minlength=count))
        becomes = merge_map(count, pairs, self.places.ranked(members, self.degree()))
        self.node_of = becomes[self.node_of]
        lines = replace(self.lines, start=becomes[self.lines.start], end=becomes[self.lines.end])
        self.lines, moved = moved_ends(lines, self.places.at_xy)
        self.unchecked.lines |= moved
        return becomes

    def cut(self, cuts: Cuts) -> None:
        """Split lines at nodes."""
        self.lines, self.unchecked.lines = split(self.lines, cuts, self.places.at_xy)


class SizeAndMaterial:
    """What a source says a pipe is, by row, for telling twins that contradict each other."""

    def __init__(self, table: gpd.GeoDataFrame) -> None:
        self._columns = [table[name] for name in ("dn", "material") if name in table]

    def __getitem__(self, row: int) -> str:
        values = [column.iloc[row] for column in self._columns]
        return " ".join("?" if pd.isna(value) else str(value) for value in values)


def _numbers(table: Any, name: str) -> NDArray[np.float64]:
    if name not in table:
        return np.full(len(table), np.nan)
    numbers: NDArray[np.float64] = pd.to_numeric(table[name], errors="coerce").to_numpy(
        dtype=float, na_value=np.nan
    )
    return numbers
