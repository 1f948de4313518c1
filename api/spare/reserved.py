"""A list of promised demands: `node_id` or `pipe_id` with `fraction`, `flow_lps`, and a `name`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from api.errors import CallError
from api.files.listed_rows import Row, read_rows
from gis.units import m3s_from_lps
from hydraulics.demand.taken import Taken
from hydraulics.results import TieIn

if TYPE_CHECKING:
    from pathlib import Path


def read_reserved(path: Path) -> tuple[Taken, ...]:
    """
    Read the list.

    Raises
    ------
    CallError
        `reserved-…` with file, row and field.
    """
    return tuple(_taken(path, number, row) for number, row in read_rows(path, "reserved"))


def _taken(path: Path, number: int, row: Row) -> Taken:
    node, pipe = row.get("node_id", ""), row.get("pipe_id", "")
    if bool(node) == bool(pipe):
        raise CallError(
            "reserved-field", file=path.name, row=number, field="node_id|pipe_id", value=node or "—"
        )
    flow_lps = _number(path, number, row, "flow_lps", "")
    if flow_lps <= 0.0:
        raise CallError("reserved-field", file=path.name, row=number, field="flow_lps", value=str(flow_lps))
    share = _number(path, number, row, "fraction", "0.5")
    if not 0.0 <= share <= 1.0:
        raise CallError("reserved-field", file=path.name, row=number, field="fraction", value=str(share))
    tie_in = TieIn(node_id=node) if node else TieIn(pipe_id=pipe, fraction=share)
    return Taken(tie_in, m3s_from_lps(flow_lps), row.get("name", ""))


def _number(path: Path, number: int, row: Row, field: str, default: str) -> float:
    text = row.get(field, "") or default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CallError("reserved-field", file=path.name, row=number, field=field, value=text or "—")
    return value
