"""Why a scheme cannot be accepted now: its state, a rival for the tap-off, or what became of the tap-off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.errors import ConflictError
from gis.claims.standing import standings
from gis.errors import InputError
from gis.register.effective import standing_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from gis.claims.events import Claim, SchemeEvent
    from gis.claims.standing import SchemeStanding
    from gis.register.entries import Entry

ACCEPTABLE = ("draft", "expired", "withdrawn")


class Moved(InputError):
    """Others were accepted or let go meanwhile: look again."""


def live_others(
    events: Sequence[SchemeEvent], today: dt.date, scheme_id: str, replaces: str | None
) -> list[str]:
    """Ids of the schemes that hold something beside this one and the one whose place it takes."""
    found = standings(events, today=today.isoformat()).values()
    return sorted(
        one.scheme_id for one in found if one.is_live and one.scheme_id not in {scheme_id, replaces}
    )


def refuse_unless_free(
    scheme_id: str, claim: Claim, events: Sequence[SchemeEvent], entries: Sequence[Entry], tapoffs: Mapping[str, Any],
    today: dt.date, replaces: str | None,
) -> None:  # fmt: skip
    """
    Refuse a scheme that is held or over already, or one of whose `tapoffs` (rows by id) another holds or is unfit.

    Raises
    ------
    ConflictError
        `scheme-state`, `scheme-replaced`, `scheme-rival` with the rival, `scheme-tapoff` with the state.
    """
    known = standings(events, today=today.isoformat())
    own = known.get(scheme_id)
    if own is not None and own.state not in ACCEPTABLE:
        raise ConflictError("scheme-state", scheme=scheme_id, state=own.state, action="accept")
    if replaces is not None and (
        replaces not in known or known[replaces].state not in {"accepted", "expired"}
    ):
        state = known[replaces].state if replaces in known else "-"
        raise ConflictError("scheme-replaced", scheme=scheme_id, other=replaces, state=state)
    for tapoff_id in claim.tapoff_ids:
        _refuse_held(scheme_id, tapoff_id, known, replaces)
        here = [entry for entry in entries if entry.tapoff_id == tapoff_id]
        now = standing_of(tapoffs[tapoff_id], here, today=today)
        mine = now.basis is not None and now.basis.scheme_id in {scheme_id, replaces}
        if now.status != "free" and not (mine and now.status == "reserved"):
            raise ConflictError(
                "scheme-tapoff", scheme=scheme_id, tapoff=tapoff_id, status=now.status,
                by=now.reserved_by or "-", until=now.until or "-",
            )  # fmt: skip


def _refuse_held(
    scheme_id: str, tapoff_id: str, known: Mapping[str, SchemeStanding], replaces: str | None
) -> None:
    """Refuse a tap-off that another live scheme holds."""
    for one in known.values():
        held = one.is_live and one.claim is not None and tapoff_id in one.claim.tapoff_ids
        if held and one.scheme_id not in {scheme_id, replaces}:
            name = str((one.about or {}).get("name") or "-")
            raise ConflictError(
                "scheme-rival", scheme=scheme_id, tapoff=tapoff_id, rival=one.scheme_id, name=name,
                until=one.until or "-", by=one.by,
            )  # fmt: skip
