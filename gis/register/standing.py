"""What a tap-off is today: the imported state, then every visit and decision since, in order of day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gis.register.entries import Entry

Condition = Literal["fit", "blocked", "not-found"]
Use = Literal["free", "reserved", "used"]


@dataclass(frozen=True)
class Standing:
    """
    A tap-off's condition and use, which are independent: a reserved one may turn out to be blocked.

    `basis` is the entry that made it so last, None where the import alone did; `reserved_by` who reserved it.
    """

    condition: Condition = "fit"
    use: Use = "free"
    until: str | None = None
    reserved_by: str | None = None
    last_visit: str | None = None
    seen: bool = False
    basis: Entry | None = None

    @property
    def status(self) -> str:
        """One word for both: a used one is used whatever its condition, what cannot be used is not reserved."""
        if self.use == "used":
            return "used"
        return self.use if self.condition == "fit" else self.condition


def imported(status: str, *, until: str | None, last_visit: str | None, today: str) -> Standing:
    """Give the state of the source; a reservation whose last day has passed is over."""
    if status in {"blocked", "not-found"}:
        return Standing(condition="blocked" if status == "blocked" else "not-found", last_visit=last_visit)
    if status == "reserved" and not (until and until < today):
        return Standing(use="reserved", until=until, last_visit=last_visit)
    return Standing(use="used" if status == "used" else "free", last_visit=last_visit)


def standing(
    status: str, entries: Iterable[Entry], *, until: str | None, last_visit: str | None, today: str
) -> Standing:
    """
    Give the state on the day `today` (ISO).

    Parameters
    ----------
    status, until, last_visit
        Of the source. What it says is as old as its last visit: entries of before that day do not count, those of
        the same day and later do. Without a date the source is older than every entry.
    entries
        Those in force, in order (gis.register.entries.in_force).
    """
    now = imported(status, until=until, last_visit=last_visit, today=today)
    for entry in entries:
        if last_visit is None or entry.day >= last_visit:
            now = _visited(now, entry) if entry.kind == "visit" else _decided(now, entry, today)
    return now


def _visited(now: Standing, entry: Entry) -> Standing:
    """What is not found or does not turn cannot be used; what is there and turns can be again."""
    condition: Condition = now.condition
    if not entry.found:
        condition = "not-found"
    elif entry.valve == "stuck":
        condition = "blocked"
    elif entry.valve == "turns" or condition == "not-found":
        condition = "fit"
    basis = entry if condition != now.condition else now.basis
    return replace(now, condition=condition, last_visit=entry.day, seen=bool(entry.found), basis=basis)


def _decided(now: Standing, entry: Entry, today: str) -> Standing:
    if entry.status == "reserved":
        if entry.until is not None and entry.until < today:
            # over: whoever had it reserved before has let it go too, but what was built meanwhile stays built
            over = now.use == "reserved"
            return replace(now, use="free", until=None, reserved_by=None, basis=entry) if over else now
        return replace(now, use="reserved", until=entry.until, reserved_by=entry.by, basis=entry)
    if entry.status == "used":
        return replace(now, use="used", until=None, reserved_by=None, basis=entry)
    if entry.status == "free":
        return replace(now, condition="fit", use="free", until=None, reserved_by=None, basis=entry)
    return replace(now, condition="blocked" if entry.status == "blocked" else "not-found", basis=entry)
