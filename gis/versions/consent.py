"""A second person's consent: who may let a proposed version become the current one."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from gis.errors import GisInputError
from gis.versions.history import proposal_of, states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.versions.history import Event, Onto
    from gis.versions.removals import Removal

LONGEST_NAME = 80
LONGEST_REASON = 2000


def person(name: str | None, what: str) -> str:
    """
    Give a person's name as it is recorded.

    Raises
    ------
    GisInputError
        `person-missing` or `person-name` (too long, or signs no name has).
    """
    plain = " ".join(unicodedata.normalize("NFKC", name or "").split())
    if not plain:
        raise GisInputError("person-missing", what=what)
    if len(plain) > LONGEST_NAME or not plain.isprintable():
        raise GisInputError("person-name", name=plain[:LONGEST_NAME], longest=LONGEST_NAME)
    return plain


def stated(reason: str | None, what: str) -> str:
    """
    Give a reason as it is recorded.

    Raises
    ------
    GisInputError
        `reason-missing`; `reason-long`.
    """
    plain = (reason or "").strip()
    if not plain:
        raise GisInputError("reason-missing", what=what)
    if len(plain) > LONGEST_REASON:
        raise GisInputError("reason-long", longest=LONGEST_REASON)
    return plain


def same_person(one: str, other: str) -> bool:
    """Names are the same whatever their case, width and spaces."""
    return (
        unicodedata.normalize("NFKC", one).casefold().split()
        == unicodedata.normalize("NFKC", other).casefold().split()
    )


def require_pending(history: Sequence[Event], version: str) -> Event:
    """
    Give the proposal of a version that waits for consent.

    Raises
    ------
    GisInputError
        `version-not-pending`.
    """
    proposal = proposal_of(history, version)
    if proposal is None:
        raise GisInputError("version-not-pending", version=version)
    return proposal


def require_consent(history: Sequence[Event], version: str, *, by: str, current: str | None) -> None:
    """
    See that this person may let this version become current now.

    Raises
    ------
    GisInputError
        `version-not-pending`; `approve-self`: who proposed it may not; `proposal-outdated`: what is current has
        changed since, so that other things would disappear than those that were looked at.
    """
    proposal = require_pending(history, version)
    if same_person(proposal.get("by") or "", by):
        raise GisInputError("approve-self", version=version, name=by)
    if proposal["previous"] != current:
        raise GisInputError(
            "proposal-outdated", version=version, base=proposal["previous"], current=current or "-"
        )


def require_published(history: Sequence[Event], version: str) -> None:
    """
    See that nobody goes round the consent by rolling back to a version that never had it.

    Raises
    ------
    GisInputError
        `version-unapproved`.
    """
    ever = {e["version"] for e in history if e["action"] not in {"propose", "reject"}}
    if version not in ever and states(history).get(version, "published") != "published":
        raise GisInputError("version-unapproved", version=version)


def require_base(onto: Onto, current: str | None) -> None:
    """
    See that a change is made to what is still current.

    Raises
    ------
    GisInputError
        `current-moved`.
    """
    if onto.version != current:
        raise GisInputError("current-moved", base=onto.version, current=current or "-")


def removals_detail(removals: Sequence[Removal]) -> dict[str, Any]:
    """Give what a proposal is told of: the things that would disappear, by layer."""
    return {"removals": [{"layer": r.layer, "before": r.before, "removed": r.removed} for r in removals]}
