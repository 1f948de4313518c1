"""Events in the life of a scheme: planned, accepted, extended, withdrawn, superseded, built; only ever added to."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from gis.register.entries import Entry
from gis.versions.consent import LONGEST_REASON, person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Permit = Callable[[Sequence["SchemeEvent"], Sequence[Entry]], None]

Action = Literal["draft", "accept", "extend", "withdraw", "supersede", "built"]


@dataclass(frozen=True)
class Claim:
    """
    What one option of a scheme takes of the network.

    Attributes
    ----------
    kind
        tapoff | new-tap
    node_id, pipe_id, fraction
        Where the water leaves the model: a node, else the place on a pipe.
    flow_m3s
        Design flow.
    needed_head_m
        Head at the tie-in below which the site misses what was promised; None where nobody told.
    position
        Lon, lat of the tie-in (x, y without a coordinate system): where it is sought when a later version split the pipe.
    second_tapoff_id
        Tap-off of the second inlet; its water is the same water.
    """

    kind: str
    tapoff_id: str | None
    pipe_id: str | None
    node_id: str | None
    fraction: float
    flow_m3s: float
    needed_head_m: float | None
    position: tuple[float, float]
    second_tapoff_id: str | None = None

    @property
    def tapoff_ids(self) -> tuple[str, ...]:
        """Every tap-off it takes."""
        return tuple(name for name in (self.tapoff_id, self.second_tapoff_id) if name)


@dataclass(frozen=True)
class SchemeEvent:
    """
    One event.

    Attributes
    ----------
    day, recorded
        ISO date on which it counts; time at which it was written down.
    until
        Last day of the reservation that an acceptance or extension gives.
    option
        Which option of the scheme was accepted.
    claim, claims
        What an acceptance takes; of a draft what each option would take, in order.
    other
        The scheme that took its place, or whose place it took.
    override
        Why it was accepted although it does not hold what is asked.
    about
        Of a draft and an acceptance: name, total_cny, feasible, network_version.
    """

    event_id: str
    scheme_id: str
    action: Action
    day: str
    recorded: str
    by: str
    reason: str | None = None
    until: str | None = None
    option: int | None = None
    claim: Claim | None = None
    claims: tuple[Claim, ...] = ()
    other: str | None = None
    override: str | None = None
    about: Mapping[str, Any] | None = None


def scheme_event(
    scheme_id: str, action: Action, *, by: str | None, day: dt.date, reason: str | None = None, **told: Any
) -> SchemeEvent:
    """
    Give an event of `day`.

    Raises
    ------
    GisInputError
        `person-missing`, `person-name`.
    """
    plain = (reason or "").strip()[:LONGEST_REASON] or None
    content = {
        "scheme_id": scheme_id, "action": action, "day": day.isoformat(), "by": person(by, action), "reason": plain,
        "recorded": dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"), **told,
    }  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str).encode()
    return SchemeEvent(event_id=hashlib.blake2s(text, digest_size=6).hexdigest(), **content)


def event_document(event: SchemeEvent) -> dict[str, Any]:
    """Give an event as it is kept and answered."""
    return asdict(event)


def scheme_event_of(kept: Mapping[str, Any]) -> SchemeEvent | None:
    """Give an event as it was kept; fields of a later release are passed over, one without the needed ones is None."""
    told = {name: kept[name] for name in _NAMES if name in kept}
    try:
        told["claim"] = claim_of(told.get("claim"))
        told["claims"] = tuple(claim_of(one) for one in told.get("claims") or ())
        return SchemeEvent(**told)
    except (TypeError, KeyError, ValueError):
        return None


def claim_of(kept: Mapping[str, Any] | None) -> Any:
    """Give a claim as it was kept."""
    if kept is None:
        return None
    x, y = kept["position"]
    told: dict[str, Any] = {
        name: kept.get(name) if name == "second_tapoff_id" else kept[name] for name in _CLAIM
    }
    return Claim(**{**told, "position": (float(x), float(y))})


_NAMES = tuple(field.name for field in fields(SchemeEvent))
_CLAIM = tuple(field.name for field in fields(Claim))


def events_of(kept: Iterable[Mapping[str, Any]]) -> list[SchemeEvent]:
    """Give all events that can be read, as they were written."""
    return [event for one in kept if (event := scheme_event_of(one)) is not None]


def told_to_register(events: Iterable[SchemeEvent]) -> list[Entry]:
    """
    Give what the events mean for tap-offs, as entries of the register.

    An acceptance reserves, an extension reserves longer; a scheme that lets go has both undone. They stand in the
    journal of schemes alone, so that a scheme and its tap-off can never tell different stories.
    """
    entries: list[Entry] = []
    held: dict[str, list[Entry]] = {}
    for event in events:
        if event.action in {"accept", "extend"} and event.claim is not None:
            for place, tapoff_id in enumerate(event.claim.tapoff_ids):
                entry = _entry(event, "status", tapoff_id, place, status="reserved", until=event.until)
                held.setdefault(event.scheme_id, []).append(entry)
                entries.append(entry)
        elif event.action in {"withdraw", "supersede"}:
            let_go = held.pop(event.scheme_id, [])
            entries += [_entry(event, "undo", one.tapoff_id, undoes=one.entry_id) for one in let_go]
    return entries


def _entry(event: SchemeEvent, kind: Any, tapoff_id: str, place: int = 0, **told: Any) -> Entry:
    text = f"{event.event_id} {kind} {told.get('undoes')}{f' {place}' if place else ''}".encode()
    return Entry(
        entry_id=hashlib.blake2s(text, digest_size=6).hexdigest(), tapoff_id=tapoff_id, kind=kind, day=event.day,
        recorded=event.recorded, by=event.by, note=event.reason, scheme_id=event.scheme_id, **told,
    )  # fmt: skip
