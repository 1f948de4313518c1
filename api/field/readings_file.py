"""A list of readings: pressures of loggers and hydrant tests; what cannot be a reading is refused by row and field."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from api.errors import CallError
from api.files.listed_rows import Row, read_rows
from gis.units import head_m_from_mpa, m3s_from_lps
from hydraulics.uncertainty.figures import spread
from hydraulics.uncertainty.readings import Reading

if TYPE_CHECKING:
    from pathlib import Path

    from hydraulics.session import Session

_MOST_M, _LEAST_M = 250.0, -10.0
_MOST_LPS = 1000.0


def read_readings(path: Path, session: Session) -> tuple[Reading, ...]:
    """
    Read a file of readings at nodes of a session's model.

    Columns: `node_id`; `pressure_m` or `pressure_mpa`; if wanted `accuracy_m`, `demand_factor` (network demand at the
    time as a share of the peak hour), `flow_lps` with `flow_node_id` (a hydrant opened there, else at the node),
    `name`, `date`.

    Raises
    ------
    CallError
        `readings-…` with file, row and field.
    """
    rows = read_rows(path, "readings")
    if not rows:
        raise CallError("readings-empty", file=path.name)
    reader = _Reader(path.name, session)
    found = [(number, reader.reading(number, row)) for number, row in rows]
    _refuse_twice(path.name, found)
    return tuple(reading for _, reading in found)


def _refuse_twice(file: str, found: list[tuple[int, Reading]]) -> None:
    first: dict[tuple[object, ...], int] = {}
    for number, one in found:
        key = (one.node_id, one.load, one.date)
        if key in first:
            raise CallError("readings-twice", file=file, row=number, other=first[key], node=one.node_id)
        first[key] = number


class _Reader:
    """Reads rows against the nodes of a model."""

    def __init__(self, file: str, session: Session) -> None:
        self._file, self._session = file, session

    def reading(self, number: int, row: Row) -> Reading:
        node = self._node(number, row, "node_id", needs_ground=True)
        flow_lps = self._number(number, row, "flow_lps", 0.0, between=(0.0, _MOST_LPS))
        at = row.get("flow_node_id", "")
        return Reading(
            node_id=node,
            pressure_m=self._pressure_m(number, row),
            accuracy_m=self._number(number, row, "accuracy_m", spread().reading_m, between=(0.01, 20.0)),
            demand_factor=self._number(number, row, "demand_factor", 1.0, between=(0.0, 3.0)),
            flow_node_id=(self._node(number, row, "flow_node_id") if at else node) if flow_lps > 0 else "",
            flow_m3s=m3s_from_lps(flow_lps),
            name=row.get("name", ""),
            date=row.get("date", ""),
        )

    def _node(self, number: int, row: Row, field: str, *, needs_ground: bool = False) -> str:
        name, session = row.get(field, ""), self._session
        place = session.node_position.get(name)
        if place is None or not session.index.is_junction[place]:
            raise CallError("readings-node", file=self._file, row=number, field=field, value=name or "—")
        if not session.index.is_fed[place] or not np.isfinite(session.base.head_m[place]):
            raise CallError("readings-dry", file=self._file, row=number, field=field, value=name)
        if needs_ground and not np.isfinite(session.index.elevation_m[place]):
            raise CallError("readings-ground", file=self._file, row=number, field=field, value=name)
        return name

    def _pressure_m(self, number: int, row: Row) -> float:
        given = [field for field in ("pressure_m", "pressure_mpa") if row.get(field, "")]
        if len(given) != 1:
            raise CallError("readings-pressure", file=self._file, row=number)
        field = given[0]
        value = self._number(number, row, field, math.nan, between=(-math.inf, math.inf))
        pressure_m = value if field == "pressure_m" else head_m_from_mpa(value)
        if not _LEAST_M <= pressure_m <= _MOST_M:
            raise CallError("readings-number", file=self._file, row=number, field=field, value=f"{value:g}")
        return pressure_m

    def _number(
        self, number: int, row: Row, field: str, default: Any, *, between: tuple[float, float]
    ) -> float:
        text = row.get(field, "")
        if not text:
            return float(default)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and between[0] <= value <= between[1]):
            raise CallError("readings-number", file=self._file, row=number, field=field, value=text)
        return value
