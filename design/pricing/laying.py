"""Planned pipes priced 计划管段计价: trench, backfill, surface and pipe of main-laying works, outside any connection scheme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from design.pricing.catalogue import PriceCatalogue
from design.pricing.policy import Policy
from design.pricing.quantity import Quantity, basis, rounded
from design.pricing.quote import Quote, price_quantities
from design.rules.ruleset import RuleSet
from design.works.digging import GroundConditions, plan_trench, trench_volumes_m3

CONFINED = frozenset({"asphalt", "concrete", "paving-brick", "gravel"})


@dataclass(frozen=True)
class PlannedPipe:
    """
    A pipe to be laid; `item` is its price in the catalogue.

    `depth_m` is that of the trench where the plan states it, else it follows from `cover_m`.
    """

    pipe_id: str
    item: str
    outer_diameter_m: float
    length_m: float
    cover_m: float
    surface: str = "asphalt"
    depth_m: float | None = None
    soil: str | None = None


@dataclass(frozen=True)
class PlannedPiece:
    """A thing counted by the piece: a connection, a valve, a hydrant."""

    piece_id: str
    item: str
    count: int = 1


@dataclass(frozen=True)
class PricedWorks:
    """A quote of planned works; `left_out` are the quantities the catalogue has no price for: told, never guessed."""

    quote: Quote
    pipes: tuple[PlannedPipe, ...]
    pieces: tuple[PlannedPiece, ...]
    left_out: tuple[Quantity, ...]

    @property
    def length_m(self) -> float:
        """Length of all pipes [m]."""
        return sum(pipe.length_m for pipe in self.pipes)


def price_planned(
    pipes: Sequence[PlannedPipe], pieces: Sequence[PlannedPiece], *, catalogue: PriceCatalogue, policy: Policy,
    rules: RuleSet,
) -> PricedWorks:  # fmt: skip
    """
    Price planned works by any catalogue: quantities of one item are added over all pipes, rounded once, then priced.

    Raises
    ------
    DesignDataError
        `soil-unknown`: a soil the rules have no class for.
    """
    amounts: dict[str, float] = {}
    for pipe in pipes:
        for code, amount in _amounts(pipe, rules):
            amounts[code] = amounts.get(code, 0.0) + amount
    for piece in pieces:
        amounts[piece.item] = amounts.get(piece.item, 0.0) + piece.count
    told = basis("planned", pipes=len(pipes), length=sum(pipe.length_m for pipe in pipes))
    quantities = [
        Quantity(code, rounded(amount), "outside-red-line", told)
        for code, amount in amounts.items()
        if amount > 0.0
    ]
    known = [quantity for quantity in quantities if quantity.code in catalogue.items]
    quote = price_quantities(known, catalogue, policy, fees=catalogue.fees)
    left = tuple(quantity for quantity in quantities if quantity.code not in catalogue.items)
    return PricedWorks(quote, tuple(pipes), tuple(pieces), left)


def _amounts(pipe: PlannedPipe, rules: RuleSet) -> Iterable[tuple[str, float]]:
    outer_m, bedding_m = pipe.outer_diameter_m, rules.value("trench-bedding").value
    cover_m = pipe.cover_m if pipe.depth_m is None else pipe.depth_m - outer_m - bedding_m
    trench = plan_trench(
        outer_m, cover_depth_m=cover_m, rules=rules, confined=pipe.surface in CONFINED,
        ground=None if pipe.soil is None else GroundConditions(pipe.soil),
    )  # fmt: skip
    volumes = trench_volumes_m3(trench, length_m=pipe.length_m, outer_diameter_m=outer_m)
    yield "040101002", volumes["excavation"]
    yield "trench-bottom", trench.width_m * pipe.length_m
    yield "bedding-sand", volumes["bedding"]
    yield "040103001", volumes["backfill"]
    yield "040103002", volumes["spoil"]
    if trench.support == "sheeting":
        yield "sheeting", 2.0 * trench.depth_m * pipe.length_m
    if pipe.surface in CONFINED:
        yield f"041001001-{pipe.surface}", trench.top_width_m * pipe.length_m
        yield f"restore-{pipe.surface}", trench.top_width_m * pipe.length_m
    yield pipe.item, pipe.length_m
    for code in ("test-large", "flush-disinfect", "marker-tape"):
        yield code, pipe.length_m
