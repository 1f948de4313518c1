"""Style layers of what lies above the pipes: blocks, parcels, communities, buildings, streets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FONT = ["Noto Sans SC"]
# Pixels of one metre on the ground at zoom 20 and latitude 36 degrees, half a millimetre of error from 18 to 54.
PX_PER_M_Z20 = 16.6
_SCALED = (10, 20)


def metres_wide(width_m: Any, *, least_px: float) -> list[Any]:
    """Line width that grows with the ground: `width_m` metres, never thinner than `least_px`."""
    low, high = _SCALED
    shrink = PX_PER_M_Z20 / 2 ** (high - low)
    return [
        "interpolate", ["exponential", 2], ["zoom"],
        low, ["max", least_px / 2, ["*", width_m, shrink]],
        15, ["max", least_px, ["*", width_m, PX_PER_M_Z20 / 2**5]],
        high, ["max", least_px, ["*", width_m, PX_PER_M_Z20]],
    ]  # fmt: skip


def text_style(
    field: Any, *, size_px: float, colour: str, halo: str, along_line: bool = False, offset: Any = None
) -> dict[str, Any]:
    """Layout and paint of labels drawn with the page's own font."""
    layout: dict[str, Any] = {
        "text-field": field,
        "text-font": FONT,
        "text-size": size_px,
        "text-max-width": 9,
    }
    if along_line:
        layout |= {"symbol-placement": "line", "text-rotation-alignment": "map", "symbol-spacing": 320}
    if offset is not None:
        layout |= {"text-offset": offset, "text-anchor": "top", "text-optional": True}
    return {
        "layout": layout, "paint": {"text-color": colour, "text-halo-color": halo, "text-halo-width": 1.4},
    }  # fmt: skip


def layer(layer_id: str, kind: str, source: str, source_layer: str, **more: Any) -> dict[str, Any]:
    """One style layer of a tile set."""
    return {"id": layer_id, "type": kind, "source": source, "source-layer": source_layer, **more}


def ground_layers(colours: Mapping[str, Any]) -> list[dict[str, Any]]:
    """From the background to street names, lowest first."""
    ground = colours["ground"]
    return [
        {"id": "background", "type": "background", "paint": {"background-color": ground["background"]}},
        layer("blocks", "fill", "ground", "blocks", paint={"fill-color": ground["block"]}),
        *_parcels(ground),
        *_communities(ground),
        layer("buildings", "fill", "ground", "buildings", minzoom=14,
              paint={"fill-color": ground["building_fill"], "fill-outline-color": ground["building_line"]}),
        *_streets(ground, colours["street_width_m"]),
        layer("communities-label", "symbol", "ground", "community_names", minzoom=14,
              **text_style(["get", "name"], size_px=11, colour=ground["community_text"], halo=ground["halo"])),
    ]  # fmt: skip


def _parcels(ground: Mapping[str, Any]) -> list[dict[str, Any]]:
    by_use = [part for use, colour in ground["parcel_fill"].items() for part in (use, colour)]
    fill = ["match", ["get", "use"], *by_use, ground["parcel_fill"]["other"]]
    line = {"line-color": ground["parcel_line"], "line-width": 0.9, "line-dasharray": [6, 2, 1, 2]}
    return [
        layer("parcels", "fill", "ground", "parcels", paint={"fill-color": fill}),
        layer("parcels-line", "line", "ground", "parcels", minzoom=15, paint=line),
    ]


def _communities(ground: Mapping[str, Any]) -> list[dict[str, Any]]:
    line = {"line-color": ground["community_line"], "line-width": 1, "line-dasharray": [4, 3]}
    fill = {"fill-color": ground["community_fill"], "fill-opacity": 0.6}
    return [
        layer("communities", "fill", "ground", "communities", paint=fill),
        layer("communities-line", "line", "ground", "communities", minzoom=13, paint=line),
    ]


def _streets(ground: Mapping[str, Any], widths_m: Mapping[str, float]) -> list[dict[str, Any]]:
    by_class = [part for name, width_m in widths_m.items() for part in (name, width_m)]
    width_m = [
        "coalesce",
        ["get", "width_m"],
        ["match", ["get", "road_class"], *by_class, widths_m["branch"]],
    ]
    joined = {"line-cap": "round", "line-join": "round"}
    return [
        layer("streets-edge", "line", "ground", "streets", layout=joined,
              paint={"line-color": ground["street_edge"], "line-width": metres_wide(["+", width_m, 1.4], least_px=2)}),
        layer("streets", "line", "ground", "streets", layout=joined,
              paint={"line-color": ground["street_fill"], "line-width": metres_wide(width_m, least_px=1)}),
        layer("streets-label", "symbol", "ground", "streets", minzoom=13,
              **text_style(["get", "name"], size_px=12, colour=ground["text"], halo=ground["halo"], along_line=True)),
    ]  # fmt: skip
