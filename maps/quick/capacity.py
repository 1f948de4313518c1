"""The capacity map as one page: junctions and tap-offs coloured by what they can still give, with a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gis.messages import catalogue
from maps.plan.layers import picture_style
from maps.quick.features import feature, on_the_map
from maps.quick.quicklook import Group, quick_page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from gis.messages import Language


def capacity_page(
    *, nodes: gpd.GeoDataFrame, tapoffs: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame, required_pressure_m: float,
    synthetic: bool, vendor: Path, fonts: Path | None = None, language: Language = "zh",
) -> str:  # fmt: skip
    """
    Give the page.

    Parameters
    ----------
    nodes, tapoffs
        Points with `node_id` (and `tapoff_id`), `capacity_lps`, `limiting_node_id`, `limit`, `pressure_m`, in any CRS.
    pipes
        Lines drawn below.
    vendor, fonts
        As in `quicklook.connection_map`.
    """
    words, style = catalogue("maps", language)["capacity"], picture_style()["capacity"]
    shown, thinned = _thinned(nodes, int(style["most_points"]))
    lines = on_the_map(pipes[["geometry", "dn"]])
    if len(lines) > style["most_points"]:
        lines = lines.nlargest(int(style["most_points"]), "dn")
    groups = [
        Group(words["pipes"], [feature(shape, look=style["pipes"]) for shape in lines.geometry], frames=True),
        Group(words["nodes"], _points(on_the_map(shown), "node_id", style["node"], words), shown=True),
        Group(words["tapoffs"], _points(on_the_map(tapoffs), "tapoff_id", style["tapoff"], words)),
    ]
    legend = _legend(words)
    if thinned:
        legend.append(("#ffffff", words["thinned"]))
    return quick_page(
        groups, bounds=None, plain=nodes.crs is None, legend=legend,
        mark=catalogue("maps", language)["quick"]["synthetic"] if synthetic else "",
        title=words["title"].format(required=f"{required_pressure_m:g}"), vendor=vendor, fonts=fonts, language=language,
    )  # fmt: skip


def _thinned(nodes: gpd.GeoDataFrame, most: int) -> tuple[gpd.GeoDataFrame, bool]:
    """Of very many points the weakest one in each cell of a grid."""
    if len(nodes) <= most:
        return nodes, False
    west, south, east, north = nodes.total_bounds
    step = max(np.sqrt((east - west) * (north - south) / most), 1e-9)
    cell = np.floor((nodes.geometry.x - west) / step).astype(int) * 1_000_003 + np.floor(
        (nodes.geometry.y - south) / step
    ).astype(int)
    weakest = nodes.assign(cell=cell).sort_values("capacity_lps", kind="stable").drop_duplicates("cell")
    return weakest.drop(columns="cell").sort_index(), True


def _points(
    table: gpd.GeoDataFrame, key: str, look: Mapping[str, Any], words: Mapping[str, str]
) -> list[dict[str, Any]]:
    found = []
    for row in table.to_dict("records"):
        colour = _colour(row["capacity_lps"], row["limit"])
        rows = [
            (words["row-capacity"], f"{row['capacity_lps']:.2f} L/s"), (words["row-limit"], words[f"limit-{row['limit']}"]),
            (words["row-limiting"], row["limiting_node_id"] or "—"), (words["row-pressure"], f"{row['pressure_m']:.1f} m"),
        ]  # fmt: skip
        found.append(
            feature(
                row["geometry"],
                label=str(row[key]),
                rows=rows,
                look={**look, "color": "#ffffff", "fillColor": colour},
            )
        )
    return found


def _colour(capacity_lps: float, limit: str) -> str:
    style = picture_style()["capacity"]
    if limit in ("no-water", "cap"):
        return str(style["no_water" if limit == "no-water" else "at_cap"])
    return str(next(one["colour"] for one in style["classes"] if capacity_lps <= one["up_to_lps"]))


def _legend(words: Mapping[str, str]) -> list[tuple[str, str]]:
    style, low, rows = picture_style()["capacity"], 0.0, []
    for one in style["classes"]:
        high = float(one["up_to_lps"])
        text = words["class"] if high < 1e8 else words["class-last"]
        rows.append((str(one["colour"]), text.format(low=f"{low:g}", high=f"{high:g}")))
        low = high
    return [*rows, (str(style["at_cap"]), words["at-cap"]), (str(style["no_water"]), words["no-water"])]
