"""Limits of delivered files, from data/limits.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from gis.files.shipped import shipped_table


@dataclass(frozen=True)
class FileLimits:
    """
    What a file may hold at most.

    Attributes
    ----------
    farthest_m
        From the middle of the network.
    widest_m, largest_m
        Extent of a drawing and its largest coordinate, beyond which it is not in metres.
    coarse_deg, coarse_m
        Coordinates that are all whole multiples of it are too coarse for pipes.
    """

    shapefile_part_bytes: int
    json_bytes: int
    most_vertices: int
    most_cells: int
    most_unpacked_bytes: int
    longest_characters: int
    sample_characters: int
    farthest_m: float
    coarse_deg: float
    coarse_m: float
    widest_m: float
    largest_m: float


@cache
def load_file_limits() -> FileLimits:
    """Read data/limits.toml."""
    document = shipped_table("gis", "limits.toml")
    return FileLimits(**{name: value for table in document.values() for name, value in table.items()})
