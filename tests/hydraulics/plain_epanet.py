"""EPANET run by wntr's own wrapper on a file, cold, knowing nothing of the product: the judge of these tests."""

import ctypes
import tempfile
from pathlib import Path

import numpy as np

HEAD, PRESSURE, DEMAND, DEFICIT = 10, 11, 9, 27
# Units in a cubic foot a second, from the EPANET 2.2 manual and source.
PER_CFS = [1.0, 448.831, 0.64632, 0.5382, 1.9837, 28.317, 1699.0, 2.4466, 101.94, 2446.6]


class PlainEpanet:
    """A file opened afresh; figures in metres and litres a second whatever the file counts in."""

    def __init__(self, path):
        from wntr.epanet.toolkit import ENepanet

        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self.engine = ENepanet(version=2.2)
        self.engine.ENopen(str(path), str(folder / "plain.rpt"), str(folder / "plain.bin"))
        self.nodes = [self.engine.ENgetnodeid(n) for n in range(1, self.engine.ENgetcount(0) + 1)]
        self.junctions = self.nodes[: self.engine.ENgetcount(0) - self.engine.ENgetcount(1)]
        units = self.engine.ENgetflowunits()
        self.feet = 0.3048 if units < 5 else 1.0
        self.lps = 28.317 / PER_CFS[units]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.engine.ENclose()
        self._folder.cleanup()

    def solve(self):
        """One steady solve from a cold start."""
        self.engine.ENopenH()
        self.engine.ENinitH(10)
        self.engine.ENrunH()
        return self

    def tighten(self):
        for option, value in ((0, 200), (1, 1e-6), (5, 1e-4 / self.feet)):
            self.engine.ENlib.EN_setoption(self.engine._project, option, ctypes.c_double(value))

    def values(self, what):
        return np.array([self.engine.ENgetnodevalue(n, what) for n in range(1, len(self.nodes) + 1)])

    def heads(self):
        return dict(zip(self.nodes, self.values(HEAD) * self.feet))

    def link_value(self, name, what):
        return self.engine.ENgetlinkvalue(self.engine.ENgetlinkindex(name), what)


def heads_of(path):
    """Head [m] of every node of a single-period file."""
    with PlainEpanet(path) as plain:
        return plain.solve().heads()


def peak_step(path):
    """(heads, total demand L/s, time s) of the first hydraulic step with the greatest total demand, by a whole run."""
    best = (None, -1.0, 0)
    with PlainEpanet(path) as plain:
        engine = plain.engine
        junctions = len(plain.junctions)
        engine.ENopenH()
        engine.ENinitH(10)
        while True:
            now = engine.ENrunH()
            asked = plain.values(DEMAND) + plain.values(DEFICIT)
            demand = np.maximum(asked[:junctions], 0.0).sum() * plain.lps
            if demand > best[1] * (1 + 1e-9):
                best = (plain.heads(), demand, now)
            if engine.ENnextH() <= 0:
                return best
