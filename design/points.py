"""Points of connection within reach: free reserved tap-offs first, then allowed mains; the others keep their reason."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from design.errors import RequestError
from design.sizing.series import nominal_dn
from design.works.tapping import allowed_mains, refusal
from gis.files.shipped import shipped_table
from gis.messages import Text
from gis.ways.others import Differing
from hydraulics.results import TieIn

if TYPE_CHECKING:
    from design.alternatives.value import Score
    from design.city import City
    from design.rules.ruleset import RuleSet


@dataclass(frozen=True)
class Search:
    """How far and how widely to look: data/search.toml."""

    steps_m: tuple[float, ...]
    routes: Differing
    outside_m: float
    tapoffs_count: int
    mains_count: int
    tapoff_first_m: float
    spare_options: int
    trials_count: int
    marginal_m: float


@cache
def search_defaults() -> Search:
    """The shipped search widths."""
    table = shipped_table("design", "search.toml")
    reach, ranking = table["reach"], table["ranking"]
    steps_m = tuple(float(step) for step in reach["steps_m"])
    return Search(**{**reach, "steps_m": steps_m}, **ranking, routes=Differing(count=1, **table["routes"]))


@dataclass(frozen=True)
class ConnectionPoint:
    """
    Where the service pipe could leave the network.

    Attributes
    ----------
    dn
        Largest branch the point can take: the stub's own size, or the main's.
    distance_m
        Straight line to the site: the lower bound of any route.
    origin
        Of a tap-off: `derived` where no register tells of it, only the drawing.
    """

    kind: Literal["tapoff", "new-tap"]
    tapoff_id: str | None
    pipe_id: str | None
    pipe_dn: int
    pipe_material: str
    pipe_role: str
    node_id: str | None
    fraction: float
    dn: int
    position_xy: tuple[float, float]
    cover_depth_m: float | None
    valve_id: str | None
    status: str | None
    confidence: str
    distance_m: float
    origin: str | None = None

    @property
    def is_derived(self) -> bool:
        """A place in the drawing that looks like a tap-off and that nobody has registered."""
        return self.origin == "derived"

    @property
    def tie_in(self) -> TieIn:
        """Where the demand enters the model: the stub's end node, or the place on the main."""
        if self.node_id is not None:
            return TieIn(node_id=self.node_id)
        return TieIn(pipe_id=self.pipe_id, fraction=self.fraction)

    @property
    def key(self) -> tuple[str, str]:
        """What makes two points the same."""
        return self.kind, self.tapoff_id or self.pipe_id or ""


@dataclass(frozen=True)
class Way:
    """
    One of the routes of a point of connection.

    Attributes
    ----------
    number
        1 is the cheapest as routes are compared; None for a route that is none.
    asked
        By which question it was found, as the end of a key of `route.ask-…`; empty for the cheapest.
    how
        Along what it runs, in words.
    line
        In the working CRS, from tie-in to site.
    """

    number: int | None
    asked: str
    how: Text
    line: Any
    length_m: float


@dataclass(frozen=True)
class Rejected:
    """A point that lost, or one of its routes (`way`), and why; `score` where it could be built."""

    point: ConnectionPoint
    reason: Text
    score: Score | None = None
    way: Way | None = None


def points_near(
    site_xy: tuple[float, float], *, city: City, rules: RuleSet, branch_dn: int, wanted: int, search: Search
) -> tuple[list[ConnectionPoint], list[Rejected]]:
    """
    Give usable points, nearest first within their kind, and the nearer ones that cannot be used.

    Raises
    ------
    RequestError
        `site-outside`: the site lies outside the network's extent and no pipe is within `search.outside_m`.
    """
    nearest = city.mains.near(site_xy, count=1, within_m=math.inf)
    gap_m = nearest[0].distance_m if nearest else math.inf
    if gap_m > search.outside_m and not (math.isfinite(gap_m) and city.surrounds(*site_xy)):
        raise RequestError(
            "site-outside", reach_m=round(search.outside_m), x=round(site_xy[0], 2), y=round(site_xy[1], 2)
        )
    points: list[ConnectionPoint] = []
    rejected: list[Rejected] = []
    for reach_m in (*search.steps_m, max(search.outside_m, 2.0 * gap_m)):
        tapoffs, lost_tapoffs = _tapoffs(
            site_xy, city=city, reach_m=reach_m, branch_dn=branch_dn, search=search
        )
        mains, lost_mains = _mains(
            site_xy, city=city, rules=rules, reach_m=reach_m, branch_dn=branch_dn, search=search
        )
        points, rejected = tapoffs + mains, lost_tapoffs + lost_mains
        if len(points) >= wanted:
            break
    return points, rejected


def _tapoffs(
    site_xy: tuple[float, float], *, city: City, reach_m: float, branch_dn: int, search: Search
) -> tuple[list[ConnectionPoint], list[Rejected]]:
    good: list[ConnectionPoint] = []
    lost: list[Rejected] = []
    for hit in city.tapoffs.near(site_xy, count=2 * search.tapoffs_count, within_m=reach_m, status=None):
        point = tapoff_point(city.network.tapoffs.iloc[hit.row], hit.distance_m, city)
        reason = tapoff_reason(point, branch_dn, city)
        if reason is not None:
            lost.append(Rejected(point, reason))
        elif len(good) < search.tapoffs_count:
            good.append(point)
    return good, lost


def tapoff_reason(point: ConnectionPoint, branch_dn: int, city: City) -> Text | None:
    """Why a tap-off cannot be used; None where it can."""
    name = point.tapoff_id or ""
    if point.status != "free":
        return Text("design", f"reason.tapoff-{point.status}", {"tapoff": name})
    if not point.dn:
        return Text("design", "reason.tapoff-size-unknown", {"tapoff": name})
    if point.dn < branch_dn:
        return Text("design", "reason.tapoff-small", {"tapoff": name, "dn": point.dn, "needed_dn": branch_dn})
    if point.node_id is None or not city.is_fed(point.node_id):
        return Text("design", "reason.tapoff-dry", {"tapoff": name})
    return None


def tapoff_point(row: Any, distance_m: float, city: City) -> ConnectionPoint:
    """A row of the tap-offs as a point of connection."""
    pipe = city.pipe_row(row["pipe_id"])
    return ConnectionPoint(
        kind="tapoff", tapoff_id=str(row["tapoff_id"]), pipe_id=_text(row["pipe_id"]),
        pipe_dn=_whole(row["pipe_dn"]) or (_whole(pipe["dn"]) if pipe is not None else 0),
        pipe_material=str(pipe["material"]) if pipe is not None else "unknown",
        pipe_role=str(pipe["role"]) if pipe is not None else "distribution",
        node_id=_text(row["node_id"]), fraction=0.0, dn=_whole(row["dn"]),
        position_xy=(row.geometry.x, row.geometry.y), cover_depth_m=_number(row["cover_depth_m"]),
        valve_id=_text(row["valve_id"]), status=str(row["status"]), confidence=str(row["confidence"]),
        distance_m=distance_m, origin=str(row["origin"]),
    )  # fmt: skip


def _mains(
    site_xy: tuple[float, float],
    *,
    city: City,
    rules: RuleSet,
    reach_m: float,
    branch_dn: int,
    search: Search,
) -> tuple[list[ConnectionPoint], list[Rejected]]:
    allowed, reasons = city.once(
        ("mains", branch_dn, rules.mark),
        lambda: allowed_mains(
            city.network.pipes, branch_dn_min=branch_dn, rules=rules, stub_nodes=city.stub_nodes
        ),
    )
    good_hits = city.mains.near(site_xy, count=search.mains_count, within_m=reach_m, allowed=allowed)
    good = [main_point(hit, city) for hit in good_hits if city.can_tap(hit.row)]
    farthest_m = good[0].distance_m if good else reach_m
    lost = [
        Rejected(main_point(hit, city), refusal(reasons[hit.row], pipe_id=hit.pipe_id))
        for hit in city.mains.near(site_xy, count=search.mains_count, within_m=farthest_m)
        if not allowed[hit.row]
    ]
    return good, lost


def main_point(hit: Any, city: City) -> ConnectionPoint:
    """A place on a main as a point of connection."""
    pipe = city.network.pipes.iloc[hit.row]
    return ConnectionPoint(
        kind="new-tap", tapoff_id=None, pipe_id=hit.pipe_id, pipe_dn=_whole(pipe["dn"]),
        pipe_material=str(pipe["material"]), pipe_role=str(pipe["role"]), node_id=None, fraction=hit.fraction,
        dn=nominal_dn(_whole(pipe["dn"]), str(pipe["material"])), position_xy=hit.position_xy, cover_depth_m=_number(pipe["cover_depth_m"]),
        valve_id=None, status=None, confidence=str(pipe["dn_confidence"]), distance_m=hit.distance_m,
    )  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)


def _whole(value: Any) -> int:
    return 0 if value is None or pd.isna(value) else int(value)


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
