"""What people call coordinate systems: codes, names of web maps, names of grid files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gis.crs import parse_crs
from gis.frames.frame import Frame, plain_frame, web_map_frame
from gis.frames.gridfile import read_grid_file

if TYPE_CHECKING:
    from pathlib import Path

    from gis.frames.gcj import Shifted

WEB_MAPS: dict[str, Shifted] = {
    "gcj02": "GCJ-02", "火星坐标": "GCJ-02", "火星坐标系": "GCJ-02", "高德坐标": "GCJ-02", "bd09": "BD-09", "bd09ll": "BD-09", "百度坐标": "BD-09",
    "百度坐标系": "BD-09",
}  # fmt: skip


def parse_frame(text: str | None, *, folder: Path | None = None) -> Frame | None:
    """
    Give the frame of a code, WKT, `GCJ-02`, `BD-09` or the name of a grid file; None stays None (local plane).

    `folder` is where a grid file's name is looked up; None where files may not be named, as over HTTP.

    Raises
    ------
    GisInputError
        `crs-unknown`, `crs-legacy-datum`; those of `read_grid_file`.
    """
    if text is None or not text.strip():
        return None
    word = re.sub(r"[\s_\-]", "", text).casefold()
    if word in WEB_MAPS:
        return web_map_frame(WEB_MAPS[word])
    if folder is not None and text.strip().lower().endswith(".toml"):
        return read_grid_file(folder / text.strip())
    crs = parse_crs(text)
    return None if crs is None else plain_frame(crs)
