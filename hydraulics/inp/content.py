"""What an EPANET file says, read through EPANET itself: lengths in metres, positions as the file has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hydraulics.epanet.codes import LinkKind, LinkValue, NodeValue, Option
from hydraulics.tables import HEADLOSS_FORMULAS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.inp.read import ModelFile
    from hydraulics.results import FloatArray
    from hydraulics.tables import HeadlossFormula

    IntArray = NDArray[np.int64]

JUNCTION, RESERVOIR, TANK = 0, 1, 2


@dataclass(frozen=True)
class FileContent:
    """
    What the file says, in the engine's order, metric.

    Attributes
    ----------
    position_xy
        Shape (nodes, 2), in the file's own plane; NaN where it gives none.
    demand_m3s
        Shape (nodes,): base demand times the file's multiplier, without patterns.
    level_m
        Shape (nodes,): head of reservoirs, bottom plus initial level of tanks, NaN for junctions.
    vertices
        Link position to inner points.
    roughness_c
        Shape (links,): NaN where the file does not count by Hazen-Williams.
    roughness_factor
        Shape (links,): as the head-loss formula of the file wants it (C, mm, n).
    uses_inches
        The file is in US units.
    """

    node_ids: list[str]
    link_ids: list[str]
    node_kinds: IntArray
    link_kinds: IntArray
    link_ends: IntArray
    elevation_m: FloatArray
    level_m: FloatArray
    demand_m3s: FloatArray
    position_xy: FloatArray
    vertices: dict[int, FloatArray]
    length_m: FloatArray
    diameter_m: FloatArray
    roughness_c: FloatArray
    is_open: NDArray[np.bool_]
    loss_k: FloatArray
    formula: HeadlossFormula
    roughness_factor: FloatArray
    uses_inches: bool

    @property
    def pipes(self) -> IntArray:
        """Link positions of pipes."""
        return np.flatnonzero(self.link_kinds <= LinkKind.PIPE)

    @property
    def valves(self) -> IntArray:
        """Link positions of regulating valves."""
        return np.flatnonzero(self.link_kinds > LinkKind.PUMP)

    @property
    def sources(self) -> IntArray:
        """Node positions of reservoirs and tanks."""
        return np.flatnonzero(self.node_kinds != JUNCTION)


def read_content(file: ModelFile) -> FileContent:
    """Read the whole file, without a stand-in for its source; switches the project to metric units."""
    project = file.project
    uses_inches = project.flow_units().is_us_customary
    project.use_metric_units()
    kinds, elevation_m = project.node_kinds(), project.node_values(NodeValue.ELEVATION)
    level_m = np.where(kinds == JUNCTION, np.nan, elevation_m)
    tanks = kinds == TANK
    level_m[tanks] += project.node_values(NodeValue.TANK_LEVEL)[tanks]
    nodes, bases, _ = project.demands()
    demand_lps = np.bincount(nodes, weights=bases, minlength=len(kinds)).astype(np.float64)
    formula = HEADLOSS_FORMULAS[int(project.option(Option.HEADLOSS_FORM))]
    roughness = project.link_values(LinkValue.ROUGHNESS)
    content = FileContent(
        node_ids=file.node_ids(),
        link_ids=file.link_ids(),
        node_kinds=kinds,
        link_kinds=project.link_kinds(),
        link_ends=project.link_ends(),
        elevation_m=elevation_m,
        level_m=level_m,
        demand_m3s=demand_lps * project.option(Option.DEMAND_MULTIPLIER) / 1000.0,
        position_xy=project.positions(),
        vertices={k: np.array(points) for k in range(len(roughness)) if (points := project.vertices(k))},
        length_m=project.link_values(LinkValue.LENGTH),
        diameter_m=project.link_values(LinkValue.DIAMETER) / 1000.0,
        roughness_c=roughness if formula == "H-W" else np.full(len(roughness), np.nan),
        is_open=project.link_values(LinkValue.INITIAL_STATUS) > 0,
        loss_k=project.link_values(LinkValue.MINOR_LOSS),
        formula=formula,
        roughness_factor=roughness,
        uses_inches=uses_inches,
    )
    return content if file.has_source else _without_stand_in(content)


_OF_NODES = ("node_ids", "node_kinds", "elevation_m", "level_m", "demand_m3s", "position_xy")
_OF_LINKS = ("link_ids", "link_kinds", "link_ends", "length_m", "diameter_m", "roughness_c", "is_open", "loss_k", "roughness_factor")  # fmt: skip


def _without_stand_in(content: FileContent) -> FileContent:
    """Without the last node and the pipe to it, which stands after all pipes of the file."""
    pipe = int(content.pipes[-1])
    cut: dict[str, Any] = {name: getattr(content, name)[:-1] for name in _OF_NODES}
    for name in _OF_LINKS:
        values = getattr(content, name)
        cut[name] = (
            [*values[:pipe], *values[pipe + 1 :]] if isinstance(values, list) else np.delete(values, pipe, 0)
        )
    cut["vertices"] = {k - (k > pipe): points for k, points in content.vertices.items()}
    return replace(content, **cut)
