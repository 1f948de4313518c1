"""The city as a value: layout, ground, sizes, runs and register, before any file is written."""

from __future__ import annotations

from dataclasses import dataclass

from gis.sample.papers.register import Register
from gis.sample.pipes.pipework import Runs
from gis.sample.pipes.sizing import Sizes
from gis.sample.settings import FloatArray, IntArray
from gis.sample.town.layout import Layout
from gis.sample.town.terrain import Terrain


@dataclass(frozen=True)
class City:
    """A city ready to be written; `skeleton_xy` and `ground_m` are of the skeleton's nodes."""

    seed: int
    pipes: int
    layout: Layout
    terrain: Terrain
    sizes: Sizes
    runs: Runs
    register: Register
    opened_year: IntArray
    skeleton_xy: FloatArray
    ground_m: FloatArray
