"""The empty sheet of a drawing: layers of the standard, text and dimension styles, symbols, frame and title block."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from gis.files.shipped import shipped_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.messages import Language

_UNSAFE = re.compile(r"[\x00-\x1f\x7f]+")
TITLE_WIDTH_MM, TITLE_HEIGHT_MM, STRIP_MM = 180.0, 56.0, 23.0


@cache
def standard() -> dict[str, Any]:
    """The layer standard of data/dxf_layers.toml."""
    return shipped_table("design", "dxf_layers.toml")


@cache
def layer_name(key: str) -> str:
    """Layer name of a key of the standard."""
    return str(next(row["name"] for row in standard()["layer"] if row["key"] == key))


def plain_text(value: object) -> str:
    """
    Text as a TEXT entity may hold it: one line, with the codes of the format (%%c, \\U+) broken up.

    >>> plain_text("a%%c\\nb")
    'a%\u200b%c b'
    """
    text = _UNSAFE.sub(" ", str(value)).strip()
    return text.replace("%%", "%\u200b%").replace("\\U+", "\\\u200bU+")


def new_drawing(scale: int) -> Any:
    """A drawing in metres with layers, styles and symbols; text and symbols are sized for 1:scale."""
    import ezdxf
    from ezdxf import units

    drawing = ezdxf.new("R2018", setup=["linetypes"])
    drawing.units = units.M
    drawing.header["$LTSCALE"] = scale / 1000.0 * 8.0
    drawing.header["$PSLTSCALE"] = 0
    look = standard()["style"]
    style = drawing.styles.new(look["name"], dxfattribs={"font": look["font"]})
    style.set_extended_font_data(look["family"])
    for row in standard()["layer"]:
        layer = drawing.layers.add(
            row["name"], color=row["colour"], lineweight=row["lineweight"], linetype=row["linetype"]
        )
        layer.dxf.plot = int(row.get("plotted", True))
    _dimension_style(drawing, scale)
    _symbols(drawing)
    return drawing


def _dimension_style(drawing: Any, scale: int) -> None:
    millimetre = scale / 1000.0
    drawing.dimstyles.new("TW-DIM", dxfattribs={
        "dimtxt": 2.2 * millimetre, "dimasz": 1.8 * millimetre, "dimexe": 1.2 * millimetre, "dimexo": 1.0 * millimetre,
        "dimgap": 0.6 * millimetre, "dimtxsty": standard()["style"]["name"], "dimdec": 1, "dimzin": 0, "dimtad": 1,
        "dimlunit": 2, "dimdsep": ord("."), "dimclrd": 0, "dimclre": 0, "dimclrt": 0,
    })  # fmt: skip


def _symbols(drawing: Any) -> None:
    """Symbols in millimetres of paper, on layer 0 so that they take the colour of the layer they are put on."""
    tie_in = drawing.blocks.new("TW-TIEIN")
    tie_in.add_circle((0, 0), 1.6)
    tie_in.add_hatch(color=256).paths.add_edge_path().add_arc((0, 0), 0.9, 0, 360)
    meter = drawing.blocks.new("TW-METER")
    meter.add_lwpolyline([(-1.6, -1.6), (1.6, -1.6), (1.6, 1.6), (-1.6, 1.6)], close=True)
    meter.add_circle((0, 0), 1.1)
    meter.add_line((-0.8, -0.8), (0.8, 0.8))
    site = drawing.blocks.new("TW-SITE")
    site.add_circle((0, 0), 1.2)
    site.add_line((-2, 0), (2, 0))
    site.add_line((0, -2), (0, 2))
    for block in (tie_in, meter, site):
        for number, tag in enumerate(("ID", "DN")):
            block.add_attdef(tag, (2.2, -1.0 - 2.6 * number), height=1.8, dxfattribs={"flags": 1, "style": standard()["style"]["name"]})  # fmt: skip
    _existing(drawing)
    north = drawing.blocks.new("TW-NORTH")
    north.add_lwpolyline([(0, 9), (3.2, -6), (0, -3.2), (-3.2, -6)], close=True)
    north.add_line((0, 9), (0, -3.2))


def _existing(drawing: Any) -> None:
    """Symbols of what is there, each with the data of its record as hidden attributes."""
    valve = drawing.blocks.new("TW-VALVE")
    valve.add_lwpolyline([(-1.4, -0.8), (-1.4, 0.8), (1.4, -0.8), (1.4, 0.8)], close=True)
    hydrant = drawing.blocks.new("TW-HYDRANT")
    hydrant.add_circle((0, 0), 1.2)
    hydrant.add_circle((0, 0), 0.5)
    tapoff = drawing.blocks.new("TW-TAPOFF")
    tapoff.add_lwpolyline([(-1.1, -0.9), (1.1, -0.9), (0, 1.2)], close=True)
    for block in (valve, hydrant, tapoff):
        for number, tag in enumerate(("ID", "DN", "STATUS")):
            block.add_attdef(
                tag,
                (2.0, -0.8 - 2.4 * number),
                height=1.6,
                dxfattribs={"flags": 1, "style": standard()["style"]["name"]},
            )


def view_size_mm(size_mm: Sequence[float]) -> tuple[float, float]:
    """Width and height of the viewport on a sheet: inside the frame, above the strip of the title block."""
    sheet = standard()["sheet"]
    width = size_mm[0] - sheet["margin_left_mm"] - sheet["margin_mm"]
    return float(width), float(size_mm[1] - 2 * sheet["margin_mm"] - TITLE_HEIGHT_MM)


def add_sheet(
    drawing: Any, *, name: str, size_mm: Sequence[float], view_centre: tuple[float, float], scale: int,
    frozen: Sequence[str] = (),
) -> Any:  # fmt: skip
    """Paper space with frame and one viewport at 1:scale on `view_centre` (model x, y), `frozen` layers unseen; gives the layout."""
    sheet = standard()["sheet"]
    width, height = size_mm
    left, edge = sheet["margin_left_mm"], sheet["margin_mm"]
    if "Layout1" in drawing.layouts:
        drawing.layouts.rename("Layout1", name)
    layout = drawing.layout(name) if name in drawing.layouts else drawing.layouts.new(name)
    layout.page_setup(size=(width, height), margins=(0, 0, 0, 0), units="mm")
    frame = {"layer": layer_name("frame")}
    cut = [(0, 0), (width, 0), (width, height), (0, height)]
    layout.add_lwpolyline(cut, close=True, dxfattribs={**frame, "lineweight": 13})
    inner = [(left, edge), (width - edge, edge), (width - edge, height - edge), (left, height - edge)]
    layout.add_lwpolyline(inner, close=True, dxfattribs=frame)
    strip = edge + TITLE_HEIGHT_MM
    layout.add_line((left, strip), (width - edge, strip), dxfattribs=frame)
    view_w, view_h = view_size_mm(size_mm)
    view = layout.add_viewport(
        center=(left + view_w / 2, strip + view_h / 2), size=(view_w, view_h), view_center_point=view_centre,
        view_height=view_h * scale / 1000.0, status=2, dxfattribs={"layer": layer_name("viewport")},
    )  # fmt: skip
    view.frozen_layers = [layer_name(key) for key in frozen]
    layout.add_blockref(
        "TW-NORTH", (width - edge - 14, height - edge - 16), dxfattribs={**frame, "lineweight": 25}
    )
    return layout


def add_paper(drawing: Any, *, name: str, size_mm: Sequence[float]) -> Any:
    """A further sheet without a view of the model: the cut edge and the frame; gives the layout."""
    edge, left = 5.0, standard()["sheet"]["margin_left_mm"]
    width, height = size_mm
    layout = drawing.layouts.new(name)
    layout.page_setup(size=(width, height), margins=(0, 0, 0, 0), units="mm")
    frame = {"layer": layer_name("frame")}
    layout.add_lwpolyline(
        [(0, 0), (width, 0), (width, height), (0, height)], close=True, dxfattribs={**frame, "lineweight": 13}
    )
    inner = [(left, edge), (width - edge, edge), (width - edge, height - edge), (left, height - edge)]
    layout.add_lwpolyline(inner, close=True, dxfattribs=frame)
    return layout


def add_strip(layout: Any, cells: Sequence[tuple[str, str]], *, size_mm: Sequence[float]) -> None:
    """A title strip along the foot of a sheet: two rows of label over value."""
    edge, left = 5.0, standard()["sheet"]["margin_left_mm"]
    columns = (len(cells) + 1) // 2
    step, frame = (size_mm[0] - left - edge) / columns, {"layer": layer_name("frame"), "lineweight": 25}
    for number, (label, value) in enumerate(cells):
        row, column = divmod(number, columns)
        x, y = left + column * step, edge + STRIP_MM * (0.5 if row == 0 else 0.0)
        corners = [(x, y), (x + step, y), (x + step, y + STRIP_MM / 2), (x, y + STRIP_MM / 2)]
        layout.add_lwpolyline(corners, close=True, dxfattribs=frame)
        _cell(layout, label, (x + 1.2, y + STRIP_MM / 2 - 3.2), height_mm=1.7, width_mm=step - 2.4)
        _cell(layout, value, (x + 1.2, y + 2.0), height_mm=2.4, width_mm=step - 2.4)


def add_legend(layout: Any, used: set[str], *, heading: str, language: Language) -> None:
    """What the layers of the drawing are, left of the title block: a sample of each that is in use on the sheet."""
    silent = {layer_name(key) for key in ("labels", "dimensions", "synthetic", "grid", "chainage")}
    rows = [row for row in standard()["layer"] if row["name"] in used - silent]
    sheet = standard()["sheet"]
    left, top = sheet["margin_left_mm"] + 6.0, sheet["margin_mm"] + TITLE_HEIGHT_MM - 8.0
    _cell(layout, heading, (left, top), height_mm=3.5, width_mm=60)
    for number, row in enumerate(rows):
        column, line = divmod(number, 5)
        x, y = left + column * 50.0, top - 6.0 - line * 5.6
        # Drawn on the frame's layer: readers that look for pipes by layer must find pipes alone.
        look = {"color": row["colour"], "linetype": row["linetype"], "lineweight": row["lineweight"]}
        layout.add_line((x, y + 1.0), (x + 16, y + 1.0), dxfattribs={"layer": layer_name("frame"), **look})
        _cell(
            layout,
            row["name"] if language == "zh" else row["label_en"],
            (x + 18, y),
            height_mm=2.3,
            width_mm=29,
        )


def add_title_block(
    layout: Any, rows: Sequence[tuple[str, str]], *, size_mm: Sequence[float], heading: str
) -> None:
    """The title column in the lower right corner: a heading over two columns of label and value, and the sign-offs."""
    edge = standard()["sheet"]["margin_mm"]
    left, bottom = size_mm[0] - edge - TITLE_WIDTH_MM, edge
    attributes = {"layer": layer_name("frame"), "lineweight": 25}
    top = bottom + TITLE_HEIGHT_MM
    box = [(left, bottom), (left + TITLE_WIDTH_MM, bottom), (left + TITLE_WIDTH_MM, top), (left, top)]
    layout.add_lwpolyline(box, close=True, dxfattribs={"layer": layer_name("frame")})
    _cell(layout, heading, (left + 3, top - 7.2), height_mm=4.5, width_mm=TITLE_WIDTH_MM - 6)
    lines = (len(rows) + 1) // 2
    step = (TITLE_HEIGHT_MM - 10.0) / lines
    for number, (label, value) in enumerate(rows):
        row, column = divmod(number, 2)
        x, y = left + column * TITLE_WIDTH_MM / 2, top - 10.0 - (row + 1) * step
        layout.add_line((x, y + step), (x + TITLE_WIDTH_MM / 2, y + step), dxfattribs=attributes)
        layout.add_line((x + 20, y), (x + 20, y + step), dxfattribs=attributes)
        layout.add_line((x, y), (x, y + step), dxfattribs=attributes)
        _cell(layout, label, (x + 1.5, y + step / 2 - 1.1), height_mm=2.2, width_mm=17)
        _cell(layout, value, (x + 21.5, y + step / 2 - 1.2), height_mm=2.4, width_mm=TITLE_WIDTH_MM / 2 - 23)


def _cell(layout: Any, text: str, at: tuple[float, float], *, height_mm: float, width_mm: float) -> None:
    """One line of text squeezed into `width_mm`; nothing runs over its cell."""
    # The height of a DXF text is that of its capitals: an em of SimHei is a third more.
    needed = sum(1.35 if ord(c) > 0x2E7F else 0.75 for c in text) * height_mm
    layout.add_text(
        plain_text(text), height=height_mm,
        dxfattribs={
            "insert": at, "layer": layer_name("labels"), "style": standard()["style"]["name"],
            "width": round(min(1.0, width_mm / needed) if needed else 1.0, 3),
        },
    )  # fmt: skip
