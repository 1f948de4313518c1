"""
The two EPANET files that go with a check: `model-before.inp` and `model-after.inp`.

Both are single-period files; plain EPANET reproduces the figures of the check. Before is the very file the session
has open. After is the same text with the new connection written into it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hydraulics.epanet.ids import fits
from hydraulics.errors import ModelInputError
from hydraulics.headloss import PipeLaw, minor_k_of_loss
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from pathlib import Path

    from hydraulics.model import PeakModel
    from hydraulics.results import TieIn

SITE_ID, SERVICE_ID, TIE_IN_ID = "TW-SITE", "TW-SERVICE", "TW-TIE-IN"
_END_SHARE = 1e-9
_SMALLEST_K = 1e-9


@dataclass(frozen=True)
class ServiceLine:
    """
    The applicant's service pipe 接户管 from the tie-in to the site.

    Attributes
    ----------
    roughness_c
        Hazen-Williams C; in a Darcy-Weisbach or Manning model the same loss is written another way.
    local_loss_m
        Everything that is not friction of the pipe, at the flow of the check: fittings, meter, backflow preventer.
    friction_m
        Friction at the flow of the check by whatever formula the scheme used; None: EPANET's Hazen-Williams.
    """

    site_elevation_m: float
    length_m: float
    inner_diameter_m: float
    roughness_c: float
    local_loss_m: float = 0.0
    friction_m: float | None = None


def write_before(model: PeakModel, path: Path) -> None:
    """Write the model as the session has it, byte for byte."""
    shutil.copyfile(model.inp, path)


def write_after(
    model: PeakModel, path: Path, *, tie_in: TieIn, flow_m3s: float, service: ServiceLine | None
) -> None:
    """
    Write the model with the new demand; with a service pipe, the site `TW-SITE` at its end carries the demand.

    Raises
    ------
    ModelInputError
        The tie-in names no node or pipe of the model.
    """
    edit = _Edit(model, model.inp.read_text(encoding="utf-8"))
    node, elevation_m = edit.tie_in_node(tie_in)
    demand_lps = flow_m3s * 1000.0
    if service is not None:
        site = edit.new_id(SITE_ID)
        edit.add("JUNCTIONS", f"{site}\t{service.site_elevation_m!r}\t{demand_lps!r}")
        edit.add(
            "PIPES", _service_row(edit.new_id(SERVICE_ID), node, site, service, model, flow_m3s=flow_m3s)
        )
    elif elevation_m is not None:
        edit.add("JUNCTIONS", f"{node}\t{elevation_m!r}\t{demand_lps!r}")
    else:
        edit.add_demand(node, demand_lps=demand_lps)
    if service is not None and elevation_m is not None:
        edit.add("JUNCTIONS", f"{node}\t{elevation_m!r}\t0.0")
    path.write_text(edit.text(), encoding="utf-8")


def draw_by_pressure(path: Path, rule: tuple[float, float, float]) -> None:
    """Let a written model draw demands by pressure: least and required pressure [m] and the exponent between."""
    low, required, exponent = rule
    lines = f"Demand Model\tPDA\nMinimum Pressure\t{low!r}\nRequired Pressure\t{required!r}\nPressure Exponent\t{exponent!r}\n"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[OPTIONS]\nUnits\tLPS\n", f"[OPTIONS]\nUnits\tLPS\n{lines}", 1), encoding="utf-8"
    )


def _service_row(
    name: str, start: str, end: str, service: ServiceLine, model: PeakModel, *, flow_m3s: float
) -> str:
    """The service pipe, its roughness as smooth as the model's formula allows and the rest of the loss in K."""
    bore_m, options = service.inner_diameter_m, model.tables.options
    friction_m = service.friction_m
    law = PipeLaw("H-W", service.length_m, bore_m, service.roughness_c)
    wanted_m = (law.loss_m(flow_m3s) if friction_m is None else friction_m) + service.local_loss_m
    roughness = _roughness(service, model, wanted_m=wanted_m, flow_m3s=flow_m3s)
    law = PipeLaw(
        options.formula, service.length_m, bore_m, roughness, viscosity_ratio=options.viscosity_ratio
    )
    rest_m = max(wanted_m - law.loss_m(flow_m3s), 0.0)
    k = minor_k_of_loss(rest_m, flow_m3s=flow_m3s, inner_diameter_m=bore_m)
    k = k if k > _SMALLEST_K else 0.0
    return f"{name}\t{start}\t{end}\t{service.length_m!r}\t{bore_m * 1000.0!r}\t{roughness!r}\t{k!r}\tOpen"


def _roughness(service: ServiceLine, model: PeakModel, *, wanted_m: float, flow_m3s: float) -> float:
    """Roughness by which friction alone does not exceed the wanted loss, as near to the pipe's own as that allows."""
    formula = model.tables.options.formula
    if formula == "D-W":
        own, smooth = 0.01, 1e-6  # mm, new plastic pipe (GB 50013-2018 appendix A)
    elif formula == "C-M":
        own, smooth = 0.009, 1e-5
    else:
        own, smooth = service.roughness_c, 1e4

    def loss_m(roughness_factor: float) -> float:
        law = PipeLaw(
            formula, service.length_m, service.inner_diameter_m, roughness_factor,
            viscosity_ratio=model.tables.options.viscosity_ratio,
        )  # fmt: skip
        return law.loss_m(flow_m3s)

    if loss_m(own) <= wanted_m:
        return own
    # Too much friction: go smoother; bisect between the pipe's own and the smoothest.
    rough, fine = own, smooth
    for _ in range(100):
        middle = (rough + fine) / 2.0
        rough, fine = (middle, fine) if loss_m(middle) > wanted_m else (rough, middle)
    return fine


class _Edit:
    """The lines of a model file by section."""

    def __init__(self, model: PeakModel, text: str) -> None:
        self._model = model
        self._lines = text.split("\n")
        self._added: dict[str, list[str]] = {}
        self._taken = {*model.engine_nodes, *model.engine_links}

    def new_id(self, wanted: str) -> str:
        """The id, with a number behind it when the model has it already."""
        name, number = wanted, 1
        while name in self._taken or not fits(name):
            number += 1
            name = f"{wanted}-{number}"
        self._taken.add(name)
        return name

    def add(self, section: str, row: str) -> None:
        """A new row at the end of a section."""
        self._added.setdefault(section, []).append(row)

    def add_demand(self, node: str, *, demand_lps: float) -> None:
        """More demand at a junction; a reservoir or tank takes any demand without noticing."""
        at = self._find("JUNCTIONS", node)
        if at is None:
            return
        name, elevation, demand, *rest = self._lines[at].split("\t")
        self._lines[at] = "\t".join([name, elevation, repr(float(demand) + demand_lps), *rest])

    def tie_in_node(self, tie_in: TieIn) -> tuple[str, float | None]:
        """Engine id of the tie-in's node; its elevation when it is a new one, cut into a pipe."""
        model, tables = self._model, self._model.tables
        if tie_in.node_id is not None:
            return model.engine_nodes[
                _position(tables.node_ids, tie_in.node_id, "node-unknown", "node")
            ], None
        link = _position(tables.link_ids, tie_in.pipe_id or "", "pipe-unknown", "pipe")
        if link >= tables.pipe_count:
            raise ModelInputError("tie-in-no-pipe", pipe=tie_in.pipe_id)
        if tables.pipe_state[link] == PipeState.CLOSED:
            raise ModelInputError("tie-in-closed", pipe=tie_in.pipe_id)
        start, end = int(tables.link_start[link]), int(tables.link_end[link])
        if tie_in.fraction <= _END_SHARE:
            return model.engine_nodes[start], None
        if tie_in.fraction >= 1.0 - _END_SHARE:
            return model.engine_nodes[end], None
        node = self._cut(model.engine_links[link], fraction=tie_in.fraction)
        ends_m = [float(tables.elevation_m[n]) for n in (start, end) if tables.ground_is_known[n]]
        first_m, last_m = (ends_m[0], ends_m[-1]) if ends_m else (0.0, 0.0)
        return node, first_m + (last_m - first_m) * tie_in.fraction

    def _cut(self, pipe: str, *, fraction: float) -> str:
        """Two pipes for one, fittings in proportion; gives the id of the node between them."""
        at = self._find("PIPES", pipe)
        if at is None:
            raise ModelInputError("pipe-unknown", pipe=pipe)
        name, start, end, length, diameter, roughness, minor, state = self._lines[at].split("\t")
        node = self.new_id(TIE_IN_ID)
        length_m, k = float(length), float(minor)

        def half(label: str, first: str, last: str, share: float) -> str:
            return "\t".join(
                [label, first, last, repr(length_m * share), diameter, roughness, repr(k * share), state]
            )

        self._lines[at] = half(name, start, node, fraction)
        self.add("PIPES", half(self.new_id(f"{TIE_IN_ID}-P"), node, end, 1.0 - fraction))
        return node

    def _find(self, section: str, name: str) -> int | None:
        try:
            at = self._lines.index(f"[{section}]") + 1
        except ValueError:
            return None
        while at < len(self._lines) and self._lines[at]:
            if self._lines[at].startswith(f"{name}\t"):
                return at
            at += 1
        return None

    def text(self) -> str:
        """The whole file; new rows stand at the end of their sections, so no index of the old ones moves."""
        out: list[str] = []
        section = ""
        for line in self._lines:
            if line.startswith("["):
                section = line.strip("[]")
            if section == "END":
                for name, rows in self._added.items():
                    out += [f"[{name}]", *rows, ""]
                self._added = {}
            if not line and section in self._added:
                out += self._added.pop(section)
            out.append(line)
        return "\n".join(out)


def _position(ids: tuple[str, ...], name: str, code: str, what: str) -> int:
    try:
        return ids.index(name)
    except ValueError:
        raise ModelInputError(code, **{what: name}) from None
