"""Draws on the model space of a drawing in metres; texts and symbols are sized in millimetres of paper and keep apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from design.documents.dxf.sheet import layer_name, plain_text, standard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

XY = tuple[float, float]
_AROUND_MM = tuple(
    (side * reach, up * reach * 0.8)
    for reach in (9.0, 16.0, 26.0)
    for up in (1.0, -1.4)
    for side in (1.0, -1.0)
)

_LABELLED = {"LineString", "MultiLineString", "Polygon", "MultiPolygon"}


def grid_step_m(millimetre_m: float) -> int:
    """Distance between grid crosses [m]: a round one, at least 35 mm on paper."""
    return next((s for s in (10, 20, 50, 100, 200, 500, 1000) if s >= 35.0 * millimetre_m), 2000)


class Pen:
    """
    Draws on the model space.

    `millimetre_m` is a millimetre of paper in metres of the ground: 0.5 at 1:500. `taken` holds the ground under texts,
    `window` is the part of the ground that the sheet shows, `drawn` what lies on which layer.
    """

    def __init__(self, model: Any, millimetre_m: float, *, window: Any) -> None:
        self.model, self.millimetre, self.window = model, millimetre_m, window
        self.taken: list[Any] = []
        self.drawn: list[tuple[str, Any]] = []

    def near(self, table: Any) -> Any:
        """The rows of a table that reach into the window; None where there is none."""
        if table is None or len(table) == 0:
            return None
        return table.iloc[sorted(table.sindex.query(self.window, predicate="intersects"))]

    def seen(self, shape: Any) -> Any:
        """The part of a line or area that the sheet shows, for its label; all of it when it lies outside."""
        inside = shapely.intersection(shape, self.window)
        return shape if inside.is_empty or inside.geom_type not in _LABELLED else inside

    def lines(self, geometry: Any, *, key: str, width_mm: float = 0.0) -> None:
        """Every line and ring of a geometry as LWPOLYLINE."""
        attributes = {"layer": layer_name(key), "const_width": width_mm * self.millimetre}
        self.drawn.append((layer_name(key), geometry))
        for piece in shapely.get_parts(geometry):
            closed = piece.geom_type == "Polygon"
            for ring in [piece.exterior, *piece.interiors] if closed else [piece]:
                points = shapely.get_coordinates(ring)
                self.model.add_lwpolyline(
                    points[:-1] if closed else points, close=closed, dxfattribs=attributes
                )

    def symbol(self, name: str, at_xy: XY, *, key: str, values: Mapping[str, str] | None = None) -> None:
        """One block of the sheet, with its attributes."""
        size = {"xscale": self.millimetre, "yscale": self.millimetre, "layer": layer_name(key)}
        self.drawn.append((layer_name(key), shapely.Point(at_xy)))
        reference = self.model.add_blockref(name, at_xy, dxfattribs=size)
        if values:
            reference.add_auto_attribs({tag: plain_text(value) for tag, value in values.items()})

    def dimension(self, start: Any, end: Any) -> None:
        """An aligned dimension beside a leg [m]."""
        self.model.add_aligned_dim(
            p1=tuple(start), p2=tuple(end), distance=5.0 * self.millimetre, dimstyle="TW-DIM",
            dxfattribs={"layer": layer_name("dimensions")},
        ).render()  # fmt: skip
        along = np.asarray(end) - np.asarray(start)
        away = np.array([-along[1], along[0]]) / np.hypot(*along) * 5.0 * self.millimetre
        self.taken.append(shapely.LineString([start + away, end + away]).buffer(2.5 * self.millimetre))

    def text(
        self, words: str, at_xy: XY, *, key: str = "labels", height_mm: float = 2.5, turn_deg: float = 0.0
    ) -> None:
        """One line of text, its middle at `at_xy`, whatever stands there."""
        from ezdxf.enums import TextEntityAlignment

        attributes = {"layer": layer_name(key), "style": standard()["style"]["name"], "rotation": turn_deg}
        entity = self.model.add_text(
            plain_text(words), height=height_mm * self.millimetre, dxfattribs=attributes
        )
        entity.set_placement(at_xy, align=TextEntityAlignment.MIDDLE_CENTER)

    def label(
        self,
        words: str,
        places: Iterable[XY],
        *,
        key: str = "labels",
        height_mm: float = 2.5,
        turn_deg: float = 0.0,
    ) -> bool:
        """The text at the first of the places where nothing stands; False when there is none."""
        half_w, half_h = self._width_m(words, height_mm) / 2, height_mm * self.millimetre * 0.7
        for x, y in places:
            flat = shapely.box(x - half_w, y - half_h, x + half_w, y + half_h)
            ground = shapely.affinity.rotate(flat, turn_deg, origin=(x, y)) if turn_deg else flat
            if not any(ground.intersects(other) for other in self.taken):
                self.taken.append(ground)
                self.text(words, (x, y), key=key, height_mm=height_mm, turn_deg=turn_deg)
                return True
        return False

    def chainage(self, route: Any, *, every_m: float) -> None:
        """Ticks across a route with its chainage, at every round distance."""
        for at_m in np.arange(0.0, route.length, every_m):
            here = shapely.get_coordinates(route.interpolate(at_m))[0]
            ahead = shapely.get_coordinates(route.interpolate(at_m + 0.05))[0]
            way = (ahead - here) / (float(np.hypot(*(ahead - here))) or 1.0)
            across = np.array([-way[1], way[0]]) * self.millimetre
            self.model.add_line(
                here - across * 1.6, here + across * 1.6, dxfattribs={"layer": layer_name("chainage")}
            )
            turn = float(np.degrees(np.arctan2(across[1], across[0])))
            turn = turn - 180.0 if turn > 90.1 else turn + 180.0 if turn < -89.9 else turn
            spots = [tuple(here + across * side * 7.0) for side in (1.0, -1.0)]
            words = f"{int(at_m) // 1000}+{int(at_m) % 1000:03d}"
            self.label(words, spots, key="chainage", height_mm=1.8, turn_deg=turn)

    def grid(self, windows: Sequence[Any]) -> None:
        """Crosses at round coordinates inside the windows of the sheets, each once."""
        step, arm = grid_step_m(self.millimetre), 1.5 * self.millimetre
        places = set()
        for window in windows:
            west, south, east, north = window.bounds
            xs, ys = (np.arange(np.ceil(a / step) * step, b, step) for a, b in ((west, east), (south, north)))
            places |= {(float(x), float(y)) for x in xs for y in ys}
        for x, y in sorted(places):
            self.model.add_line((x - arm, y), (x + arm, y), dxfattribs={"layer": layer_name("grid")})
            self.model.add_line((x, y - arm), (x, y + arm), dxfattribs={"layer": layer_name("grid")})

    def note(self, at_xy: XY, lines: Sequence[str], *, height_mm: float = 2.2) -> None:
        """A leader from a point to lines of text, where there is room; the first place when there is none."""
        width = max(self._width_m(line, height_mm) for line in lines) + self.millimetre
        spots = [
            (at_xy[0] + dx * self.millimetre, at_xy[1] + dy * self.millimetre, dx) for dx, dy in _AROUND_MM
        ]
        grounds = [
            self._note_ground(x, y, side_x=side, width_m=width, count=len(lines)) for x, y, side in spots
        ]
        free = (n for n, g in enumerate(grounds) if not any(g.intersects(other) for other in self.taken))
        best = next(free, 0)
        self.taken.append(grounds[best])
        x, y, side = spots[best]
        left = x if side > 0 else x - width
        far = x + width if side > 0 else left
        self.model.add_lwpolyline([at_xy, (x, y), (far, y)], dxfattribs={"layer": layer_name("labels")})
        for number, line in enumerate(lines):
            self._note_line(
                line, (left + 0.5 * self.millimetre, y + (0.8 - 3.4 * number) * self.millimetre), height_mm
            )

    def _note_ground(self, x: float, y: float, *, side_x: float, width_m: float, count: int) -> Any:
        left = x if side_x > 0 else x - width_m
        return shapely.box(
            left, y - (3.4 * count - 2.6) * self.millimetre, left + width_m, y + 3.6 * self.millimetre
        )

    def _note_line(self, words: str, at_xy: XY, height_mm: float) -> None:
        attributes = {"layer": layer_name("labels"), "style": standard()["style"]["name"]}
        entity = self.model.add_text(
            plain_text(words), height=height_mm * self.millimetre, dxfattribs=attributes
        )
        entity.set_placement(at_xy)

    def _width_m(self, words: str, height_mm: float) -> float:
        """How wide a text runs in SimHei: full-width signs an em and a quarter of the cap height, others 0.7."""
        return sum(1.25 if ord(c) > 0x2E7F else 0.7 for c in words) * height_mm * self.millimetre
