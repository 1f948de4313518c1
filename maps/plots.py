"""Plots of hydraulic answers as images and data: pressure along a way, before and after, residuals, distributions."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.messages import catalogue
from maps import plots_supply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gis.messages import Language

_SIZE_IN = (8.0, 4.5)
_DPI = 150
_FONT = "NotoSansSC-Regular.ttf"
_COLOURS = {
    "ground": "#8d6e63",
    "before": "#1e88e5",
    "after": "#e53935",
    "plain": "#455a64",
    "limit": "#8e0152",
}


@dataclass(frozen=True)
class Plot:
    """
    What a plot shows.

    Attributes
    ----------
    name
        Of the files, and of its words in the catalogue (`plot-<name>`).
    columns, rows
        Its data, units in the column names.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    def column(self, name: str) -> list[Any]:
        """One column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def write_plots(
    plots: Sequence[Plot], folder: Path, *, fonts: Path | None, language: Language = "zh"
) -> list[str]:
    """Write every plot as PNG, SVG and CSV into a folder; the names of the files."""
    written = []
    for plot in plots:
        figure = _figure(plot, catalogue("maps", language)[f"plot-{plot.name}"], fonts)
        for ending in ("png", "svg"):
            figure.savefig(
                folder / f"{plot.name}.{ending}",
                dpi=_DPI,
                metadata={"Date": None} if ending == "svg" else None,
            )
        with (folder / f"{plot.name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([plot.columns, *plot.rows])
        written += [f"{plot.name}.{ending}" for ending in ("png", "svg", "csv")]
    return written


def _figure(plot: Plot, text: Mapping[str, str], fonts: Path | None) -> Any:
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    own = (
        FontProperties(fname=str(fonts / _FONT))
        if fonts is not None and (fonts / _FONT).exists()
        else FontProperties()
    )
    with rc_context({"svg.hashsalt": plot.name, "svg.fonttype": "path", "axes.unicode_minus": False}):
        figure = Figure(figsize=_SIZE_IN, layout="constrained")
        axes = figure.add_subplot()
        _DRAWERS[plot.name](axes, plot, text)
        axes.set_title(text["title"], fontproperties=own)
        axes.set_xlabel(text["x"], fontproperties=own)
        axes.set_ylabel(text["y"], fontproperties=own)
        axes.grid(visible=True, linewidth=0.4, alpha=0.6)
        if axes.get_legend_handles_labels()[1]:
            axes.legend(prop=own, frameon=False)
        return figure


def _profile(axes: Any, plot: Plot, text: Mapping[str, str]) -> None:
    along = plot.column("at_m")
    axes.fill_between(
        along,
        plot.column("ground_m"),
        min(plot.column("ground_m")) - 2.0,
        color=_COLOURS["ground"],
        alpha=0.3,
    )
    axes.plot(along, plot.column("ground_m"), color=_COLOURS["ground"], label=text["ground"])
    axes.plot(along, plot.column("head_before_m"), color=_COLOURS["before"], label=text["before"])
    axes.plot(
        along, plot.column("head_after_m"), color=_COLOURS["after"], linestyle="--", label=text["after"]
    )


def _before_after(axes: Any, plot: Plot, text: Mapping[str, str]) -> None:
    before, after = plot.column("pressure_before_m"), plot.column("pressure_after_m")
    axes.scatter(before, after, s=8, color=_COLOURS["plain"], label=text["nodes"])
    ends = [min([*before, *after], default=0.0), max([*before, *after], default=1.0)]
    axes.plot(ends, ends, color=_COLOURS["before"], linewidth=0.8, label=text["same"])


def _residuals(axes: Any, plot: Plot, text: Mapping[str, str]) -> None:
    places = list(range(len(plot.rows)))
    axes.axhline(0.0, color=_COLOURS["plain"], linewidth=0.8)
    axes.scatter(
        places, plot.column("residual_before_m"), s=18, color=_COLOURS["before"], label=text["before"]
    )
    axes.errorbar(
        places, plot.column("residual_after_m"), yerr=plot.column("accuracy_m"), fmt="o", markersize=4,
        color=_COLOURS["after"], label=text["after"],
    )  # fmt: skip
    axes.set_xticks(places, [str(name) for name in plot.column("node_id")], rotation=60, fontsize=6)


def _distribution(axes: Any, plot: Plot, text: Mapping[str, str]) -> None:
    by_pressure: dict[Any, list[float]] = {}
    for pressure, capacity in zip(
        plot.column("required_pressure_m"), plot.column("capacity_lps"), strict=True
    ):
        by_pressure.setdefault(pressure, []).append(float(capacity))
    for pressure, figures in sorted(by_pressure.items()):
        figures.sort()
        shares = [100.0 * (place + 1) / len(figures) for place in range(len(figures))]
        axes.step(figures, shares, label=text["required"].format(required=f"{pressure:g}"))
    axes.set_xscale("symlog", linthresh=0.1)
    axes.xaxis.set_major_formatter("{x:g}")


def _by_column(draw: Any) -> Any:
    """A drawer that reads columns, as one of plots."""

    def drawn(axes: Any, plot: Plot, text: Mapping[str, str]) -> None:
        draw(axes, {name: plot.column(name) for name in plot.columns}, text)

    return drawn


_DRAWERS = {
    "outages": _by_column(plots_supply.outages),
    "fire": _by_column(plots_supply.fire),
    "scenarios": _by_column(plots_supply.scenarios),
    "profile": _profile,
    "before-after": _before_after,
    "residuals": _residuals,
    "capacity": _distribution,
}
