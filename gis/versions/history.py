"""
The history of a workspace: every proposal, consent and change of the current version, only ever added to.

Which versions wait for a second person's consent, and which were refused it, is read from the history alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Action = Literal["import", "propose", "approve", "reject", "rollback", "asbuilt", "copy"]
State = Literal["published", "pending", "rejected"]
Event = dict[str, Any]
FIELDS = ("when", "action", "version", "previous", "reason", "by", "details")


def event(
    action: Action, version: str, *, previous: str | None, reason: str | None = None, by: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Event:  # fmt: skip
    """Give one entry of now; `previous` is the version that was current, `details` what the action adds."""
    when = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    return {
        "when": when, "action": action, "version": version, "previous": previous, "reason": reason, "by": by,
        "details": dict(details) if details else None,
    }  # fmt: skip


@dataclass(frozen=True)
class Onto:
    """A change of one version: which it was made from, and what the history tells of it."""

    version: str
    action: Action
    details: Mapping[str, Any]


def imported(
    version: str, onto: Onto | None, *, previous: str | None, reason: str | None, by: str | None
) -> Event:
    """Give the entry of a version that becomes current: an import, or a change of the one before."""
    action: Action = "import" if onto is None else onto.action
    details = None if onto is None else onto.details
    return event(action, version, previous=previous, reason=reason, by=by, details=details)


def states(history: Iterable[Event]) -> dict[str, State]:
    """
    Give the state of every version the history names; one it does not name was copied or is older: published.

    A published version that is proposed again (its content was imported again) is pending; refused again it is
    what it was before.
    """
    found: dict[str, State] = {}
    published = set()
    for entry in history:
        version, action = entry["version"], entry["action"]
        if action == "propose":
            found[version] = "pending"
        elif action == "reject":
            found[version] = "published" if version in published else "rejected"
        else:
            found[version] = "published"
            published.add(version)
    return found


def proposal_of(history: Iterable[Event], version: str) -> Event | None:
    """Give the latest proposal of a version while it is pending, else None."""
    last = None
    for entry in history:
        if entry["version"] == version:
            last = entry
    return last if last is not None and last["action"] == "propose" else None


def settled(entry: Mapping[str, Any]) -> Event:
    """Give an entry with every field; those of an earlier release lack some."""
    return {name: entry.get(name) for name in FIELDS}
