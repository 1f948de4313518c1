"""ModelTables as the text of a single-period EPANET file: metric, one record a line, full precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow.csv import WriteOptions, write_csv

from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hydraulics.tables import Curve, ModelTables, SolverOptions

TRIALS = 200
_STATE_WORDS = {PipeState.OPEN: "Open", PipeState.CLOSED: "Closed", PipeState.CHECK_VALVE: "CV"}


@dataclass(frozen=True)
class Convergence:
    """How exactly EPANET must balance: relative flow change, and head error of any link."""

    accuracy_ratio: float
    head_error_m: float | None


# The tight ones make every head right to a millimetre; closed pumps and near-zero loops need the looser.
CONVERGENCE_LADDER = (
    Convergence(1e-5, 0.0001),
    Convergence(1e-5, None),
    Convergence(1e-4, None),
    Convergence(1e-3, None),
)


def inp_text(
    tables: ModelTables, *, nodes: Sequence[str], links: Sequence[str], convergence: Convergence
) -> str:
    """The file; `nodes` and `links` are the engine's ids."""
    curves: dict[Curve, str] = {}
    sections = [
        ("TITLE", tables.title),
        *_node_sections(tables, nodes),
        *_link_sections(tables, nodes, links, curves),
        ("CURVES", "\n".join(f"{name}\t{x!r}\t{y!r}" for curve, name in curves.items() for x, y in curve)),
        ("TIMES", "Duration\t0\nHydraulic Timestep\t1:00\nPattern Timestep\t1:00"),
        ("REPORT", "Status\tNo\nSummary\tNo\nMessages\tNo"),
        ("OPTIONS", "\n".join(_option_lines(tables.options, convergence))),
        *_drawing_sections(tables, nodes, links),
    ]
    body = "\n\n".join(f"[{name}]\n{rows}" for name, rows in sections if rows)
    return body + "\n\n[END]\n"


def _rows(*columns: Sequence[str] | NDArray[Any] | pa.Array) -> str:
    """Lines of equally long columns, split by tabs; numbers with all their digits, a tenth of the time of f-strings."""
    arrays = [column if isinstance(column, pa.Array) else pa.array(column) for column in columns]
    if not len(arrays[0]):
        return ""
    table = pa.table(arrays, names=[str(n) for n in range(len(arrays))])
    sink = pa.BufferOutputStream()
    write_csv(table, sink, WriteOptions(include_header=False, delimiter="\t", quoting_style="none"))
    return sink.getvalue().to_pybytes().decode().rstrip("\n")


def _node_sections(t: ModelTables, ids: Sequence[str]) -> list[tuple[str, str]]:
    # Pressure is not told where the ground is unknown, so any figure serves the solver.
    elevations = np.nan_to_num(t.elevation_m)
    first_tank = t.junction_count + t.reservoir_count
    junctions, reservoirs = slice(0, t.junction_count), slice(t.junction_count, first_tank)
    tanks = zip(ids[first_tank:], elevations[first_tank:].tolist(), t.tanks, strict=True)
    return [
        ("JUNCTIONS", _rows(ids[junctions], elevations[junctions], t.demand_m3s[junctions] * 1000.0)),
        ("RESERVOIRS", _rows(ids[reservoirs], t.reservoir_head_m)),
        ("TANKS", "\n".join(
            f"{i}\t{z!r}\t{k.level_m!r}\t{k.min_level_m!r}\t{k.max_level_m!r}\t{k.diameter_m!r}\t0"
            + ("\t*\tYES" if k.can_overflow else "")
            for i, z, k in tanks
        )),
        ("EMITTERS", "\n".join(f"{ids[n]}\t{c!r}" for n, c in t.emitters.items())),
    ]  # fmt: skip


def _link_sections(
    t: ModelTables, nodes: Sequence[str], links: Sequence[str], curves: dict[Curve, str]
) -> list[tuple[str, str]]:
    first_valve, pipes = t.pipe_count + len(t.pumps), slice(0, t.pipe_count)
    diameters_mm, losses = t.diameter_m * 1000.0, t.minor_k
    names = pa.array(nodes)
    first, last = (names.take(pa.array(ends)) for ends in (t.link_start, t.link_end))
    states = np.array([_STATE_WORDS[state] for state in PipeState])[t.pipe_state]
    ends = list(zip(first[t.pipe_count :].to_pylist(), last[t.pipe_count :].to_pylist(), strict=True))
    statuses = [f"{links[t.pipe_count + k]}\tClosed" for k, p in enumerate(t.pumps) if p.is_closed]
    statuses += [f"{links[first_valve + k]}\t{v.fixed}" for k, v in enumerate(t.valves) if v.fixed]
    return [
        ("PIPES", _rows(
            links[pipes], first[pipes], last[pipes], t.length_m[pipes], diameters_mm[pipes], t.roughness_factor[pipes],
            losses[pipes], states,
        )),
        ("PUMPS", "\n".join(
            f"{links[n]}\t{a}\t{b}\t"
            + (f"HEAD {_curve_name(p.lift, curves)}" if isinstance(p.lift, tuple) else f"POWER {p.lift!r}")
            + f"\tSPEED {p.speed_factor!r}"
            for n, (a, b), p in zip(range(t.pipe_count, first_valve), ends, t.pumps, strict=False)
        )),
        ("VALVES", "\n".join(
            f"{links[n]}\t{a}\t{b}\t{float(diameters_mm[n])!r}\t{v.kind}\t"
            + (_curve_name(v.setting, curves) if isinstance(v.setting, tuple) else repr(v.setting))
            + f"\t{float(losses[n])!r}"
            for n, (a, b), v in zip(range(first_valve, len(links)), ends[len(t.pumps) :], t.valves, strict=True)
        )),
        ("STATUS", "\n".join(statuses)),
    ]  # fmt: skip


def _curve_name(curve: Curve, curves: dict[Curve, str]) -> str:
    return curves.setdefault(curve, f"CURVE{len(curves) + 1}")


def _option_lines(options: SolverOptions, convergence: Convergence) -> list[str]:
    lines = [
        "Units\tLPS",
        f"Headloss\t{options.formula}",
        f"Specific Gravity\t{options.specific_gravity_ratio!r}",
        f"Viscosity\t{options.viscosity_ratio!r}",
        f"Emitter Exponent\t{options.emitter_exponent_ratio!r}",
        f"CheckFreq\t{options.check_frequency}",
        f"MaxCheck\t{options.max_check}",
        f"DampLimit\t{options.damp_limit_share!r}",
        f"Trials\t{TRIALS}",
        f"Accuracy\t{convergence.accuracy_ratio!r}",
        "Unbalanced\tContinue 10",
        "Demand Multiplier\t1.0",
        "Quality\tNone",
    ]
    if convergence.head_error_m is not None:
        lines.append(f"HeadError\t{convergence.head_error_m!r}")
    if options.pressure_driven:
        low_m, required_m, exponent = options.pressure_driven
        lines += [
            "Demand Model\tPDA", f"Minimum Pressure\t{low_m!r}", f"Required Pressure\t{required_m!r}",
            f"Pressure Exponent\t{exponent!r}",
        ]  # fmt: skip
    return lines


def _drawing_sections(t: ModelTables, nodes: Sequence[str], links: Sequence[str]) -> list[tuple[str, str]]:
    known = np.flatnonzero(np.isfinite(t.position_xy[:, 0]))
    drawn = pa.array(nodes).take(pa.array(known))
    return [
        ("COORDINATES", _rows(drawn, t.position_xy[known, 0], t.position_xy[known, 1])),
        ("VERTICES", "\n".join(
            f"{links[n]}\t{x!r}\t{y!r}" for n, points in t.vertices.items() for x, y in points
        )),
    ]  # fmt: skip
