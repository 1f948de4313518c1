"""
The sample city: a synthetic district, written as the source files a Chinese utility would hand over.

What it is for: demonstration, test bed and benchmark bed. Its sizes, ages and rates are those of an ordinary northern
city (data/sample/city.toml); no place in it exists. The survey tables hold faults on purpose, counted in sample.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.progress import SILENT, Progress
from gis.sample.district import City
from gis.sample.papers.files import write_city
from gis.sample.papers.register import draw_up
from gis.sample.pipes.materials import community_years, street_years
from gis.sample.pipes.pipework import describe_runs
from gis.sample.pipes.sizing import node_loads, size_skeleton
from gis.sample.settings import FloatArray, IntArray, names, parameters, stream
from gis.sample.town.layout import Layout, lay_out
from gis.sample.town.streets import meeting_points
from gis.sample.town.terrain import shape_ground

if TYPE_CHECKING:
    from collections.abc import Mapping

STAGES = ("layout", "sizing", "survey", "maps", "operation")


def write_sample(out: Path, *, seed: int, pipes: int, progress: Progress = SILENT) -> dict[str, Any]:
    """
    Write the source files of a synthetic district of `pipes` pipes (500 to 1,000,000) into the folder `out`.

    Gives {"files", "counts", "crs", "vertical_datum"}. The same seed and size give the same content, whatever the day.
    """
    city = build_city(seed, pipes=pipes, progress=progress)
    progress.step("sample-survey", 2, len(STAGES))
    out.mkdir(parents=True, exist_ok=True)
    files, counts = write_city(city, out, progress)
    summary = {"files": files, "counts": counts, "crs": parameters()["crs"], "vertical_datum": "1985"}
    _write_summary(out, city, summary)
    progress.step("sample", len(STAGES), len(STAGES))
    return summary


def build_city(seed: int, *, pipes: int, progress: Progress = SILENT) -> City:
    """Lay out, size and register a city, nothing written."""
    progress.step("sample-layout", 0, len(STAGES))
    layout = lay_out(seed, pipes=pipes)
    progress.step("sample-sizing", 1, len(STAGES))
    opened, laid = street_years(layout.streets, layout.cells, seed)
    places = _skeleton_places(layout)
    terrain = shape_ground(places, seed, knolls_xy=_far_corners(layout, places))
    ground = terrain.elevation_m(places)
    skeleton_year = _skeleton_years(layout, laid, seed)
    draw = stream(seed, "mains-material").random(len(skeleton_year))
    closed = np.zeros(len(skeleton_year), dtype=np.bool_)
    closed[: len(layout.cut)] = layout.cut
    sizes = size_skeleton(
        layout.skeleton, layout.streets,
        node_loads(layout.skeleton, layout.streets, layout.mains, layout.customers),
        year=skeleton_year, draw_share=draw, ground_m=ground, closed=closed,
    )  # fmt: skip
    runs = describe_runs(
        layout.survey, layout.streets, layout.customers, layout.mains, layout.yards, sizes,
        skeleton_year=skeleton_year, yard_year=community_years(layout.parcels, seed), draw_share=draw, seed=seed,
    )  # fmt: skip
    register = draw_up(layout.survey, runs, layout.customers, seed, pipes=pipes)
    return City(seed, pipes, layout, terrain, sizes, runs, register, opened, places, ground)


def _skeleton_places(layout: Layout) -> FloatArray:
    streets, supply = layout.streets, layout.supply
    used = np.unique(np.concatenate([streets.start, streets.end]))
    source_xy = layout.survey.column("points", "place_xy")[layout.source_point]
    return np.concatenate([
        meeting_points(streets.lattice, used), meeting_points(streets.lattice, supply.trunk_crossing, trunk=True), source_xy
    ])  # fmt: skip


def _far_corners(layout: Layout, place_xy: FloatArray) -> FloatArray:
    """The place farthest along the pipes from each source: where a knoll makes the pressure weak."""
    skeleton = layout.skeleton
    order = np.lexsort((-skeleton.distance_m, skeleton.fed_by))
    _, firsts = np.unique(skeleton.fed_by[order], return_index=True)
    corners: FloatArray = place_xy[order[firsts]]
    return corners


def _skeleton_years(layout: Layout, laid: IntArray, seed: int) -> IntArray:
    """Year by skeleton edge: streets as given; transmission mains by street, links and intakes with them."""
    rng, streets, trunk = stream(seed, "trunk-years"), layout.streets, layout.supply.trunk_edge
    line = np.where(streets.northward, streets.column * 2 + 1, streets.row * 2)
    by_line = rng.integers(1978, 2019, int(line.max()) + 1)
    rest = len(layout.skeleton.first) - len(streets.start) - len(trunk)
    return np.concatenate([laid, by_line[line[trunk]], rng.integers(1985, 2019, rest)])


def _write_summary(out: Path, city: City, summary: Mapping[str, Any]) -> None:
    document = {
        **summary, "seed": city.seed, "pipes": city.pipes, "planted": city.register.planted,
        "today": parameters()["today"],
    }  # fmt: skip
    (out / "sample.json").write_text(
        json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    note = names()["note"].format(seed=city.seed, pipes=city.pipes, today=parameters()["today"])
    (out / "SYNTHETIC.txt").write_text(note, encoding="utf-8")
