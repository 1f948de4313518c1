"""
The faster EPANET library as a rival: owa-epanet 2.3.5, warm, read whole, through C alone.

An extra for measuring only (`uv pip install owa-epanet==2.3.5`); the product never loads it. Its wheel and that of
epanet-plus both install a module `epanet`, so only one of them may be there.
"""

from __future__ import annotations

import ctypes
from importlib.metadata import PackageNotFoundError, files

import numpy as np

HEAD, FLOW, STATUS = 10, 8, 11
INITIAL_FLOWS = 10


def library():
    """The shared library of the wheel, None where it is not installed."""
    try:
        listed = files("owa-epanet") or []
    except PackageNotFoundError:
        return None
    path = next(
        (p.locate() for p in listed if p.name.startswith("libepanet2") and p.parent.name == "epanet"), None
    )
    return None if path is None else ctypes.CDLL(str(path))


class Rival:
    """A model file held open and warm in the faster library."""

    name = "EPANET 2.3.5"

    def __init__(self, inp, report) -> None:
        self._library, self._project = library(), ctypes.c_void_p()
        self._call("createproject", first=ctypes.byref(self._project))
        self._call("open", str(inp).encode(), str(report).encode(), b"")
        self._sizes = {}
        for what in (0, 2):
            count = ctypes.c_int()
            self._call("getcount", what, ctypes.byref(count))
            self._sizes[what] = count.value
        self._demands = {}
        self._call("openH")
        self._call("initH", INITIAL_FLOWS)
        self.run()

    def _call(self, name, *arguments, first=None):
        code = getattr(self._library, f"EN_{name}")(self._project if first is None else first, *arguments)
        assert code <= 100, (name, code)

    def run(self):
        """Solve going on from the last flows."""
        self._call("runH", ctypes.byref(ctypes.c_long()))

    def draw(self, node, flow_lps):
        """Draw so much more at a node from the next run on; 0 puts the base demand back."""
        if node not in self._demands:
            base = ctypes.c_double()
            self._call("getbasedemand", node + 1, 1, ctypes.byref(base))
            self._demands[node] = base.value
        self._call("setbasedemand", node + 1, 1, ctypes.c_double(self._demands[node] + flow_lps))

    def stand(self, link, *, is_open):
        """Open or shut a link from the next run on."""
        self._call("setlinkvalue", link + 1, STATUS, ctypes.c_double(float(is_open)))

    def read(self):
        """Heads of all nodes and flows of all links."""
        head, flow = np.zeros(self._sizes[0]), np.zeros(self._sizes[2])
        for name, what, values in (("getnodevalues", HEAD, head), ("getlinkvalues", FLOW, flow)):
            self._call(name, what, values.ctypes.data_as(ctypes.c_void_p))
        return head, flow

    def close(self):
        """Give it back."""
        self._call("close")
        self._library.EN_deleteproject(self._project)
