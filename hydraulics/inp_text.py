"""ModelTables as the text of a single-period EPANET file: metric, one record a line, full precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        ("TITLE", [tables.title]),
        *_node_sections(tables, nodes),
        *_link_sections(tables, nodes, links, curves),
        ("CURVES", [f"{name}\t{x!r}\t{y!r}" for curve, name in curves.items() for x, y in curve]),
        ("TIMES", ["Duration\t0", "Hydraulic Timestep\t1:00", "Pattern Timestep\t1:00"]),
        ("REPORT", ["Status\tNo", "Summary\tNo", "Messages\tNo"]),
        ("OPTIONS", _option_lines(tables.options, convergence)),
        *_drawing_sections(tables, nodes, links),
    ]
    body = "\n\n".join(f"[{name}]\n" + "\n".join(lines) for name, lines in sections if lines)
    return body + "\n\n[END]\n"


def _node_sections(t: ModelTables, ids: Sequence[str]) -> list[tuple[str, list[str]]]:
    # Pressure is not told where the ground is unknown, so any figure serves the solver.
    elevations, demands = np.nan_to_num(t.elevation_m).tolist(), (t.demand_m3s * 1000.0).tolist()
    first_tank = t.junction_count + t.reservoir_count
    tanks = zip(ids[first_tank:], elevations[first_tank:], t.tanks, strict=True)
    return [
        ("JUNCTIONS", [
            f"{i}\t{z!r}\t{q!r}"
            for i, z, q in zip(ids[: t.junction_count], elevations, demands, strict=False)
        ]),
        ("RESERVOIRS", [
            f"{i}\t{h!r}"
            for i, h in zip(ids[t.junction_count : first_tank], t.reservoir_head_m.tolist(), strict=True)
        ]),
        ("TANKS", [
            f"{i}\t{z!r}\t{k.level_m!r}\t{k.min_level_m!r}\t{k.max_level_m!r}\t{k.diameter_m!r}\t0"
            + ("\t*\tYES" if k.can_overflow else "")
            for i, z, k in tanks
        ]),
        ("EMITTERS", [f"{ids[n]}\t{c!r}" for n, c in t.emitters.items()]),
    ]  # fmt: skip


def _link_sections(
    t: ModelTables, nodes: Sequence[str], links: Sequence[str], curves: dict[Curve, str]
) -> list[tuple[str, list[str]]]:
    ends = [(nodes[a], nodes[b]) for a, b in zip(t.link_start.tolist(), t.link_end.tolist(), strict=True)]
    first_valve = t.pipe_count + len(t.pumps)
    diameters_mm, losses = (t.diameter_m * 1000.0).tolist(), t.minor_k.tolist()
    pipes = zip(
        links[: t.pipe_count], ends, t.length_m.tolist(), diameters_mm, t.roughness_factor.tolist(), losses,
        t.pipe_state.tolist(), strict=False,
    )  # fmt: skip
    statuses = [f"{links[t.pipe_count + k]}\tClosed" for k, p in enumerate(t.pumps) if p.is_closed]
    statuses += [f"{links[first_valve + k]}\t{v.fixed}" for k, v in enumerate(t.valves) if v.fixed]
    return [
        ("PIPES", [
            f"{i}\t{a}\t{b}\t{length!r}\t{d!r}\t{c!r}\t{m!r}\t{_STATE_WORDS[s]}"
            for i, (a, b), length, d, c, m, s in pipes
        ]),
        ("PUMPS", [
            f"{links[n]}\t{ends[n][0]}\t{ends[n][1]}\t"
            + (f"HEAD {_curve_name(p.lift, curves)}" if isinstance(p.lift, tuple) else f"POWER {p.lift!r}")
            + f"\tSPEED {p.speed_factor!r}"
            for n, p in enumerate(t.pumps, t.pipe_count)
        ]),
        ("VALVES", [
            f"{links[n]}\t{ends[n][0]}\t{ends[n][1]}\t{diameters_mm[n]!r}\t{v.kind}\t"
            + (_curve_name(v.setting, curves) if isinstance(v.setting, tuple) else repr(v.setting))
            + f"\t{losses[n]!r}"
            for n, v in enumerate(t.valves, first_valve)
        ]),
        ("STATUS", statuses),
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


def _drawing_sections(
    t: ModelTables, nodes: Sequence[str], links: Sequence[str]
) -> list[tuple[str, list[str]]]:
    known = np.flatnonzero(np.isfinite(t.position_xy[:, 0])).tolist()
    places = t.position_xy.tolist()
    return [
        ("COORDINATES", [f"{nodes[n]}\t{places[n][0]!r}\t{places[n][1]!r}" for n in known]),
        ("VERTICES", [f"{links[n]}\t{x!r}\t{y!r}" for n, points in t.vertices.items() for x, y in points]),
    ]  # fmt: skip
