"""
A built connection written into an EPANET file: the same text with the main cut in two, a service pipe and a demand.

Only the rows concerned change; patterns, controls, comments and the encoding stay as they are. What names the main
goes on with the piece that keeps its id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely
from shapely.ops import substring

from hydraulics.epanet.codes import Option
from hydraulics.errors import ModelInputError
from hydraulics.inp.read import opened
from hydraulics.making.roughness import SMOOTH_N, SMOOTH_WALL_M, new_pipe_c
from hydraulics.tables import HEADLOSS_FORMULAS

if TYPE_CHECKING:
    from pathlib import Path

    from gis.asbuilt.built import Built
    from gis.asbuilt.capture import Captured
    from gis.asbuilt.tie_in import Cut
    from hydraulics.epanet.codes import FlowUnits

CONSTANT = "TW-CONSTANT"
_FT_M, _IN_M = 0.3048, 0.0254
_SAME_PLACE_M = 0.5
_MINOR_K_WORDS = 6  # id, two nodes, length, diameter, roughness: what every pipe row has


@dataclass(frozen=True)
class _Units:
    """What the file's numbers mean."""

    flow: FlowUnits
    formula: str
    multiplier_ratio: float

    def length(self, length_m: float) -> str:
        return repr(length_m / _FT_M if self.flow.is_us_customary else length_m)

    def bore(self, diameter_m: float) -> str:
        return repr(diameter_m / _IN_M if self.flow.is_us_customary else diameter_m * 1000.0)

    def roughness(self, material: str) -> str:
        if self.formula == "H-W":
            return repr(new_pipe_c(material))
        if self.formula == "C-M":
            return repr(SMOOTH_N)
        smooth_mm = SMOOTH_WALL_M * 1000.0
        return repr(smooth_mm / _FT_M if self.flow.is_us_customary else smooth_mm)  # 1e-3 ft, mm

    def demand(self, flow_m3s: float) -> str:
        return repr(flow_m3s * 1000.0 / self.flow.lps_factor / self.multiplier_ratio)


def write_with_service(path: Path, captured: Captured, built: Built) -> None:
    """
    Change the file in place.

    The customer draws the design flow at every hour: what the scheme was checked with at the peak.

    Raises
    ------
    ModelInputError
        `model-…` when EPANET refuses the file; `pipe-unknown` when it lacks the main.
    """
    with opened(path) as file:
        project = file.project
        units = _Units(
            project.flow_units(), HEADLOSS_FORMULAS[int(project.option(Option.HEADLOSS_FORM))],
            project.option(Option.DEMAND_MULTIPLIER) or 1.0,
        )  # fmt: skip
        encoding = file.encoding
    text = _Text(path.read_bytes().decode("latin-1"), encoding)
    tie_in, names = captured.tie_in, captured.names
    nodes = captured.candidate.layers["nodes"].set_index("node_id")
    if tie_in.cut is not None:
        place = text.cut_pipe(tie_in.cut, tie_in.node_id)
        text.add("JUNCTIONS", [tie_in.node_id, units.length(_ground_m(nodes, tie_in.node_id)), "0"])
        if place is not None:
            text.add("COORDINATES", [tie_in.node_id, repr(place[0]), repr(place[1])])
    else:
        place = text.place_of(tie_in.node_id)
    ground = units.length(_ground_m(nodes, names.site_node_id))
    text.add("JUNCTIONS", [names.site_node_id, ground, units.demand(built.design_flow_m3s), CONSTANT])
    text.add("PIPES", _service_row(captured, built, units))
    text.add_pattern(CONSTANT)
    site = nodes.geometry[names.site_node_id]
    if place is not None and shapely.Point(place).distance(shapely.Point(tie_in.xy)) < _SAME_PLACE_M:
        text.add("COORDINATES", [names.site_node_id, repr(site.x), repr(site.y)])
    path.write_bytes(text.content())
    with opened(path):  # EPANET takes what was written
        pass


def _ground_m(nodes: object, node_id: str) -> float:
    value = nodes["elevation_m"][node_id]  # type: ignore[index]
    return 0.0 if value != value else float(value)  # noqa: PLR0124  not a number: no ground is known


def _service_row(captured: Captured, built: Built, units: _Units) -> list[str]:
    pipes = captured.candidate.layers["pipes"].set_index("pipe_id")
    length_m = float(pipes["length_m"][captured.names.pipe_id])
    return [
        captured.names.pipe_id, captured.tie_in.node_id, captured.names.site_node_id, units.length(length_m),
        units.bore(built.inner_diameter_m), units.roughness(built.material), "0", "Open",
    ]  # fmt: skip


class _Text:
    """Lines of a file, as latin-1 so that every byte stays what it was; names are compared in its own encoding."""

    def __init__(self, text: str, encoding: str) -> None:
        self._lines = text.splitlines(keepends=True)
        self._encoding = encoding
        self._end = "\r\n" if "\r\n" in text else "\n"

    def content(self) -> bytes:
        return "".join(self._lines).encode("latin-1")

    def add(self, section: str, words: list[str]) -> None:
        """Add a row at the head of a section, which is made before the others when the file lacks it."""
        row = "\t".join(self._raw(word) for word in words) + self._end
        at = self._begin(section)
        if at is None:
            self._lines[:0] = [f"[{section}]{self._end}", row, self._end]
        else:
            self._lines.insert(at + 1, row)

    def add_pattern(self, name: str) -> None:
        """Add a pattern of ones, once."""
        if not any(words[0] == name for _, words in self._rows("PATTERNS")):
            self.add("PATTERNS", [name, "1.0"])

    def cut_pipe(self, cut: Cut, node_id: str) -> tuple[float, float] | None:
        """Write two rows for one and share out its bends; gives the place of the cut in the file's plane, or None."""
        found = [(at, words) for at, words in self._rows("PIPES") if self._name(words[0]) == cut.pipe_id]
        if not found:
            raise ModelInputError("pipe-unknown", pipe=cut.pipe_id)
        at, words = found[0]
        line = self._line_of(cut.pipe_id, words)
        length, minor = float(words[3]), words[6] if len(words) > _MINOR_K_WORDS else None
        k = float(minor) if minor is not None and _is_number(minor) else None
        rows = []
        for label, ends, share in (
            (cut.first, (words[1], self._raw(node_id)), cut.fraction),
            (cut.second, (self._raw(node_id), words[2]), 1.0 - cut.fraction),
        ):
            rest = words[6:] if k is None else [repr(k * share), *words[7:]]
            rows.append(
                "\t".join([self._raw(label), *ends, repr(length * share), *words[4:6], *rest]) + self._end
            )
        self._lines[at : at + 1] = rows
        return None if line is None else self._cut_bends(cut, line)

    def place_of(self, node_id: str) -> tuple[float, float] | None:
        """Where the file has a node."""
        for _, words in self._rows("COORDINATES"):
            if self._name(words[0]) == node_id and len(words) > 2:
                return float(words[1]), float(words[2])
        return None

    def _line_of(self, pipe_id: str, words: list[str]) -> shapely.LineString | None:
        ends = [self.place_of(self._name(word)) for word in words[1:3]]
        if ends[0] is None or ends[1] is None:
            return None
        bends = [(float(w[1]), float(w[2])) for _, w in self._rows("VERTICES") if self._name(w[0]) == pipe_id]
        line = shapely.LineString([ends[0], *bends, ends[1]])
        return line if line.length > 0 else None

    def _cut_bends(self, cut: Cut, line: shapely.LineString) -> tuple[float, float]:
        old = [at for at, words in self._rows("VERTICES") if self._name(words[0]) == cut.pipe_id]
        for at in reversed(old):
            del self._lines[at]
        parts = (
            substring(line, 0.0, cut.fraction, normalized=True),
            substring(line, cut.fraction, 1.0, normalized=True),
        )
        for label, part in zip((cut.first, cut.second), parts, strict=True):
            for x, y in reversed(part.coords[1:-1]):  # each goes to the head of the section
                self.add("VERTICES", [label, repr(x), repr(y)])
        point = line.interpolate(cut.fraction, normalized=True)
        return point.x, point.y

    def _rows(self, section: str) -> list[tuple[int, list[str]]]:
        """Line number and words of every row of the sections whose name begins as `section` does."""
        rows, inside = [], False
        for at, line in enumerate(self._lines):
            words = line.partition(";")[0].split()
            if words and words[0].startswith("["):
                inside = _is_section(words[0], section)
            elif words and inside:
                rows.append((at, words))
        return rows

    def _begin(self, section: str) -> int | None:
        return next((at for at, line in enumerate(self._lines) if _is_section(line.strip(), section)), None)

    def _name(self, word: str) -> str:
        return word.encode("latin-1").decode(self._encoding, "replace")

    def _raw(self, name: str) -> str:
        return name.encode(self._encoding, "replace").decode("latin-1")


def _is_section(word: str, section: str) -> bool:
    """EPANET knows a section by the first four letters of its name."""
    return re.match(rf"\[{section[:4]}", word, re.IGNORECASE) is not None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
