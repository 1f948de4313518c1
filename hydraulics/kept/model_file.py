"""A peak model as arrays and back: tables, the text of its EPANET file, and what is known of its pipes and nodes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.issues import DataIssue
from hydraulics.model import PeakModel
from hydraulics.tables import CutOff, ModelTables, Pump, SolverOptions, Tank, Valve
from hydraulics.uncertainty.groups import Groups
from hydraulics.uncertainty.known import Known

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from hydraulics.results import FloatArray

    Arrays = dict[str, NDArray[Any]]

_BETWEEN = "\n"
_FIGURES = (
    "elevation_m", "reservoir_head_m", "demand_m3s", "position_xy", "link_start", "link_end", "length_m", "diameter_m",
    "roughness_factor", "minor_k", "pipe_state",
)  # fmt: skip
_CUT_OFF = ("elevation_m", "link_start", "link_end", "length_m", "diameter_m")
_GROUPS = ("group", "roughness_share", "bore_share", "elevation_sd_m")
_KNOWN = ("pipe_row", "length_m", "dn", "roughness", "elevation")


class Drawn(Mapping[int, tuple[tuple[float, float], ...]]):
    """Inner points of bent links by link, made into tuples only when asked for."""

    def __init__(self, links: NDArray[np.int64], start: NDArray[np.int64], points_xy: FloatArray) -> None:
        self._place = dict(zip(links.tolist(), range(len(links)), strict=True))
        self._start, self._points_xy = start, points_xy

    def __getitem__(self, link: int) -> tuple[tuple[float, float], ...]:
        place = self._place[link]
        points = self._points_xy[self._start[place] : self._start[place + 1]].tolist()
        return tuple((x, y) for x, y in points)

    def __iter__(self) -> Iterator[int]:
        return iter(self._place)

    def __len__(self) -> int:
        return len(self._place)


def arrays_of(model: PeakModel, known: Known) -> Arrays | None:
    """Give the arrays of a model without calibration; None for one with an id that is no plain text."""
    tables, cut_off = model.tables, model.tables.cut_off
    names = {
        "node_ids": tables.node_ids, "link_ids": tables.link_ids, "engine_nodes": model.engine_nodes,
        "engine_links": model.engine_links, "group_names": known.groups.names, "words": known.words,
        **({} if cut_off is None else {"cut_off.node_ids": cut_off.node_ids, "cut_off.link_ids": cut_off.link_ids}),
    }  # fmt: skip
    try:
        found: Arrays = {name: _text_array(_joined(ids)) for name, ids in names.items()}
        found["small"] = _text_array(json.dumps(_small(model), ensure_ascii=False))
    except (TypeError, ValueError):
        return None
    found["inp"] = np.frombuffer(model.inp.read_bytes(), dtype=np.uint8)
    found["is_fed"] = model.is_fed
    for prefix, thing, columns in (
        ("", tables, _FIGURES), ("cut_off.", cut_off, _CUT_OFF), ("groups.", known.groups, _GROUPS), ("known.", known, _KNOWN),
    ):  # fmt: skip
        if thing is not None:
            found |= {prefix + column: getattr(thing, column) for column in columns}
    return found | _drawing(tables.vertices)


def model_of(arrays: Arrays, scratch: Path) -> PeakModel:
    """Give the model, its EPANET file written into `scratch`, not yet opened."""
    small: dict[str, Any] = json.loads(_text(arrays["small"]))
    scratch.mkdir(parents=True, exist_ok=True)
    inp = scratch / "model.inp"
    inp.write_bytes(arrays["inp"].tobytes())
    known = Known(
        groups=Groups(names=_ids(arrays, "group_names"), **{name: arrays[f"groups.{name}"] for name in _GROUPS}),
        words=_ids(arrays, "words"), **{name: arrays[f"known.{name}"] for name in _KNOWN},
    )  # fmt: skip
    return PeakModel(
        inp=inp, version=small["version"], scenario=small["scenario"], description=tuple(small["description"]),
        tables=_tables(arrays, small), engine_nodes=_ids(arrays, "engine_nodes"), engine_links=_ids(arrays, "engine_links"),
        is_fed=arrays["is_fed"], freeze_error_m=small["freeze_error_m"], known=known,
    )  # fmt: skip


def _small(model: PeakModel) -> dict[str, Any]:
    """Everything that is no array."""
    tables = model.tables
    return {
        "version": model.version, "scenario": model.scenario, "description": model.description,
        "freeze_error_m": model.freeze_error_m, "title": tables.title, "junction_count": tables.junction_count,
        "reservoir_count": tables.reservoir_count, "options": asdict(tables.options), "demand_by": tables.demand_by,
        "peak_hour": tables.peak_hour, "has_cut_off": tables.cut_off is not None,
        "tanks": [asdict(one) for one in tables.tanks], "pumps": [asdict(one) for one in tables.pumps],
        "valves": [asdict(one) for one in tables.valves], "emitters": list(tables.emitters.items()),
        "doubts": [{field.name: getattr(one, field.name) for field in fields(one)} for one in tables.doubts],
    }  # fmt: skip


def _tables(arrays: Arrays, small: dict[str, Any]) -> ModelTables:
    cut_off = None
    if small["has_cut_off"]:
        cut_off = CutOff(
            node_ids=_ids(arrays, "cut_off.node_ids"), link_ids=_ids(arrays, "cut_off.link_ids"),
            **{name: arrays[f"cut_off.{name}"] for name in _CUT_OFF},
        )  # fmt: skip
    return ModelTables(
        title=small["title"], node_ids=_ids(arrays, "node_ids"), link_ids=_ids(arrays, "link_ids"),
        junction_count=small["junction_count"], reservoir_count=small["reservoir_count"],
        options=SolverOptions(**{**small["options"], "pressure_driven": _tuples(small["options"]["pressure_driven"])}),
        tanks=tuple(Tank(**one) for one in small["tanks"]),
        pumps=tuple(Pump(**{**one, "lift": _tuples(one["lift"])}) for one in small["pumps"]),
        valves=tuple(Valve(**{**one, "setting": _tuples(one["setting"])}) for one in small["valves"]),
        emitters={int(node): figure for node, figure in small["emitters"]},
        vertices=Drawn(arrays["drawn"], arrays["drawn_start"], arrays["drawn_xy"]), cut_off=cut_off,
        demand_by=small["demand_by"], peak_hour=small["peak_hour"],
        doubts=tuple(DataIssue(**{**one, "position": _tuples(one["position"])}) for one in small["doubts"]),
        **{name: arrays[name] for name in _FIGURES},
    )  # fmt: skip


def _drawing(vertices: Mapping[int, tuple[tuple[float, float], ...]]) -> Arrays:
    counts = [len(points) for points in vertices.values()]
    xy = [point for points in vertices.values() for point in points]
    return {
        "drawn": np.fromiter(vertices, dtype=np.int64, count=len(vertices)),
        "drawn_start": np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
        "drawn_xy": np.array(xy, dtype=np.float64).reshape(len(xy), 2),
    }


def _tuples(value: Any) -> Any:
    """Give lists as the tuples they were."""
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def _joined(ids: tuple[str, ...]) -> str:
    text = _BETWEEN.join(ids)
    if text.count(_BETWEEN) != max(len(ids) - 1, 0):
        raise ValueError("an id with a line end")
    return f"{len(ids)}{_BETWEEN}{text}"


def _ids(arrays: Arrays, name: str) -> tuple[str, ...]:
    count, _, text = _text(arrays[name]).partition(_BETWEEN)
    return tuple(text.split(_BETWEEN)) if int(count) else ()


def _text_array(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _text(array: NDArray[Any]) -> str:
    return array.tobytes().decode()
