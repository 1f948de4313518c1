"""Drawers of what closures, fires and scenarios do: ranked losses, flow at hydrants, pressure by scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BEFORE, _AFTER, _LIMIT = "#1e88e5", "#e53935", "#8e0152"


def outages(axes: Any, columns: Mapping[str, Sequence[Any]], text: Mapping[str, str]) -> None:
    """Unserved demand by rank, pipes and valve segments each from the worst down."""
    for kind, colour in (("pipe", _BEFORE), ("segment", _AFTER)):
        figures = [
            float(v) for k, v in zip(columns["kind"], columns["unserved_lps"], strict=True) if k == kind
        ]
        figures.sort(reverse=True)
        if figures:
            axes.step(range(1, len(figures) + 1), figures, where="post", color=colour, label=text[kind])
    axes.set_xscale("log")
    axes.set_yscale("symlog", linthresh=0.1)


def fire(axes: Any, columns: Mapping[str, Sequence[Any]], text: Mapping[str, str]) -> None:
    """Flow that every hydrant gives at the least pressure, with the fire flow asked for."""
    places, asked = list(range(len(columns["id"]))), columns["fire_lps"]
    given = [float("nan") if v is None else float(v) for v in columns["available_lps"]]
    colours = [_BEFORE if g >= float(a) else _AFTER for g, a in zip(given, asked, strict=True)]
    axes.bar(places, given, color=colours, width=0.6)
    if places:
        axes.axhline(float(asked[0]), color=_LIMIT, linewidth=1.0, label=text["asked"])
    axes.set_xticks(places, [str(name) for name in columns["id"]], rotation=60, fontsize=6)


def scenarios(axes: Any, columns: Mapping[str, Sequence[Any]], text: Mapping[str, str]) -> None:
    """Pressure at the tie-in in every scenario before and after, and the least that is asked there."""
    places = list(range(len(columns["name"])))
    for name, shift, colour in (("before", -0.2, _BEFORE), ("after", 0.2, _AFTER)):
        axes.bar(
            [p + shift for p in places],
            columns[f"pressure_{name}_m"],
            width=0.38,
            color=colour,
            label=text[name],
        )
    axes.scatter(places, columns["limit_m"], marker="_", s=400, color=_LIMIT, label=text["limit"])
    axes.set_xticks(places, [str(name) for name in columns["name"]])
