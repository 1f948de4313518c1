"""Which sheets of plan a drawing has: one, or a key plan and one for each piece of a long route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from design.documents.book.sheets import plan_title
from design.documents.draft.scales import chainage
from design.documents.dxf.sheet import TITLE_HEIGHT_MM, layer_name, plain_text, standard, view_size_mm
from gis.ways.strips import Strip, sheet_strips

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from design.documents.words import Words

XY = tuple[float, float]
A3_MM = [420, 297]
KEY_SCALES = (1000, 2000, 2500, 3000, 4000, 5000, 10000, 20000)
KEY_SHARE = 0.92  # of the view that the route fills on a key plan
MATCH_MM, TEXT_MM = 34.0, 3.0


@dataclass(frozen=True)
class View:
    """A sheet of plan: its tab, its title, what of the ground it shows and at which scale; a piece of a long route or all."""

    name: str
    title: str
    centre: XY
    scale: int
    size_mm: Sequence[float]
    strip: Strip | None = None
    strips: Sequence[Strip] = ()

    @property
    def window(self) -> Any:
        """The ground that the sheet shows."""
        half_x, half_y = (side * self.scale / 2000.0 for side in view_size_mm(self.size_mm))
        x, y = self.centre
        return shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)

    @property
    def frame(self) -> Any:
        """The view on the sheet, as a rectangle [mm]."""
        west, south, east, north = self.window.bounds
        return shapely.box(*self.paper((west, south)), *self.paper((east, north)))

    def paper(self, at_xy: Any) -> Any:
        """Place on the sheet of a place on the ground [mm]."""
        wide, high = view_size_mm(self.size_mm)
        sheet = standard()["sheet"]
        middle = np.array(
            [sheet["margin_left_mm"] + wide / 2, sheet["margin_mm"] + TITLE_HEIGHT_MM + high / 2]
        )
        return middle + (np.asarray(at_xy, dtype=float) - np.asarray(self.centre)) * 1000.0 / self.scale


def plan_views(routes: Sequence[Any], surroundings: Mapping[str, Any], words: Words) -> list[View]:
    """The sheets of plan; those at the working scale last, so that the first of several is the key plan."""
    name = words("drawing-title")
    if not routes:
        centre, scale, size_mm = _around(surroundings)
        return [View(name, name, centre, scale, size_mm)]
    strips = sheet_strips(*routes)
    if len(strips) == 1:
        return [View(name, name, strips[0].centre_xy, strips[0].scale, A3_MM)]
    west, south, east, north = shapely.total_bounds(list(routes))
    key = View(
        f"{name} {words('drawing-key')}", plan_title(words, 0, len(strips), (0.0, 0.0)), ((west + east) / 2, (south + north) / 2),
        _key_scale(east - west, north - south), A3_MM, strips=strips,
    )  # fmt: skip
    return [key, *(
        View(
            f"{name} {s.number}-{s.count}", plan_title(words, s.number, s.count, (s.from_m, s.to_m), inlet=s.line), s.centre_xy, s.scale,
            A3_MM, strip=s,
        )
        for s in strips
    )]  # fmt: skip


def _key_scale(wide_m: float, high_m: float) -> int:
    width, height = (side * KEY_SHARE / 1000.0 for side in view_size_mm(A3_MM))
    return next((s for s in KEY_SCALES if wide_m <= width * s and high_m <= height * s), 50000)


def _around(surroundings: Mapping[str, Any]) -> tuple[XY, int, list[int]]:
    """Centre, the largest scale and the smallest sheet that hold what is there, where there is no route."""
    sheet = standard()["sheet"]
    shapes = [table.union_all() for table in surroundings.values() if len(table)]
    west, south, east, north = shapely.union_all(shapes).bounds if shapes else (0.0, 0.0, 1.0, 1.0)
    centre = ((west + east) / 2, (south + north) / 2)
    for scale in sheet["scales"]:
        for size in sheet["sizes_mm"]:
            width, height = (side * sheet["fill_share"] * scale / 1000.0 for side in view_size_mm(size))
            if east - west <= width and north - south <= height:
                return centre, scale, size
    return centre, sheet["scales"][-1], sheet["sizes_mm"][-1]


def draw_match_lines(layout: Any, view: View, routes: Sequence[Any], words: Words) -> None:
    """Across the route at each end of the sheet's piece: a line, the number of the sheet it goes on to, the chainage."""
    if view.strip is None:
        return
    route = routes[view.strip.line]
    for at_m, other in view.strip.neighbours:
        around = [route.interpolate(min(max(at_m + step, 0.0), route.length)) for step in (0.0, -0.5, 0.5)]
        spot, behind, ahead = (view.paper((point.x, point.y)) for point in around)
        way = (ahead - behind) / (float(np.hypot(*(ahead - behind))) or 1.0)
        across = np.array([-way[1], way[0]])
        look = {"layer": layer_name("match-lines")}
        line = shapely.LineString([spot - across * MATCH_MM, spot + across * MATCH_MM])
        ends = shapely.get_coordinates(shapely.intersection(line, view.frame))
        layout.add_line(tuple(ends[0]), tuple(ends[-1]), dxfattribs=look)
        told = words("match-line", sheet=other, sheets=view.strip.count, chainage=chainage(at_m))
        _along(layout, told, spot, max(ends - spot, key=lambda way: float(np.hypot(*way))))


def _along(layout: Any, told: str, spot: Any, half: Any) -> None:
    """Words along a match line, above its longer half."""
    from ezdxf.enums import TextEntityAlignment

    turn = float(np.degrees(np.arctan2(half[1], half[0])))
    turn = turn - 180.0 if turn > 90.1 else turn + 180.0 if turn < -89.9 else turn
    up = np.array([-np.sin(np.radians(turn)), np.cos(np.radians(turn))])
    at = spot + half * 0.55 + up * 1.2
    look = {"layer": layer_name("match-lines"), "style": standard()["style"]["name"], "rotation": turn}
    entity = layout.add_text(plain_text(told), height=TEXT_MM * 0.8, dxfattribs=look)
    entity.set_placement(tuple(at), align=TextEntityAlignment.BOTTOM_CENTER)


def draw_key_frames(layout: Any, view: View, views: Sequence[View]) -> None:
    """On the key plan the window of every sheet, with its number."""
    for other in views:
        if other.strip is None or not view.strips:
            continue
        west, south, east, north = other.window.bounds
        corners = [
            tuple(view.paper(at)) for at in ((west, south), (east, south), (east, north), (west, north))
        ]
        look = {"layer": layer_name("match-lines"), "lineweight": 25}
        layout.add_lwpolyline(corners, close=True, dxfattribs=look)
        x, y = view.paper((west, north))
        told = f"{other.strip.number}/{other.strip.count}"
        attributes = {"layer": layer_name("match-lines"), "style": standard()["style"]["name"]}
        layout.add_text(told, height=3.0, dxfattribs={**attributes, "insert": (x + 1.2, y - 4.2)})


def draw_grid_values(layout: Any, view: View, step_m: float) -> None:
    """Round coordinates along the west and south edge of the view, X north and Y east; on a key plan with their crosses."""
    west, south, east, north = view.window.bounds
    xs, ys = (np.arange(np.ceil(a / step_m) * step_m, b, step_m) for a, b in ((west, east), (south, north)))
    look = {"layer": layer_name("grid"), "style": standard()["style"]["name"]}
    for x, y in ((x, y) for x in xs for y in ys if view.strips):
        at, layer = view.paper((x, y)), {"layer": layer_name("grid")}
        layout.add_line((at[0] - 1.5, at[1]), (at[0] + 1.5, at[1]), dxfattribs=layer)
        layout.add_line((at[0], at[1] - 1.5), (at[0], at[1] + 1.5), dxfattribs=layer)
    for x in xs:
        at = view.paper((x, south)) + np.array([0.6, 1.0])
        layout.add_text(f"Y={x:.0f}", height=1.6, dxfattribs={**look, "insert": tuple(at)})
    for y in ys:
        at = view.paper((west, y)) + np.array([2.4, 0.6])
        layout.add_text(f"X={y:.0f}", height=1.6, rotation=90.0, dxfattribs={**look, "insert": tuple(at)})
