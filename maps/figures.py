"""Computed figures of the whole network on the map: their classes, gravest first, and what is drawn of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from maps.plan.layers import picture_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

FigureKind = Literal["capacity", "outages"]
ENDLESS_LPS = 1e9  # as the upper bound of a class: it has none


@dataclass(frozen=True)
class FigureClass:
    """
    One class of the legend.

    Attributes
    ----------
    key
        `range`, or of spare flow what needs a word: `no-water`, `at-cap`.
    above_lps, up_to_lps
        Bounds of a range [L/s]; None where it has no end.
    """

    key: str
    colour: str
    above_lps: float | None = None
    up_to_lps: float | None = None


@dataclass(frozen=True)
class FigureLayer:
    """
    Rows to be drawn under one name.

    Attributes
    ----------
    table
        Points or lines in any CRS.
    figure
        Column of the figure [L/s]: spare flow, or flow that is lost.
    attributes, close_attributes
        Columns that go to the map, and those that only tiles from near carry; those of them the table has.
    """

    name: str
    geometry: Literal["Point", "LineString"]
    table: gpd.GeoDataFrame
    figure: str
    attributes: tuple[str, ...]
    close_attributes: tuple[str, ...] = ()


@cache
def figure_classes(kind: FigureKind) -> tuple[FigureClass, ...]:
    """Classes of a kind of figure, the gravest first: no water and little spare flow, or much flow lost."""
    style: Mapping[str, Any] = picture_style()[kind]
    ranges, above_lps = [], 0.0
    for one in style["classes"]:
        up_to_lps = float(one["up_to_lps"])
        end_lps = up_to_lps if up_to_lps < ENDLESS_LPS else None
        ranges.append(FigureClass("range", str(one["colour"]), above_lps, end_lps))
        above_lps = up_to_lps
    if kind == "outages":
        return tuple(reversed(ranges))
    return (
        FigureClass("no-water", str(style["no_water"])), *ranges, FigureClass("at-cap", str(style["at_cap"]))
    )  # fmt: skip


def class_numbers(kind: FigureKind, layer: FigureLayer) -> NDArray[np.int64]:
    """Give the place of each row's class in `figure_classes`, shape (rows,)."""
    classes = figure_classes(kind)
    ranges = [one for one in classes if one.key == "range"]
    bounds_lps = sorted(one.up_to_lps for one in ranges if one.up_to_lps is not None)
    figure_lps = layer.table[layer.figure].to_numpy(dtype=float, na_value=0.0)
    place = np.searchsorted(bounds_lps, figure_lps, side="left")
    if kind == "outages":
        return np.asarray(len(ranges) - 1 - place, dtype=np.int64)
    limits = layer.table["limit"].to_numpy(dtype=object)
    place = np.where(limits == "cap", len(ranges), place)
    return np.asarray(np.where(limits == "no-water", 0, place + 1), dtype=np.int64)
