"""Trees near a route 路由旁树木: which stand within reach of the works, how near, and whether they may be moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from design.rules.ruleset import Finding, RuleSet, finding

if TYPE_CHECKING:
    from design.city import City


@dataclass(frozen=True)
class NearTree:
    """A tree beside the route; `distance_m` from its stem to the pipe."""

    tree_id: str
    species: str
    protected: bool
    distance_m: float
    at_m: float


def near_trees(city: City, line: Any, rules: RuleSet) -> tuple[NearTree, ...]:
    """Trees of the layer within the rule's reach of the line, along it; none where no layer was imported."""
    table = city.network.layer("trees")
    if table.empty:
        return ()
    points, tree = city.once(("trees",), lambda: _indexed(table))
    reach_m = rules.value("tree-near").value
    rows = tree.query(line, predicate="dwithin", distance=reach_m)
    found = [_near(table.iloc[row], points[row], line) for row in rows.tolist()]
    return tuple(sorted(found, key=lambda near: (near.at_m, near.tree_id)))


def tree_findings(trees: tuple[NearTree, ...], rules: RuleSet) -> list[Finding]:
    """The nearest tree against the clearance of the standard; nothing where none is near."""
    if not trees:
        return []
    rule = rules.value("tree-clearance")
    nearest = min(trees, key=lambda tree: tree.distance_m)
    near = [tree for tree in trees if tree.distance_m < rule.value]
    kept = sum(tree.protected for tree in near)
    return [
        finding(
            rule, "tree", measured=nearest.distance_m, limit=rule.value, unit="m", verdict="warn" if near else "pass",
            tree=nearest.tree_id, count=len(near), protected=kept,
        )
    ]  # fmt: skip


def _near(row: Any, point: Any, line: Any) -> NearTree:
    protected = row["protected"] == "yes"
    distance, at = float(shapely.distance(point, line)), float(line.project(point))
    return NearTree(str(row["tree_id"]), _text(row["species"]), protected, distance, at)


def _indexed(table: Any) -> tuple[Any, Any]:
    points = np.asarray(table.geometry.array, dtype=object)
    return points, shapely.STRtree(points)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
