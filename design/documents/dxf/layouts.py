"""Drawings in millimetres of paper as further sheets of the DXF: profile and node details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.draft.draft import styles
from design.documents.dxf.sheet import layer_name, plain_text, standard

if TYPE_CHECKING:
    from design.documents.draft.draft import Draft

CAPITAL = 0.73  # height of capitals of the font as a share of its size: what a DXF calls text height
LINEWEIGHTS = (0, 5, 9, 13, 15, 18, 20, 25, 30, 35, 40, 50, 53, 60, 70, 80, 90, 100)


def draw_on(layout: Any, draft: Draft, *, left_mm: float, top_mm: float) -> None:
    """Put a drawing on a sheet, its upper left corner at (left, top); the sheet's y runs up."""
    for item in draft.items:
        pen = styles()[item["s"]]
        look = {"layer": layer_name(pen["layer"]), "lineweight": _lineweight(pen["width_mm"])}
        if item["k"] == "line":
            points = [(left_mm + x, top_mm - y) for x, y in item["p"]]
            attributes = {**look, **_dashes(pen)}
            if len(points) == 2:
                layout.add_line(*points, dxfattribs=attributes)
            else:
                layout.add_lwpolyline(points, close=item["closed"], dxfattribs=attributes)
        elif item["k"] == "ellipse":
            _ellipse(layout, item, (left_mm + item["x"], top_mm - item["y"]), look)
        else:
            _text(layout, item, (left_mm + item["x"], top_mm - item["y"]), layer_name(pen["layer"]))


def _dashes(pen: dict[str, Any]) -> dict[str, str]:
    return {"linetype": "DASHED" if len(pen["dash"]) == 2 else "CENTER"} if "dash" in pen else {}


def _lineweight(width_mm: float) -> int:
    """The standard line weight nearest to a width [1/100 mm]."""
    return min(LINEWEIGHTS, key=lambda weight: abs(weight - width_mm * 100.0))


def _ellipse(layout: Any, item: dict[str, Any], at_mm: tuple[float, float], look: dict[str, Any]) -> None:
    a, b = item["a"], item["b"]
    if abs(a - b) < 1e-6:
        layout.add_circle(at_mm, a, dxfattribs=look)
    elif a >= b:
        layout.add_ellipse(at_mm, major_axis=(a, 0), ratio=b / a, dxfattribs=look)
    else:
        layout.add_ellipse(at_mm, major_axis=(0, b), ratio=a / b, dxfattribs=look)


def _text(layout: Any, item: dict[str, Any], at_mm: tuple[float, float], layer: str) -> None:
    from ezdxf.enums import TextEntityAlignment

    sides = {
        "start": TextEntityAlignment.LEFT,
        "middle": TextEntityAlignment.CENTER,
        "end": TextEntityAlignment.RIGHT,
    }
    words = plain_text(item["t"])
    if not words:
        return
    attributes = {"layer": layer, "style": standard()["style"]["name"], "rotation": -item["turn"]}
    entity = layout.add_text(words, height=item["h"] * CAPITAL, dxfattribs=attributes)
    entity.set_placement(at_mm, align=sides[item["anchor"]])
