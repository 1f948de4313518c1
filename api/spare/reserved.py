"""A list of promised demands as CSV: `node_id` or `pipe_id` with `fraction`, `flow_lps`, and a `name`."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING

from api.errors import CallError
from gis.units import m3s_from_lps
from hydraulics.results import TieIn
from hydraulics.taken import Taken

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
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except FileNotFoundError:
        raise CallError("reserved-missing", file=str(path)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CallError("reserved-field", file=path.name, row=1, field="flow_lps", value=str(error)) from None
    return tuple(_taken(path, number, row) for number, row in enumerate(rows, 2))


def _taken(path: Path, number: int, row: dict[str, str | None]) -> Taken:
    node, pipe = (row.get("node_id") or "").strip(), (row.get("pipe_id") or "").strip()
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
    return Taken(tie_in, m3s_from_lps(flow_lps), (row.get("name") or "").strip())


def _number(path: Path, number: int, row: dict[str, str | None], field: str, default: str) -> float:
    text = (row.get(field) or default).strip()
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CallError("reserved-field", file=path.name, row=number, field=field, value=text or "—")
    return value
