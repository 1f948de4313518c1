"""Patch: the lanes and rungs of one window, noded and measured once, ready for any site and tie-in in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.ground import Home, Surroundings
from gis.ways.lanes import lay_rungs, lay_tracks
from gis.ways.reckoning import Stretches, measure
from gis.ways.segments import Segments, chains, crossing_pairs, cut, joined, meetings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.ways.ground import Ground
    from gis.ways.streets import Streets
    from gis.ways.terms import Terms
    from gis.ways.utilities import Utilities

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

NOBODY = Home(frozenset(), frozenset())


@dataclass(frozen=True)
class Patch:
    """
    What lies in a window, for every call.

    Attributes
    ----------
    segments, stretches
        Pieces of lanes, middles and rungs, each on one kind of ground, with what was measured of it for a site that is
        nobody's.
    is_track
        Whether a piece is of a lane or a middle; legs of sites and tie-ins join there.
    links
        Shape (k, 2): nodes of rungs and of tracks that are the same place; to go from one to the other is a bend.
    over_middle
        Pieces of rungs that end at the middle of a street: two of them cross it.
    """

    around: Surroundings
    segments: Segments
    stretches: Stretches
    is_track: NDArray[np.bool_]
    over_middle: NDArray[np.bool_]
    links: IntArray
    next_node: int
    tree: shapely.STRtree
    rows: IntArray


def make_patch(streets: Streets, ground: Ground, utilities: Utilities, window: Any, terms: Terms) -> Patch:
    """Lay lanes and rungs in a window, cut them where they meet and where the ground changes, measure them."""
    around = Surroundings(streets, ground, window, terms)
    tracks, areas = lay_tracks(around, terms)
    rungs = lay_rungs(around, areas, terms)
    laid, _, node = chains(rungs, first_node=tracks.next_node)
    one, other, t, u = meetings(tracks.segments, laid, crossing_pairs(tracks.segments, laid))
    met = tracks.middle[one]
    on_track, parents, track_nodes, node = cut(tracks.segments, one, t, next_node=node)
    on_rung, _, rung_nodes, node = cut(laid, other, u, next_node=node)
    links = np.column_stack([rung_nodes, track_nodes]).reshape(-1, 2)
    middle = np.concatenate([tracks.middle[parents], np.zeros(len(on_rung), dtype=bool)])
    is_track = np.arange(len(on_track) + len(on_rung)) < len(on_track)
    whole = joined([on_track, on_rung])
    segments, rows, node = around.cut(whole, next_node=node)
    over = np.isin(segments.tails, rung_nodes[met]) | np.isin(segments.heads, rung_nodes[met])
    lines = segments.lines
    stretches = measure(
        segments, around.places(segments.middles_xy), ground=ground, utilities=utilities,
        home=NOBODY, terms=terms, middle=middle[rows],
    )  # fmt: skip
    track_rows = np.flatnonzero(is_track[rows])
    return Patch(
        around, segments, stretches, is_track[rows], over & ~is_track[rows], links, node,
        shapely.STRtree(lines[track_rows]), track_rows,
    )  # fmt: skip
