"""PeakModel 高峰模型: one single-period EPANET file of a network version, and what its ids mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.epanet.codes import LinkValue, NodeValue, Statistic
from hydraulics.epanet.engine import EngineCallError, Project
from hydraulics.epanet.ids import engine_ids
from hydraulics.epanet.opened import Opened
from hydraulics.errors import HydraulicsError, ModelInputError
from hydraulics.inp.text import CONVERGENCE_LADDER, TRIALS, Convergence, inp_text
from hydraulics.supplied.fed import fed_nodes, open_by_command, passing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gis.network import Network
    from hydraulics.demand.basis import PeakBasis
    from hydraulics.results import FloatArray
    from hydraulics.tables import ModelTables
    from hydraulics.uncertainty.calibrated import Calibration
    from hydraulics.uncertainty.known import Known


@dataclass(frozen=True)
class PeakModel:
    """
    What a `Session` opens.

    Attributes
    ----------
    inp
        The single-period file: `model-before.inp` is a copy of it.
    scenario, description
        Which state of the network it holds; a sentence fragment for people, Chinese and English.
    engine_nodes, engine_links
        Ids inside the file, in the order of `tables.node_ids` and `tables.link_ids`.
    is_fed
        Shape (nodes and cut-off nodes,): False where no open path leads from a source.
    freeze_error_m
        Largest head difference to the extended-period step it was frozen from; None when built from GIS.
    calibration
        Parameters found from readings that the tables hold already; None where they are the tables' own.
    opened
        The engine with the file open and balanced, for the first session.
    known
        What the GIS says of its pipes and nodes, where that was looked up already.
    derived
        Folder of the workspace for what is derived from the version; None where there is none.
    """

    inp: Path
    version: str
    scenario: str
    description: tuple[str, str]
    tables: ModelTables
    engine_nodes: tuple[str, ...]
    engine_links: tuple[str, ...]
    is_fed: NDArray[np.bool_]
    freeze_error_m: float | None = None
    calibration: Calibration | None = None
    opened: Opened = field(default_factory=Opened, repr=False, compare=False)
    known: Known | None = field(default=None, repr=False, compare=False)
    derived: Path | None = field(default=None, repr=False, compare=False)

    @property
    def formula(self) -> str:
        """Head-loss formula of the file: H-W, D-W or C-M."""
        return self.tables.options.formula


def build_peak_model(
    network: Network, scratch: Path, *, scenario: str = "peak", basis: PeakBasis | None = None
) -> PeakModel:
    """
    Write the peak-hour file of a network version into `scratch`; `basis` is what GIS demand is reckoned by.

    Raises
    ------
    ModelInputError
        EPANET refuses the imported file.
    HydraulicsError
        No source, no convergence, or a scenario there is no rule for.
    """
    if scenario != "peak":
        raise ModelInputError("scenario-unknown", scenario=scenario)
    if network.model_inp is not None:
        return _from_file(network.model_inp, scratch, network.version)
    from hydraulics.making.from_gis import tables_of_network  # a model that lies ready needs none of it

    tables = tables_of_network(network, basis=basis)
    return write_model(tables, scratch, version=network.version, description=_told(tables))


_DEMAND_WORDS = {
    "customers": ("按用户用水量", ""),
    "nodes": ("用户无用水量，按节点流量", ", demand by the base demand of nodes"),
    "area": ("用户无用水量，按用地面积与指标", ", demand by the area and use of land"),
}


def _told(tables: ModelTables) -> tuple[str, str]:
    """What the peak hour of a model built from GIS is, for people."""
    zh, en = _DEMAND_WORDS[tables.demand_by]
    if tables.peak_hour is None:
        return (
            f"高峰日高峰时，{zh}与高峰系数由管网数据建模",
            f"peak hour of the peak day, built from the GIS layers{en}",
        )
    first, last = tables.peak_hour, (tables.peak_hour + 1) % 24
    return (
        f"高峰日高峰时（{first}～{last} 时总用水量最大），{zh}与分类用水时变化曲线由管网数据建模",
        f"peak day at {first}:00 to {last}:00, the hour of greatest demand by the patterns of uses, built from the GIS layers{en}",
    )


def _from_file(path: Path, scratch: Path, version: str) -> PeakModel:
    from hydraulics.scenarios.peak import peak_of_file

    peak = peak_of_file(path)
    hours, minutes = divmod(round(peak.time_s / 60.0), 60)
    text = (
        f"延时模拟总需水量最大的时刻（第 {hours}:{minutes:02d}）",
        f"extended-period step with the greatest total demand (hour {hours}:{minutes:02d})",
    )
    return write_model(peak.tables, scratch, version=version, description=text, expected_head_m=peak.head_m)


def write_model(
    tables: ModelTables,
    scratch: Path,
    *,
    version: str,
    description: tuple[str, str],
    expected_head_m: FloatArray | None = None,
    scenario: str = "peak",
) -> PeakModel:
    """Write tables as a file that EPANET balances, as exactly as it can."""
    if len(tables.node_ids) == tables.junction_count:
        raise HydraulicsError("no-source")
    cut_off = len(tables.cut_off.node_ids) if tables.cut_off else 0
    nodes = engine_ids(tables.node_ids, prefix="TN")
    links = engine_ids(tables.link_ids, prefix="TL")
    scratch.mkdir(parents=True, exist_ok=True)
    path = scratch / "model.inp"
    project = _write_balanced(tables, path, nodes, links)
    return PeakModel(
        inp=path,
        version=version,
        scenario=scenario,
        description=description,
        tables=tables,
        engine_nodes=tuple(nodes),
        engine_links=tuple(links),
        is_fed=np.append(fed_nodes(tables, open_by_command(tables)), np.zeros(cut_off, dtype=bool)),
        freeze_error_m=None if expected_head_m is None else _freeze_error_m(tables, project, expected_head_m),
        opened=Opened(project, _report_of(path)),
    )


def _freeze_error_m(tables: ModelTables, project: Project, expected_head_m: FloatArray) -> float:
    flow_m3s = project.link_values(LinkValue.FLOW) / 1000.0
    state = project.link_values(LinkValue.STATE)
    joined = fed_nodes(tables, passing(tables, state=state, flow_m3s=flow_m3s))
    head_m = project.node_values(NodeValue.HEAD)
    return float(np.abs(head_m - expected_head_m)[joined].max())


def _write_balanced(tables: ModelTables, path: Path, nodes: list[str], links: list[str]) -> Project:
    """Write with the tightest convergence that EPANET reaches; the project in which it did."""
    from hydraulics.scenarios.peak import refuse_impossible

    def attempt(convergence: Convergence) -> Project:
        path.write_text(inp_text(tables, nodes=nodes, links=links, convergence=convergence), encoding="utf-8")
        return _solved(path)

    project = attempt(CONVERGENCE_LADDER[0])
    for looser in CONVERGENCE_LADDER[1:]:
        if _balances(project):
            break
        project.close()
        project = attempt(looser)
    try:
        head_m = project.node_values(NodeValue.HEAD)
        refuse_impossible(tables, head_m)
        if not _balances(project):
            raise HydraulicsError("not-balanced", node=_worst_node(tables, head_m))
    except HydraulicsError:
        _given_up(project, path)
        raise
    return project


def _balances(project: Project) -> bool:
    return project.statistic(Statistic.ITERATIONS) <= TRIALS


def _given_up(project: Project | None, path: Path) -> None:
    if project is not None:
        project.close()
    _report_of(path).unlink(missing_ok=True)


def _worst_node(tables: ModelTables, head_m: FloatArray) -> str:
    """The junction with the lowest pressure: where an unbalanced network goes wrong first."""
    junctions = slice(0, tables.junction_count)
    return tables.node_ids[int(np.argmin((head_m - tables.elevation_m)[junctions]))]


def _report_of(path: Path) -> Path:
    return path.with_suffix(".rpt")


def _solved(path: Path) -> Project:
    """Open a file and solve it cold."""
    project: Project | None = None
    try:
        project = Project(path, _report_of(path))
        project.open_hydraulics()
        project.forget_flows()
        project.run()
    except EngineCallError as error:
        reason = _complaint(path) or str(error.code)
        _given_up(project, path)
        raise HydraulicsError("model-not-runnable", reason=reason) from error
    return project


def _complaint(path: Path) -> str:
    report = _report_of(path)
    detail = report.read_text("utf-8", "replace") if report.exists() else ""
    return next((line.strip() for line in detail.splitlines() if "Error" in line), "")
