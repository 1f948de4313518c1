"""Tapping 引接方式: how a branch leaves a main, and which mains may be tapped at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from design.rules.ruleset import RuleSet
from design.sizing.series import nominal_dn
from gis.messages import Text
from gis.schema import materials

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

Method = Literal["reserved", "saddle", "sleeve", "cut-in"]


@dataclass(frozen=True)
class Tapping:
    """
    How the branch is tied in.

    `outage` is True where the main must be shut off for it; a method that is not `allowed` says why in `reason`.
    `ratio` is DN of the branch to DN of the main, both nominal; 0 at a reserved tap-off.
    """

    method: Method
    allowed: bool
    reason: Text
    outage: bool
    ratio: float = 0.0

    @property
    def name(self) -> Text:
        """What the method is called."""
        return Text("design", f"tapping.{self.method}")


def reserved_tapping(tapoff_dn: int, branch_dn: int, *, rules: RuleSet) -> Tapping:
    """Tie-in at a reserved tap-off: no tapping, no shut-off; its DN must be that of the service pipe or more."""
    fits = tapoff_dn >= branch_dn or not rules.value("tapoff-not-smaller").is_on
    key = "reserved-fits" if fits else "reserved-too-small"
    return Tapping(
        "reserved",
        fits,
        Text("design", f"tapping.{key}", {"tapoff_dn": tapoff_dn, "branch_dn": branch_dn}),
        False,
    )


def tapping_method(main_dn: int, branch_dn: int, material: str, role: str, *, rules: RuleSet) -> Tapping:
    """
    The gentlest method allowed for a branch on a main.

    Notes
    -----
    main_dn
        Size label of the main as in the network (outside diameter for plastic).
    branch_dn
        Nominal DN of the branch.
    material, role
        Codes of the network schema.
    """
    main = nominal_dn(main_dn, material)
    ratio = branch_dn / main
    told: dict[str, Any] = {
        "main_dn": main,
        "branch_dn": branch_dn,
        "material": _label(material),
        "ratio": ratio,
    }
    if _action(rules, "tapping-roles", "role", role) == "banned":
        return _not_allowed("role-banned", {**told, "role": role})
    action = _action(rules, "tapping-materials", "material", material)
    if action == "banned":
        return _not_allowed("material-banned", told)
    if branch_dn > main:
        return _not_allowed("larger-than-main", told)
    if action == "cut-in":
        return Tapping("cut-in", True, Text("design", "tapping.brittle", told), True, ratio)
    saddle, saddle_dn = rules.value("saddle-ratio").value, rules.value("saddle-branch-dn").value
    if ratio <= saddle and branch_dn <= saddle_dn:
        return Tapping("saddle", True, Text("design", "tapping.small-branch", told), False, ratio)
    if ratio <= rules.value("sleeve-ratio").value:
        return Tapping("sleeve", True, Text("design", "tapping.under-pressure", told), False, ratio)
    return Tapping("cut-in", True, Text("design", "tapping.large-branch", told), True, ratio)


def allowed_mains(
    pipes: gpd.GeoDataFrame, *, branch_dn_min: int, rules: RuleSet, stub_nodes: Collection[str] = ()
) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """
    Which pipes of a network may take a new tap.

    Notes
    -----
    pipes
        The pipes layer; one row each.
    branch_dn_min
        Smallest DN the branch can have: a main below it, or below the rule `main-dn-min`, is too small.
    stub_nodes
        End nodes of reserved tap-offs: pipes that end there are stubs, not mains.

    Returns
    -------
    mask, reasons
        Shape (pipes,) both. A reason is "" where allowed, else the key of `tapping.not-<key>`.
    """
    count = len(pipes)
    reasons = np.full(count, "", dtype=object)
    if not count:
        return np.zeros(0, dtype=bool), reasons
    dn = _nominal_array(pipes)
    text = {
        name: pipes[name].astype("object").fillna("").to_numpy() for name in ("status", "role", "material")
    }
    # by hash: np.isin on objects compares every pipe with every stub
    ends = (pipes["start_node_id"].isin(stub_nodes) | pipes["end_node_id"].isin(stub_nodes)).to_numpy(
        dtype=bool
    )
    smallest = max(float(branch_dn_min), rules.value("main-dn-min").value)
    # Later lines win: what can never be mended by a smaller branch is said first.
    reasons[~(dn >= smallest)] = "too-small"
    reasons[np.isnan(dn)] = "dn-unknown"
    reasons[np.isin(text["material"], _banned(rules, "tapping-materials", "material"))] = "material"
    for role in _banned(rules, "tapping-roles", "role"):
        reasons[text["role"] == role] = role
    reasons[ends] = "stub"
    for status in ("closed", "abandoned", "building"):
        reasons[text["status"] == status] = status
    return reasons == "", reasons


def refusal(key: str, *, pipe_id: str) -> Text:
    """The sentence of a reason that `allowed_mains` gave for a pipe."""
    return Text("design", f"tapping.not-{key}", {"pipe_id": pipe_id})


def _not_allowed(key: str, told: Mapping[str, Any]) -> Tapping:
    return Tapping("cut-in", False, Text("design", f"tapping.{key}", told), True, told["ratio"])


def _action(rules: RuleSet, table: str, column: str, key: str) -> str:
    row = rules.table(table).row(column, key)
    return str(row["action"]) if row else "allowed"


def _banned(rules: RuleSet, table: str, column: str) -> list[str]:
    return [row[column] for row in rules.table(table).rows if row["action"] == "banned"]


def _label(material: str) -> str:
    known = materials().get(material)
    return known.label_zh if known else material


def _nominal_array(pipes: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """DN of every pipe, plastic labels turned to nominal; NaN where unknown."""
    label = pipes["dn"].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    material = pipes["material"].astype("object").fillna("").to_numpy()
    plastic = np.isin(material, [code for code, known in materials().items() if known.plastic])
    dn = label.copy()
    for size in np.unique(label[plastic & ~np.isnan(label)]):
        dn[plastic & (label == size)] = nominal_dn(int(size), "PE")
    return dn
