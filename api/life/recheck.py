"""Is there still water for a scheme: the peak hour with all that was accepted since it was planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Any

from api.errors import ConflictError
from design.checks.option import neighbour_limit_m
from design.pressure.promised import shortfalls
from design.reservations import tie_in_of
from gis.errors import InputError
from hydraulics.pressure import check_connection

if TYPE_CHECKING:
    from collections.abc import Collection

    from api.settings import Settings
    from api.workbench import Workbench
    from design.reservations import Reservation
    from gis.claims.events import Claim
    from hydraulics.results import PressureCheck

    Benches = Callable[[Sequence[str]], AbstractContextManager[Workbench]]

SHOWN = 5
SAME_HEAD_M = 0.001


def recheck(
    benches: AbstractContextManager[Workbench], scheme_id: str, claim: Claim, *, counted: Collection[str]
) -> None:
    """
    Refuse a claim for which the network has no capacity left.

    Parameters
    ----------
    benches
        Opens the network with all other accepted schemes.
    counted
        Schemes whose demand was in the plan already: they are no rivals unless nobody else is.

    Raises
    ------
    ConflictError
        `scheme-capacity` with the rivals and what is missing; `scheme-outdated` where the tie-in is gone.
    """
    with benches as held, held.lock:
        city, rules = held.city, held.book.rules
        try:
            check = check_connection(
                city.session, tie_in_of(claim), flow_m3s=claim.flow_m3s, limit_m=neighbour_limit_m(rules)
            )
        except InputError as error:
            raise ConflictError("scheme-outdated", scheme=scheme_id, version=city.network.version) from error
        short = shortfalls(city, check)
        lacks = _lacks(claim, check)
    if not lacks and not short:
        return
    rivals = [one.reservation for one in short] or [
        one for one in city.reserved if one.scheme_id not in counted
    ]
    names = _names(rivals or list(city.reserved))
    first = (rivals or [*city.reserved])[0].scheme_id if rivals or city.reserved else "-"
    raise ConflictError(
        "scheme-capacity", scheme=scheme_id, rivals=names, rival=first, short_m=round(lacks, 2),
        below=len(check.newly_below), promised=len(short),
    )  # fmt: skip


def _lacks(claim: Claim, check: PressureCheck) -> float:
    """Head that is missing at the tie-in [m], or a token where only neighbours are hurt; 0 where all is well."""
    missing_m = 0.0 if claim.needed_head_m is None else claim.needed_head_m - check.tie_in_head_after_m
    if missing_m > SAME_HEAD_M:
        return missing_m
    return SAME_HEAD_M if check.newly_below or not check.converged else 0.0


def _names(rivals: Sequence[Reservation]) -> str:
    told = [f"{one.scheme_id} {one.name}".strip() for one in rivals[:SHOWN]]
    return "、".join(told) + (" …" if len(rivals) > SHOWN else "") or "-"


@contextmanager
def opened_with(settings: Settings | None, bench: Any, others: Sequence[str]) -> Iterator[Workbench]:
    """Give the network with these accepted schemes: the open bench where it has them, else one of its own."""
    from api.network.standing import as_it_stands, stamped
    from api.workbench import Workbench

    if bench is not None and [one.scheme_id for one in bench.reserved] == list(others):
        yield bench
        return
    wanted = settings or bench.settings
    network, mark, reserved = as_it_stands(wanted, None)
    kept = tuple(one for one in reserved if one.scheme_id in others)
    with closing(Workbench.of(wanted, stamped(network, kept), mark, kept)) as own:
        yield own
