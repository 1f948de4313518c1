"""Style layers of the networks and of what is planned above them: pipes, devices, tap-offs, works, candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maps.layers import code_labels
from maps.styling.ground import layer, text_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.messages import Language

PIPE_TEXT = "#14324f"
_IN_USE = [
    "!",
    ["in", ["coalesce", ["get", "status"], "open"], ["literal", ["closed", "abandoned", "building"]]],
]
_ROUND = {"line-cap": "round", "line-join": "round"}


def colouring_paint(row: Mapping[str, Any]) -> list[Any]:
    """MapLibre colour expression of one colouring of data/style.toml."""
    value = ["get", row["attribute"]]
    first, *others = row["class"]
    if row["kind"] == "match":
        pairs = [part for one in row["class"] for part in (one["codes"], one["colour"])]
        return ["match", value, *pairs, row["other_colour"]]
    steps = [part for one in others for part in (one["from"], one["colour"])]
    if "other_colour" not in row:
        return ["step", ["coalesce", value, 0], first["colour"], *steps]
    return [
        "case",
        ["has", row["attribute"]],
        ["step", ["to-number", value], first["colour"], *steps],
        row["other_colour"],
    ]


def network_layers(colours: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    """From other utilities up to tap-offs; what a click should find lies highest."""
    return [
        *_works(colours),
        _utilities(colours["utility"]),
        *_pipes(colours, language),
        *_overlays(colours),
        _candidates(colours["candidate"]),
        *_devices(),
        *_tapoffs(language),
    ]


def _pipe_width(extra_px: float = 0.0) -> list[Any]:
    """Width by DN: 1 px for the smallest to 5 px for trunk mains, thinner from afar."""
    size = ["coalesce", ["get", "dn"], 100]

    def at(scale: float) -> list[Any]:
        steps = [1.4, 100, 1.8, 200, 2.5, 300, 3.4, 500, 4.6, 800, 6.0]
        scaled = [round(v * scale + extra_px, 2) if k % 2 == 0 else v for k, v in enumerate(steps)]
        return ["step", size, *scaled]

    return ["interpolate", ["linear"], ["zoom"], 10, at(0.45), 14, at(0.8), 17, at(1.25), 20, at(2.2)]


def _pipes(colours: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    colour = colouring_paint(colours["colouring"][0])
    words = code_labels("pipes", "material", language)
    material = [
        "match", ["get", "material"], *(part for pair in words.items() if pair[0] != "unknown" for part in pair), "",
    ]  # fmt: skip
    label = [
        "concat", "DN", ["to-string", ["get", "dn"]], " ", material,
        ["case", ["has", "install_year"], ["concat", " ", ["to-string", ["get", "install_year"]]], ""],
    ]  # fmt: skip
    text = text_style(label, size_px=11, colour=PIPE_TEXT, halo="#ffffff", along_line=True)
    text["layout"]["text-offset"] = [0, -0.9]
    return [
        layer("pipes-casing", "line", "network", "pipes", minzoom=14, layout=_ROUND,
              paint={"line-color": "#ffffff", "line-width": _pipe_width(1.6), "line-opacity": 0.85}),
        layer("pipes", "line", "network", "pipes", filter=_IN_USE, layout=_ROUND,
              paint={"line-color": colour, "line-width": _pipe_width()}),
        layer("pipes-out-of-use", "line", "network", "pipes", filter=["!", _IN_USE],
              paint={"line-color": colour, "line-width": _pipe_width(), "line-dasharray": [2, 1.6], "line-opacity": 0.8}),
        layer("pipes-label", "symbol", "network", "pipes", minzoom=16, **text),
    ]  # fmt: skip


def _overlays(colours: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Colourings by what is computed: the pipes once more, from tiles that are asked for only when they are shown."""
    return [
        layer(row["layer"], "line", row["source"], row["source_layer"], filter=_IN_USE,
              layout={**_ROUND, "visibility": "none"},
              paint={"line-color": colouring_paint(row), "line-width": _pipe_width()})
        for row in colours["colouring"] if "layer" in row
    ]  # fmt: skip


def _candidates(colours: Mapping[str, Any]) -> dict[str, Any]:
    """Renewal candidates as a halo over the pipe; the page sets the state `candidate` by pipe id."""
    state = ["to-string", ["feature-state", "candidate"]]
    pairs = [part for pair in colours.items() for part in pair]
    return layer(
        "candidates", "line", "network", "pipes",
        paint={
            "line-color": ["match", state, *pairs, "rgba(0,0,0,0)"],
            "line-opacity": ["match", state, list(colours), 0.55, 0],
            "line-width": ["interpolate", ["linear"], ["zoom"], 10, 3, 14, 7, 18, 13],
        },
    )  # fmt: skip


def _utilities(colours: Mapping[str, Any]) -> dict[str, Any]:
    pairs = [part for pair in colours.items() for part in pair]
    return layer(
        "utilities", "line", "network", "utilities", minzoom=16, layout={"visibility": "none"},
        paint={"line-color": ["match", ["get", "kind"], *pairs, "#6a6a6a"], "line-width": 1.2, "line-dasharray": [5, 2]},
    )  # fmt: skip


def _works(colours: Mapping[str, Any]) -> list[dict[str, Any]]:
    violet, orange = colours["works"]["renovation"], colours["works"]["road_work"]
    open_only = ["!", ["in", ["get", "status"], ["literal", ["done", "cancelled"]]]]
    words = [
        "concat",
        ["get", "name"],
        "\n",
        ["coalesce", ["get", "starts_on"], ""],
        " – ",
        ["coalesce", ["get", "ends_on"], ""],
    ]
    return [
        layer("renovations", "fill", "works", "renovations", filter=open_only,
              paint={"fill-color": violet, "fill-opacity": 0.1}),
        layer("renovations-line", "line", "works", "renovations", filter=open_only,
              paint={"line-color": violet, "line-width": 1.6, "line-dasharray": [3, 1.5]}),
        layer("road-works", "line", "works", "road_works", filter=open_only, layout=_ROUND,
              paint={"line-color": orange, "line-opacity": 0.4,
                     "line-width": ["interpolate", ["exponential", 2], ["zoom"], 12, 4, 16, 12, 20, 60]}),
        layer("renovations-label", "symbol", "works", "renovation_names", minzoom=14, filter=open_only,
              **text_style(words, size_px=11, colour=violet, halo="#ffffff")),
        layer("road-works-label", "symbol", "works", "road_works", minzoom=15, filter=open_only,
              **text_style(["get", "name"], size_px=11, colour="#8a4a00", halo="#ffffff", along_line=True)),
        layer("breaks", "symbol", "works", "breaks", minzoom=14,
              layout={"visibility": "none", **_icon(["match", ["get", "kind"], "leak", "leak", "break"])}),
    ]  # fmt: skip


def _icon(name: Any) -> dict[str, Any]:
    return {
        "icon-image": name, "icon-allow-overlap": True,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 13, 0.3, 16, 0.62, 17, 0.85, 19, 1.15],
    }  # fmt: skip


def _devices() -> list[dict[str, Any]]:
    valve = ["match", ["get", "state"], "closed", "valve-closed", "valve"]
    named = text_style(["get", "name"], size_px=12, colour=PIPE_TEXT, halo="#ffffff", offset=[0, 1.0])
    hidden_name = {**named, "layout": {**named["layout"], "visibility": "none"}}
    return [
        layer("customers", "symbol", "network", "customers", minzoom=17,
              layout={"visibility": "none", **_icon("customer")}),
        layer("valves", "symbol", "network", "valves", minzoom=16.4, layout=_icon(valve)),
        layer("pumps", "symbol", "network", "pumps", minzoom=14, layout=_icon("source")),
        layer("hydrants", "symbol", "network", "hydrants", minzoom=16, layout=_icon("hydrant")),
        layer("loggers", "symbol", "network", "loggers", layout={"visibility": "none", **_icon("logger")}),
        layer("loggers-label", "symbol", "network", "loggers", minzoom=14, **hidden_name),
        layer("sources", "symbol", "network", "sources",
              layout={**_icon("source"), "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.7, 14, 1.2]}),
        layer("sources-label", "symbol", "network", "sources", minzoom=10, **named),
    ]  # fmt: skip


def _tapoffs(language: Language) -> list[dict[str, Any]]:
    words = code_labels("tapoffs", "status", language)
    status = ["match", ["get", "status"], *(part for pair in words.items() for part in pair), ""]
    icon = [
        "match", ["get", "status"], "free", "tapoff-free", "reserved", "tapoff-reserved", "used", "tapoff-used",
        "tapoff-blocked",
    ]  # fmt: skip
    derived = ["==", ["get", "origin"], "derived"]
    origin = ["case", derived, f" ({code_labels('tapoffs', 'origin', language)['derived']})", ""]
    label = ["concat", "DN", ["to-string", ["coalesce", ["get", "dn"], "?"]], " ", status, origin]
    text = text_style(label, size_px=11, colour="#1d3b2a", halo="#ffffff", offset=[0, 0.9])
    return [
        layer("tapoffs", "symbol", "network", "tapoffs",
              layout={**_icon(icon), "symbol-sort-key": ["match", ["get", "status"], "free", 1, 0]},
              paint={"icon-opacity": ["case", derived, 0.5, 1.0]}),
        layer("tapoffs-label", "symbol", "network", "tapoffs", minzoom=16, **text),
    ]  # fmt: skip
