"""Entries of the tap-off register: a visit, a decision, or the undoing of one; only ever added to."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from gis.errors import GisInputError
from gis.versions.consent import LONGEST_REASON, person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Allow = Callable[[Sequence["Entry"]], None]

Kind = Literal["visit", "status", "undo"]
VALVES = ("turns", "stuck")
HIGHEST_MPA = 4.0  # no distribution main is tested to more
STATUSES = ("free", "reserved", "used", "blocked", "not-found")


@dataclass(frozen=True)
class Entry:
    """
    One entry about one tap-off.

    Attributes
    ----------
    day
        ISO date on which it was so; `recorded` is the time at which it was written down.
    found, valve, pressure_mpa, photo, photo_hash
        What a visit saw: there or not, `turns` or `stuck`, the gauge, the name of a photo and its SHA-256.
    status, until
        What a decision says; `until` is the last day of a reservation.
    undoes
        Id of the entry that an undoing takes back.
    scheme_id
        The scheme that a decision serves, where it does.
    """

    entry_id: str
    tapoff_id: str
    kind: Kind
    day: str
    recorded: str
    by: str
    found: bool | None = None
    valve: str | None = None
    pressure_mpa: float | None = None
    photo: str | None = None
    photo_hash: str | None = None
    note: str | None = None
    status: str | None = None
    until: str | None = None
    undoes: str | None = None
    scheme_id: str | None = None


def visit(
    tapoff_id: str, *, by: str | None, day: dt.date, today: dt.date, found: bool, valve: str | None = None,
    pressure_mpa: float | None = None, photo: tuple[str, str] | None = None, note: str | None = None,
) -> Entry:  # fmt: skip
    """
    Give the entry of a visit of `day`; `photo` is a name with its hash.

    Raises
    ------
    GisInputError
        `person-…`, `day-future`, `visit-valve` (a valve that was seen at a tap-off that was not), `visit-pressure`,
        `note-long`.
    """
    if valve is not None and valve not in VALVES:
        raise GisInputError("visit-valve", value=valve, known=", ".join(VALVES))
    if not found and (valve is not None or pressure_mpa is not None):
        raise GisInputError("visit-unseen", tapoff=tapoff_id)
    if pressure_mpa is not None and not (math.isfinite(pressure_mpa) and 0.0 <= pressure_mpa <= HIGHEST_MPA):
        raise GisInputError("visit-pressure", value=pressure_mpa, highest=HIGHEST_MPA)
    name, digest = photo or (None, None)
    return _made(
        tapoff_id, "visit", by=by, day=day, today=today, note=note, found=found, valve=valve,
        pressure_mpa=pressure_mpa, photo=name, photo_hash=digest,
    )  # fmt: skip


def decision(
    tapoff_id: str, status: str, *, by: str | None, day: dt.date, today: dt.date, until: dt.date | None = None,
    note: str | None = None, scheme_id: str | None = None,
) -> Entry:  # fmt: skip
    """
    Give the entry of a decision; a reservation has its last day, no other status has one.

    Raises
    ------
    GisInputError
        `person-…`, `day-future`, `status-unknown`, `until-missing`, `until-needless`, `until-past`, `note-long`.
    """
    if status not in STATUSES:
        raise GisInputError("status-unknown", value=status, known=", ".join(STATUSES))
    if status == "reserved" and until is None:
        raise GisInputError("until-missing", tapoff=tapoff_id)
    if status != "reserved" and until is not None:
        raise GisInputError("until-needless", status=status)
    if until is not None and until < today:
        raise GisInputError("until-past", until=until.isoformat())
    ends = None if until is None else until.isoformat()
    return _made(
        tapoff_id, "status", by=by, day=day, today=today, note=note, status=status, until=ends,
        scheme_id=scheme_id,
    )  # fmt: skip


def undoing(entry: Entry, *, by: str | None, today: dt.date, note: str | None) -> Entry:
    """
    Give the entry that takes another back; both stay.

    Raises
    ------
    GisInputError
        `person-…`; `reason-missing` without a note; `note-long`.
    """
    if not (note or "").strip():
        raise GisInputError("reason-missing", what="undo")
    return _made(entry.tapoff_id, "undo", by=by, day=today, today=today, note=note, undoes=entry.entry_id)


def _made(
    tapoff_id: str, kind: Kind, *, by: str | None, day: dt.date, today: dt.date, note: str | None, **told: Any
) -> Entry:
    if day > today:
        raise GisInputError("day-future", day=day.isoformat(), today=today.isoformat())
    plain = (note or "").strip() or None
    if plain is not None and len(plain) > LONGEST_REASON:
        raise GisInputError("reason-long", longest=LONGEST_REASON)
    content = {
        "tapoff_id": tapoff_id, "kind": kind, "day": day.isoformat(), "by": person(by, kind), "note": plain,
        "recorded": dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"), **told,
    }  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return Entry(entry_id=hashlib.blake2s(text, digest_size=6).hexdigest(), **content)


def document(entry: Entry) -> dict[str, Any]:
    """Give an entry as it is kept and answered."""
    return asdict(entry)


def entry_of(kept: Mapping[str, Any]) -> Entry | None:
    """Give an entry as it was kept; fields of a later release are passed over, one without the needed ones is None."""
    try:
        return Entry(**{name: kept[name] for name in _NAMES if name in kept})
    except TypeError:
        return None


_NAMES = tuple(field.name for field in fields(Entry))


def entries_of(kept: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Give all entries that can be read, as they were written."""
    return [entry for one in kept if (entry := entry_of(one)) is not None]


def in_force(entries: Iterable[Entry]) -> list[Entry]:
    """Give the visits and decisions that were not taken back, in order of day and then of writing."""
    known = sorted(entries, key=lambda entry: entry.recorded)
    undone: set[str] = set()
    for entry in reversed(known):  # an undoing that was itself undone takes nothing back
        if entry.kind == "undo" and entry.undoes is not None and entry.entry_id not in undone:
            undone.add(entry.undoes)
    kept = [entry for entry in known if entry.kind != "undo" and entry.entry_id not in undone]
    return sorted(kept, key=lambda entry: (entry.day, entry.recorded))


def undone_by(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Give, by the id of an entry that was taken back, the undoing that holds."""
    known = sorted(entries, key=lambda entry: entry.recorded)
    found: dict[str, Entry] = {}
    for entry in reversed(known):
        if entry.kind == "undo" and entry.undoes is not None and entry.entry_id not in found:
            found[entry.undoes] = entry
    return found
