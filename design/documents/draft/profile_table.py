"""The table under a profile: chainage, distances, heights, cover, pipe and surface, one column a station."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from design.documents.draft.scales import chainage, spread
from design.documents.draft.stretch import ground_of
from design.documents.figures import figure
from design.documents.reading import pipe_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.documents.draft.draft import Draft
    from design.documents.draft.stretch import Stretch
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc, StationDoc

LABELS_MM = 34.0  # the column of row names and of the height axis
ROWS = ("profile-node", "profile-chainage", "profile-distance", "profile-ground", "profile-top", "profile-bottom",
        "profile-cover", "profile-pipe", "profile-surface")  # fmt: skip
ROW_MM = {
    "profile-chainage": 15.0,
    "profile-ground": 12.0,
    "profile-top": 12.0,
    "profile-bottom": 12.0,
    "profile-cover": 9.0,
}
KEYS = ("tie-in", "site", "bend", "crossing", "street", "match")
GAP_MM = 3.4


@dataclass(frozen=True)
class Scale:
    """Where a distance along the route and a height stand on paper; the drawing starts at `from_m` of the route."""

    left_mm: float
    bottom_mm: float
    per_m: float
    up_per_m: float
    lowest_m: float
    right_mm: float
    from_m: float = 0.0

    def at(self, along_m: float, height_m: float) -> tuple[float, float]:
        """Place on paper [mm]."""
        x = self.left_mm + (along_m - self.from_m) * self.per_m
        return x, self.bottom_mm - (height_m - self.lowest_m) * self.up_per_m


def table_height_mm() -> float:
    """Height of the whole table [mm]."""
    return sum(ROW_MM.get(row, 7.0) for row in ROWS)


def pipe_words(option: OptionDoc, words: Words) -> str:
    """Name and length of the new pipe."""
    return f"{pipe_name(option['service_pipe'], words)} L={figure(option['route']['length_m'], 'length')} m"


def draw_table(draft: Draft, option: OptionDoc, piece: Stretch, *, scale: Scale, words: Words) -> None:
    """Draw the table, its columns spread apart where stations stand close, each led up to its place."""
    kept = _kept(piece.stations, scale)
    xs = [scale.at(s["at_m"], 0.0)[0] for s in kept]
    labels = spread(xs, gap_mm=GAP_MM, room_mm=(LABELS_MM + 2.5, scale.right_mm - 2.5))
    y = scale.bottom_mm + 4.0
    for x, label_x, station in zip(xs, labels, kept, strict=True):
        draft.line(
            [scale.at(station["at_m"], ground_of(station)), (x, scale.bottom_mm), (label_x, y)], "grid"
        )
    for row in ROWS:
        height = ROW_MM.get(row, 7.0)
        draft.box(0.0, y, LABELS_MM, y + height, "thin", fill="#eef3f8")
        draft.box(LABELS_MM, y, scale.right_mm, y + height, "thin")
        draft.text(words(row), (LABELS_MM / 2, y + height / 2 + 0.9), height_mm=2.5, room_mm=LABELS_MM - 2.0)
        if row == "profile-surface":
            _surfaces(draft, piece, at_mm=(y, height), words=words, scale=scale)
        else:
            _row(
                draft,
                row,
                option,
                kept,
                labels=labels,
                at_mm=(y, height),
                words=words,
                right_mm=scale.right_mm,
            )
        y += height


def _kept(stations: Sequence[StationDoc], scale: Scale) -> list[StationDoc]:
    """Ends, bends and crossings always; the even stations only where there is room between them."""
    fixed = [s for s in stations if s["kind"] in KEYS]
    room = GAP_MM / scale.per_m
    extra = [
        s
        for s in stations
        if s["kind"] not in KEYS and all(abs(s["at_m"] - o["at_m"]) >= room for o in fixed)
    ]
    both = sorted([*fixed, *extra], key=lambda s: s["at_m"])
    most = int(scale.per_m * (stations[-1]["at_m"] - scale.from_m) / GAP_MM) + 3
    return both if len(both) <= most else sorted(fixed, key=lambda s: s["at_m"])[:most]


def _row(
    draft: Draft, row: str, option: OptionDoc, kept: Sequence[StationDoc], *, labels: Sequence[float],
    at_mm: tuple[float, float], words: Words, right_mm: float,
) -> None:  # fmt: skip
    y, height = at_mm
    if row == "profile-distance":
        for (x0, s0), (x1, s1) in zip(
            zip(labels, kept, strict=True), zip(labels[1:], kept[1:], strict=False), strict=False
        ):
            draft.line([(x0, y), (x0, y + height)], "grid")
            narrow, told = x1 - x0 < 6.0, figure(s1["at_m"] - s0["at_m"], "m")
            place = ((x0 + x1) / 2 + (0.7 if narrow else 0.0), y + height / 2 + (0.0 if narrow else 0.8))
            draft.text(
                told,
                place,
                height_mm=2.0,
                turn_deg=-90.0 if narrow else 0.0,
                room_mm=height - 0.6 if narrow else None,
            )
        draft.line([(labels[-1], y), (labels[-1], y + height)], "grid")
    elif row == "profile-pipe":
        draft.text(
            pipe_words(option, words),
            ((LABELS_MM + right_mm) / 2, y + height / 2 + 0.9),
            height_mm=2.4,
            room_mm=right_mm - LABELS_MM - 2.0,
        )
    else:
        for x, station in zip(labels, kept, strict=True):
            cell = _cell(row, station, words)
            turned = row != "profile-node"
            place = (x + (0.8 if turned else 0.0), y + height / 2 + (0.0 if turned else 0.8))
            draft.text(
                cell,
                place,
                height_mm=2.2,
                turn_deg=-90.0 if turned else 0.0,
                room_mm=height - 1.0 if turned else GAP_MM - 0.2,
            )


def _cell(row: str, station: StationDoc, words: Words) -> str:
    if row == "profile-node":
        return words(f"profile-kind-{station['kind']}")
    if row == "profile-chainage":
        return chainage(station["at_m"])
    value: Any = {
        "profile-ground": station["ground_m"], "profile-top": station["pipe_top_m"],
        "profile-bottom": station.get("pipe_bottom_m"), "profile-cover": station["cover_m"],
    }[row]  # fmt: skip
    return "—" if value is None else f"{value:.2f}"


def _surfaces(
    draft: Draft, piece: Stretch, *, at_mm: tuple[float, float], words: Words, scale: Scale
) -> None:
    """The surfaces one after the other along the route, each in its field."""
    y, height = at_mm
    for start_m, end_m, surface in piece.surfaces:
        x0, x1 = scale.at(start_m, 0.0)[0], scale.at(end_m, 0.0)[0]
        draft.line([(x1, y), (x1, y + height)], "grid")
        if x1 - x0 > 4.0:
            name = words.code("*", "surface", surface)
            draft.text(name, ((x0 + x1) / 2, y + height / 2 + 0.8), height_mm=2.2, room_mm=x1 - x0 - 0.6)
