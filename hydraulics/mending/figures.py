"""Figures of a model that EPANET computes with and no network has: ground, inflows, roughness, inches for millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.issues import DataIssue
from hydraulics.epanet.codes import LinkKind
from hydraulics.errors import ModelInputError
from hydraulics.mending.limits import load_model_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.errors import Param
    from hydraulics.inp.content import FileContent
    from hydraulics.mending.limits import ModelLimits

_MOST_LISTED = 5000
_ASSUMED_SHARE = (
    0.5  # as many pipes with figures of another formula speak for the formula being the wrong one
)
_INCH_M = 0.0254


def figure_issues(content: FileContent, name: str) -> Iterator[DataIssue]:
    """Doubts about single figures, each with its node or pipe; what holds for the whole file is said once."""
    limits = load_model_limits()
    yield from _grounds(content, limits)
    yield from _inflows(content, name)
    yield from _roughness(content, name, limits)
    yield from _inches(content, name, limits)


def refuse_smoother_than_smooth(content: FileContent, name: str) -> None:
    """
    Refuse a pipe whose roughness is zero or less: EPANET divides by it. Only Darcy-Weisbach knows smooth walls (0).

    Raises
    ------
    ModelInputError
        `model-number-impossible` with the pipe.
    """
    rows = content.pipes
    values = content.roughness_factor[rows]
    wrong = rows[(values < 0) if content.formula == "D-W" else (values <= 0)]
    if len(wrong):
        raise ModelInputError(
            "model-number-impossible", file=name, subject=content.link_ids[int(wrong[0])], quantity="roughness",
            value=f"{content.roughness_factor[int(wrong[0])]:g}",
        )  # fmt: skip


def _place(content: FileContent, node: int) -> tuple[float, float] | None:
    x, y = content.position_xy[node].tolist()
    return (x, y) if np.isfinite([x, y]).all() else None


def _grounds(content: FileContent, limits: ModelLimits) -> Iterator[DataIssue]:
    off = (content.elevation_m < limits.lowest_m) | (content.elevation_m > limits.highest_m)
    for node in np.flatnonzero(off)[:_MOST_LISTED]:
        params: dict[str, Param] = {"value": round(float(content.elevation_m[node]), 2)}
        yield DataIssue(
            "model-ground-impossible",
            "error",
            "nodes",
            content.node_ids[node],
            _place(content, int(node)),
            params,
        )


def _inflows(content: FileContent, name: str) -> Iterator[DataIssue]:
    inflow = np.flatnonzero(content.demand_m3s < 0)
    if len(inflow):
        first = int(inflow[0])
        params: dict[str, Param] = {
            "file": name, "count": len(inflow), "flow_lps": round(float(content.demand_m3s[first] * 1000.0), 3),
        }  # fmt: skip
        yield DataIssue(
            "model-demand-negative",
            "warning",
            "nodes",
            content.node_ids[first],
            _place(content, first),
            params,
        )


def _roughness(content: FileContent, name: str, limits: ModelLimits) -> Iterator[DataIssue]:
    rows = np.flatnonzero(content.link_kinds <= LinkKind.PIPE)
    values = content.roughness_factor[rows]
    low, high = limits.roughness_factor[content.formula]
    off = (values < low) | (values > high)
    low_c, high_c = limits.roughness_factor["H-W"]
    like_c = (values >= low_c) & (values <= high_c)
    if content.formula != "H-W" and len(rows) and (off & like_c).mean() > _ASSUMED_SHARE:
        params: dict[str, Param] = {
            "file": name, "formula": content.formula, "count": int((off & like_c).sum()), "value": float(np.median(values)),
        }  # fmt: skip
        yield DataIssue("model-roughness-formula", "error", "pipes", "*", None, params)
        return
    for row in rows[off][:_MOST_LISTED]:
        params = {
            "value": round(float(content.roughness_factor[row]), 6), "formula": content.formula, "low": low, "high": high,
        }  # fmt: skip
        ends = content.position_xy[content.link_ends[row]].mean(axis=0)
        place = (float(ends[0]), float(ends[1])) if np.isfinite(ends).all() else None
        yield DataIssue("model-roughness-doubtful", "warning", "pipes", content.link_ids[row], place, params)


def _inches(content: FileContent, name: str, limits: ModelLimits) -> Iterator[DataIssue]:
    bores_m = content.diameter_m[content.pipes]
    if not content.uses_inches or not len(bores_m) or np.median(bores_m) < limits.usual_bore_from_m:
        return
    params: dict[str, Param] = {"file": name, "value": round(float(np.median(bores_m)) / _INCH_M, 1)}
    yield DataIssue("model-units-doubtful", "error", "pipes", "*", None, params)
