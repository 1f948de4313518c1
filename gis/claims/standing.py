"""How a scheme stands on a day: draft, accepted, expired, withdrawn, superseded or built."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from gis.claims.events import Claim, SchemeEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

State = Literal["draft", "accepted", "expired", "withdrawn", "superseded", "built"]


@dataclass(frozen=True)
class SchemeStanding:
    """
    A scheme on a day.

    Attributes
    ----------
    until
        Last day of the reservation.
    claim
        What it holds, or held last.
    claims
        What each of its options would take, where it was planned here.
    since
        Time of the event that made it so.
    planned
        Time of its first event.
    """

    scheme_id: str
    state: State
    since: str
    by: str
    until: str | None = None
    option: int | None = None
    claim: Claim | None = None
    claims: tuple[Claim, ...] = ()
    other: str | None = None
    override: str | None = None
    about: Mapping[str, Any] | None = None
    planned: str = ""

    @property
    def is_live(self) -> bool:
        """Tap-off and capacity are held."""
        return self.state == "accepted"


_STATES: dict[str, State] = {
    "accept": "accepted", "extend": "accepted", "withdraw": "withdrawn", "supersede": "superseded", "built": "built",
}  # fmt: skip


def standings(events: Iterable[SchemeEvent], *, today: str) -> dict[str, SchemeStanding]:
    """
    Give every scheme by id on the day `today` (ISO), in the order in which they were first told of.

    Events count in the order in which they were written, not by their clocks, which may differ between machines.
    """
    found: dict[str, SchemeStanding] = {}
    for event in events:
        found[event.scheme_id] = _after(found.get(event.scheme_id), event)
    return {name: _on(standing, today) for name, standing in found.items()}


def live(events: Iterable[SchemeEvent], *, today: str) -> list[SchemeStanding]:
    """Give the schemes that hold tap-off and capacity on that day: accepted, not over, not built."""
    return [standing for standing in standings(events, today=today).values() if standing.is_live]


def _after(now: SchemeStanding | None, event: SchemeEvent) -> SchemeStanding:
    if now is None:
        now = SchemeStanding(event.scheme_id, "draft", event.recorded, event.by, planned=event.recorded)
    if event.action == "draft":
        return replace(now, claims=event.claims or now.claims, about=event.about or now.about)
    return replace(
        now, state=_STATES[event.action], since=event.recorded, by=event.by,
        until=event.until if event.action in {"accept", "extend"} else now.until,
        option=event.option or now.option, claim=event.claim or now.claim, other=event.other or now.other,
        override=event.override if event.action == "accept" else now.override, about=event.about or now.about,
    )  # fmt: skip


def _on(standing: SchemeStanding, today: str) -> SchemeStanding:
    over = standing.state == "accepted" and standing.until is not None and standing.until < today
    return replace(standing, state="expired") if over else standing
