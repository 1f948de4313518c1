"""
EPANET 2.2 through its own C interface: the library that the wntr package ships, loaded without importing wntr.

Decided 2026-11-21: a thin binding instead of wntr's classes. Importing wntr costs 3.5 s and 240 MB, its simulator
writes into the current folder, and its wrapper reads results one Python call at a time. Nothing but this file and
`session.py` knows that EPANET is there.

Decided 2026-11-22: no second library beside it. owa-epanet 2.3.5 takes half the time a trial and gave the same digits
on a network of 26,683 links, but heads are defined here by 2.2, answers must not depend on what happens to be
installed, and its module `epanet` stands in the way of others of that name.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections import deque
from functools import cache
from importlib.util import find_spec
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from hydraulics.epanet.codes import Count, FlowUnits, LinkValue, NodeValue, Option, Statistic, TimeValue
from hydraulics.errors import HydraulicsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hydraulics.results import FloatArray

ENGINE_NAME = "EPANET 2.2"
WARNING_LIMIT = 100  # codes up to here are warnings, above are errors
_ID_BYTES = 32
_INITIAL_FLOWS = 10  # EN_INITFLOW: forget every earlier state
_PLAIN_READS = 1_200_000  # reads after which the compiled loop would have paid for being loaded
_COMPILED = "hydraulics.epanet.bulk"
_ADDRESS = ctypes.c_void_p


def _library_path() -> Path:
    spec = find_spec("wntr")
    if spec is None or not spec.submodule_search_locations:
        raise HydraulicsError("engine-missing")
    folder = Path(spec.submodule_search_locations[0]) / "epanet" / "libepanet"
    if os.name == "nt":
        return folder / "windows-x64" / "epanet22.dll"
    if sys.platform == "darwin":
        arm = "arm" in platform.machine().lower()
        return folder / ("darwin-arm/libepanet2.dylib" if arm else "darwin-x64/libepanet22.dylib")
    return folder / "linux-x64" / "libepanet22.so"


def library_mark() -> str:
    """Tell one build of the library from another, without loading it."""
    known = _library_path().stat()
    return f"{known.st_size}-{known.st_mtime_ns}"


@cache
def _libraries() -> tuple[Any, Any]:
    """
    The library twice: `solver` lets other Python threads run, `reader` does not.

    A read takes 0.1 microseconds, so handing the interpreter lock over and back would cost more than the read.
    """
    path = str(_library_path())
    try:
        solver, reader = ctypes.CDLL(path), ctypes.PyDLL(path)
    except OSError as error:
        raise HydraulicsError("engine-missing") from error
    return solver, reader


class EngineCallError(Exception):
    """EPANET answered a call with an error code; callers turn it into a sentence."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Project:
    """
    One EPANET project. Not for two threads at once: whoever shares it holds a lock.

    Parameters
    ----------
    inp
        Input file.
    report
        Where EPANET writes what it thinks of the file; must lie in a folder of the caller's own.
    """

    def __init__(self, inp: Path, report: Path) -> None:
        self._solver, self._reader = _libraries()
        self._read_count = 0
        self.warning = 0  # of the last run, 0 for none
        self._handle = ctypes.c_void_p()
        self._check(self._solver.EN_createproject(ctypes.byref(self._handle)))
        code = self._solver.EN_open(self._handle, os.fsencode(inp), os.fsencode(report), b"")
        if code > WARNING_LIMIT:
            self.close()
            raise EngineCallError(code)

    def close(self) -> None:
        """Free memory and files; may be called twice."""
        if self._handle:
            # EN_close leaves the solver's matrices behind.
            self._solver.EN_closeH(self._handle)
            self._solver.EN_close(self._handle)
            self._solver.EN_deleteproject(self._handle)
            self._handle = ctypes.c_void_p()

    def __del__(self) -> None:
        """Whoever forgets to close it leaves no memory behind."""
        if getattr(self, "_handle", None):
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @staticmethod
    def _check(code: int) -> int:
        if code > WARNING_LIMIT:
            raise EngineCallError(code)
        return code

    def _call(self, name: str, *arguments: Any) -> int:
        return self._check(getattr(self._solver, name)(self._handle, *arguments))

    def _integer(self, name: str, *arguments: Any) -> int:
        value = ctypes.c_int()
        self._call(name, *arguments, ctypes.byref(value))
        return value.value

    def _number(self, name: str, *arguments: Any) -> float:
        value = ctypes.c_double()
        self._call(name, *arguments, ctypes.byref(value))
        return value.value

    # --- what the file holds

    def count(self, what: Count) -> int:
        """How many of them."""
        return self._integer("EN_getcount", int(what))

    def node_ids(self) -> list[bytes]:
        """Ids in the engine's order, bytes as in the file."""
        return self._ids("EN_getnodeid", self.count(Count.NODES))

    def link_ids(self) -> list[bytes]:
        """Ids in the engine's order, bytes as in the file."""
        return self._ids("EN_getlinkid", self.count(Count.LINKS))

    def _ids(self, name: str, count: int) -> list[bytes]:
        buffer = ctypes.create_string_buffer(_ID_BYTES)
        call, ids = getattr(self._reader, name), []
        for index in range(1, count + 1):
            call(self._handle, index, buffer)
            ids.append(buffer.value)
        return ids

    def _integers(self, name: str, count: int, places: int = 1) -> np.ndarray[Any, np.dtype[np.int64]]:
        """One or two integers a call, for indices 1 to count; shape (count, places)."""
        values = [ctypes.c_int() for _ in range(places)]
        references = [ctypes.byref(value) for value in values]
        call, rows = getattr(self._reader, name), []
        for index in range(1, count + 1):
            call(self._handle, index, *references)
            rows.append([value.value for value in values])
        return np.array(rows, dtype=np.int64).reshape(count, places)

    def node_kinds(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """0 junction, 1 reservoir, 2 tank."""
        return self._integers("EN_getnodetype", self.count(Count.NODES))[:, 0]

    def link_kinds(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """`LinkKind` of every link."""
        return self._integers("EN_getlinktype", self.count(Count.LINKS))[:, 0]

    def link_ends(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Positions (from zero) of start and end node, shape (links, 2)."""
        return self._integers("EN_getlinknodes", self.count(Count.LINKS), 2) - 1

    def positions(self) -> FloatArray:
        """Shape (nodes, 2): x, y as in the file, NaN where it gives none."""
        count = self.count(Count.NODES)
        table = np.full((count, 2), np.nan)
        x, y = ctypes.c_double(), ctypes.c_double()
        for index in range(count):
            if self._reader.EN_getcoord(self._handle, index + 1, ctypes.byref(x), ctypes.byref(y)) == 0:
                table[index] = x.value, y.value
        return table

    def vertices(self, link: int) -> list[tuple[float, float]]:
        """Inner points of a link's drawing, from start to end."""
        x, y = ctypes.c_double(), ctypes.c_double()
        points = []
        for index in range(1, self._integer("EN_getvertexcount", link + 1) + 1):
            self._call("EN_getvertex", link + 1, index, ctypes.byref(x), ctypes.byref(y))
            points.append((x.value, y.value))
        return points

    def option(self, which: Option) -> float:
        """A solver option in the file's units."""
        return self._number("EN_getoption", int(which))

    def time(self, which: TimeValue) -> int:
        """A time setting [s]."""
        value = ctypes.c_long()
        self._call("EN_gettimeparam", int(which), ctypes.byref(value))
        return value.value

    def set_duration(self, lasts_s: int) -> None:
        """Run for so long [s]."""
        self._call("EN_settimeparam", int(TimeValue.DURATION), ctypes.c_long(lasts_s))

    def next_time(self) -> int:
        """The time that the next run solves [s]."""
        return self.time(TimeValue.NOW)

    def flow_units(self) -> FlowUnits:
        """The flow unit of the file."""
        return FlowUnits(self._integer("EN_getflowunits"))

    def demand_model(self) -> tuple[int, float, float, float]:
        """0 demand driven or 1 pressure driven; minimum and required pressure, exponent."""
        model = ctypes.c_int()
        numbers = [ctypes.c_double() for _ in range(3)]
        self._call("EN_getdemandmodel", ctypes.byref(model), *(ctypes.byref(n) for n in numbers))
        return model.value, numbers[0].value, numbers[1].value, numbers[2].value

    def set_demand_model(self, rule: tuple[float, float, float] | None) -> None:
        """Let demands be drawn by pressure (minimum, required, exponent), or always in full with None."""
        low, required, exponent = rule or (0.0, 0.1, 0.5)
        numbers = [ctypes.c_double(value) for value in (low, required, exponent)]
        self._call("EN_setdemandmodel", int(rule is not None), *numbers)

    def demands(self) -> tuple[list[int], list[float], list[int]]:
        """Every demand category: node position, base demand, pattern number (0 none)."""
        nodes, bases, patterns = [], [], []
        base, pattern, number = ctypes.c_double(), ctypes.c_int(), ctypes.c_int()
        reader, handle = self._reader, self._handle
        for node in range(self.count(Count.NODES) - self.count(Count.TANKS)):
            reader.EN_getnumdemands(handle, node + 1, ctypes.byref(number))
            for category in range(1, number.value + 1):
                reader.EN_getbasedemand(handle, node + 1, category, ctypes.byref(base))
                reader.EN_getdemandpattern(handle, node + 1, category, ctypes.byref(pattern))
                nodes.append(node)
                bases.append(base.value)
                patterns.append(pattern.value)
        return nodes, bases, patterns

    def pattern(self, number: int) -> FloatArray:
        """Multipliers of a pattern; a single 1 for pattern 0."""
        if number == 0:
            return np.ones(1)
        length = self._integer("EN_getpatternlen", number)
        return np.array(
            [self._number("EN_getpatternvalue", number, p) for p in range(1, length + 1)], dtype=np.float64
        )

    def head_curve(self, link: int) -> int:
        """Number of a pump's head curve."""
        return self._integer("EN_getheadcurveindex", link + 1)

    def curve(self, number: int) -> tuple[tuple[float, float], ...]:
        """Points of a curve."""
        length = self._integer("EN_getcurvelen", number)
        x, y = ctypes.c_double(), ctypes.c_double()
        points = []
        for point in range(1, length + 1):
            self._call("EN_getcurvevalue", number, point, ctypes.byref(x), ctypes.byref(y))
            points.append((x.value, y.value))
        return tuple(points)

    def pump_kind(self, link: int) -> int:
        """0 constant power, 1 and 2 with a head curve."""
        return self._integer("EN_getpumptype", link + 1)

    # --- bulk reads

    def node_values(self, what: NodeValue) -> FloatArray:
        """The figure of every node, in the units of the project."""
        return self._bulk("EN_getnodevalue", int(what), self.count(Count.NODES))

    def link_values(self, what: LinkValue) -> FloatArray:
        """The figure of every link, in the units of the project."""
        return self._bulk("EN_getlinkvalue", int(what), self.count(Count.LINKS))

    def node_value(self, node: int, what: NodeValue) -> float:
        """The figure of one node."""
        return self._number("EN_getnodevalue", node + 1, int(what))

    def link_value(self, link: int, what: LinkValue) -> float:
        """The figure of one link."""
        return self._number("EN_getlinkvalue", link + 1, int(what))

    def some_link_values(self, links: Sequence[int], what: LinkValue) -> FloatArray:
        """The figure of some links."""
        return np.array([self.link_value(link, what) for link in links], dtype=np.float64)

    def _bulk(self, name: str, what: int, count: int) -> FloatArray:
        values = np.zeros(count)
        self._read_count += count
        if self._read_count > _PLAIN_READS or _COMPILED in sys.modules:
            from hydraulics.epanet.bulk import fill

            function = ctypes.cast(getattr(self._reader, name), ctypes.c_void_p).value or 0
            self._check(fill(function, self._handle.value or 0, what, values))
            return values
        # map + deque run the loop in C over ready-made addresses: 0.1 microseconds a value, a plain loop takes 0.8.
        call, places = (
            getattr(self._reader, name),
            range(values.ctypes.data, values.ctypes.data + 8 * count, 8),
        )
        deque(
            map(call, repeat(self._handle), range(1, count + 1), repeat(what), map(_ADDRESS, places)),
            maxlen=0,
        )
        return values

    # --- changes and runs

    def use_metric_units(self) -> None:
        """Give litres a second, metres, millimetres from now on, whatever the file was written in."""
        self._call("EN_setflowunits", int(FlowUnits.LPS))

    def tighten(self, *, accuracy_ratio: float, head_error_m: float, trials: int) -> None:
        """Ask for a closer balance in the next run; needs metric units or pays no heed to the head error's unit."""
        for option, value in (
            (Option.TRIALS, trials), (Option.ACCURACY, accuracy_ratio), (Option.HEAD_ERROR, head_error_m),
        ):  # fmt: skip
            self._call("EN_setoption", int(option), ctypes.c_double(value))

    def set_base_demand(self, node: int, demand_lps: float) -> None:
        """Change the first demand of a junction; the next run takes it."""
        self._call("EN_setbasedemand", node + 1, 1, ctypes.c_double(demand_lps))

    def add_demand(self, node: int) -> int:
        """Add a demand of nothing without a pattern to a junction; its number there."""
        self._call("EN_adddemand", node + 1, ctypes.c_double(0.0), b"", b"")
        return self._integer("EN_getnumdemands", node + 1)

    def set_demand(self, node: int, number: int, value: float) -> None:
        """Change a numbered demand of a junction, in the unit of the project."""
        self._call("EN_setbasedemand", node + 1, number, ctypes.c_double(value))

    def drop_controls(self, links: Sequence[int]) -> None:
        """Forget the simple controls of some links."""
        kind, link, node = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        numbers = [ctypes.c_double() for _ in range(2)]
        for index in range(self.count(Count.CONTROLS), 0, -1):
            self._call(
                "EN_getcontrol", index, ctypes.byref(kind), ctypes.byref(link), ctypes.byref(numbers[0]),
                ctypes.byref(node), ctypes.byref(numbers[1]),
            )  # fmt: skip
            if link.value - 1 in links:
                self._call("EN_deletecontrol", index)

    def set_link_value(self, link: int, what: LinkValue, value: float) -> None:
        """Change a figure of a link; the next cold run takes it."""
        self._call("EN_setlinkvalue", link + 1, int(what), ctypes.c_double(value))

    def open_hydraulics(self) -> None:
        """Check the network and order its matrix."""
        self._call("EN_openH")

    def forget_flows(self) -> None:
        """Start the next run cold, as a freshly opened file would."""
        self._call("EN_initH", _INITIAL_FLOWS)

    def run(self) -> int:
        """Solve the present time; the warning code of EPANET, 0 for none."""
        self.warning = self._call("EN_runH", ctypes.byref(ctypes.c_long()))
        return self.warning

    def run_at(self) -> tuple[int, int]:
        """Solve the present time; (time [s], warning code)."""
        now = ctypes.c_long()
        code = self._call("EN_runH", ctypes.byref(now))
        return now.value, code

    def advance(self) -> int:
        """Go to the next hydraulic event; length of the step [s], 0 at the end."""
        step = ctypes.c_long()
        self._call("EN_nextH", ctypes.byref(step))
        return step.value

    def statistic(self, which: Statistic) -> float:
        """How the last run went."""
        return self._number("EN_getstatistic", int(which))
