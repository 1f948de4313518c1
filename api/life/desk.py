"""SchemeDesk: accepts schemes, lets them go, and tells how each stands; one at a time, whoever asks."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from api.errors import CallError, ConflictError, NotFoundError
from api.life.recheck import opened_with, recheck
from api.life.refusals import Moved, live_others, refuse_unless_free
from api.life.told import about_of, card, event_line
from design.reservations import claims_of, reservation_terms
from gis.claims.events import scheme_event
from gis.claims.standing import standings
from gis.store import open_store
from gis.versions.consent import stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from api.life.recheck import Benches
    from api.serving.office import Bench
    from api.settings import Settings
    from gis.claims.events import Claim, SchemeEvent
    from gis.claims.standing import SchemeStanding
    from gis.register.entries import Entry
    from gis.store import NetworkStore
    from gis.stores.address import Address

_TRIES = 5


@dataclass(frozen=True)
class SchemeDesk:
    """The schemes of one workspace on the day `today`; `benches` opens the network as some schemes leave it."""

    store: NetworkStore
    today: dt.date
    benches: Benches

    @classmethod
    def open(cls, settings: Settings) -> SchemeDesk:
        """Open the schemes of a workspace."""
        return cls(open_store(settings.workspace), settings.today, partial(opened_with, settings, None))

    @classmethod
    def beside(cls, workspace: Address, bench: Bench) -> SchemeDesk:
        """Open the schemes of a workspace that is held open."""
        return cls(open_store(workspace), bench.today, partial(opened_with, None, bench))

    def listing(self, *, state: str | None = None) -> list[dict[str, Any]]:
        """All schemes, newest first, or those in one state."""
        cards = [card(one, self.today) for one in self._standings().values()]
        return [one for one in reversed(cards) if state in (None, one["state"])]

    def show(self, scheme_id: str) -> dict[str, Any]:
        """
        How a scheme stands, and its events, newest first.

        Raises
        ------
        NotFoundError
            `scheme-unknown`.
        """
        events = self.store.scheme_events()
        standing = standings(events, today=self.today.isoformat()).get(scheme_id)
        if standing is None:
            raise NotFoundError("scheme-unknown", id=scheme_id[:80])
        return {
            **card(standing, self.today),
            "history": _told(one for one in events if one.scheme_id == scheme_id),
        }

    def history(self) -> list[dict[str, Any]]:
        """Every event of every scheme, newest first."""
        return _told(self.store.scheme_events())

    def accept(
        self, scheme_id: str, *, by: str | None, scheme: Mapping[str, Any] | None = None, option: int = 1,
        until: str | None = None, days: int | None = None, reason: str | None = None, override: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """
        Accept an option: its tap-off and capacity are held until the last day.

        Parameters
        ----------
        scheme
            The document, for a scheme that was planned elsewhere; what was noted at planning here goes before it.
        override
            Why it is accepted although it does not hold what is asked, or takes from others.

        Raises
        ------
        ConflictError
            `scheme-state`, `scheme-rival`, `scheme-tapoff`, `scheme-capacity`, `scheme-infeasible`: naming the rival.
        """
        last = self._last_day(until, days)
        for _ in range(_TRIES):
            events = self.store.scheme_events()
            claims, about = self._claims(scheme_id, scheme, events)
            claim = _chosen(claims, option)
            replaces = about.get("replaces")
            others = live_others(events, self.today, scheme_id, replaces)
            refuse_unless_free(
                scheme_id, claim, events, self._entries(), self._tapoffs(claim), self.today, replaces
            )
            if override is None:
                self._recheck(scheme_id, claim, option, about, others)
            new = [
                self._event(
                    scheme_id, "accept", by=by, reason=reason, until=last.isoformat(), option=option, claim=claim,
                    other=replaces, override=override, about=about,
                )
            ]  # fmt: skip
            if replaces is not None:
                new.append(self._event(replaces, "supersede", by=by, reason=reason, other=scheme_id))

            def allow(told: Sequence[SchemeEvent], entries: Sequence[Entry]) -> None:
                rows = self._tapoffs(claim)  # noqa: B023
                refuse_unless_free(scheme_id, claim, told, entries, rows, self.today, replaces)  # noqa: B023
                if live_others(told, self.today, scheme_id, replaces) != others:  # noqa: B023
                    raise Moved("scheme-moved")

            with suppress(Moved):
                self.store.tell_schemes(new, allow=allow)
                return self.show(scheme_id)
        raise ConflictError("scheme-busy", scheme=scheme_id)

    def withdraw(self, scheme_id: str, *, by: str | None, reason: str | None) -> dict[str, Any]:
        """Let a scheme go: tap-off and capacity are free again; nothing is deleted."""
        said = stated(reason, "withdraw")
        event = self._event(scheme_id, "withdraw", by=by, reason=said)
        self._tell(event, ("draft", "accepted", "expired"))
        return self.show(scheme_id)

    def extend(
        self, scheme_id: str, *, by: str | None, until: str | None = None, days: int | None = None,
        reason: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Hold it longer, or less long; one that is over has to be accepted again."""
        claim = self._known(scheme_id).claim
        last = self._last_day(until, days)
        event = self._event(scheme_id, "extend", by=by, reason=reason, until=last.isoformat(), claim=claim)
        self._tell(event, ("accepted",))
        return self.show(scheme_id)

    def _tell(self, event: SchemeEvent, states: tuple[str, ...]) -> None:
        def allow(told: Sequence[SchemeEvent], _: Sequence[Entry]) -> None:
            now = standings(told, today=self.today.isoformat()).get(event.scheme_id)
            if now is None:
                raise NotFoundError("scheme-unknown", id=event.scheme_id[:80])
            if now.state not in states:
                raise ConflictError(
                    "scheme-state", scheme=now.scheme_id, state=now.state, action=event.action
                )

        self.store.tell_schemes([event], allow=allow)

    def _event(self, scheme_id: str, action: Any, *, by: str | None, **told: Any) -> SchemeEvent:
        return scheme_event(scheme_id, action, by=by, day=self.today, **told)

    def _standings(self) -> dict[str, SchemeStanding]:
        return standings(self.store.scheme_events(), today=self.today.isoformat())

    def _known(self, scheme_id: str) -> SchemeStanding:
        standing = self._standings().get(scheme_id)
        if standing is None:
            raise NotFoundError("scheme-unknown", id=scheme_id[:80])
        return standing

    def _claims(
        self, scheme_id: str, scheme: Mapping[str, Any] | None, events: Sequence[SchemeEvent]
    ) -> tuple[tuple[Claim, ...], dict[str, Any]]:
        standing = standings(events, today=self.today.isoformat()).get(scheme_id)
        if standing is not None and standing.claims:
            return standing.claims, dict(standing.about or {})
        if scheme is None:
            raise NotFoundError("scheme-unknown", id=scheme_id[:80])
        try:
            return claims_of(scheme), about_of(scheme)
        except (KeyError, TypeError, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"[:200]
            raise CallError("scheme-json", file="scheme.json", problem=problem) from None

    def _entries(self) -> list[Entry]:
        return self.store.register()

    def _tapoffs(self, claim: Claim) -> dict[str, Any]:
        """Rows of the claimed tap-offs in the current version, by id; none for new taps."""
        if not claim.tapoff_ids:
            return {}
        table = self.store.open().layer("tapoffs")
        found = {}
        for name in claim.tapoff_ids:
            rows = (table["tapoff_id"] == name).to_numpy().nonzero()[0]
            if not len(rows):
                raise NotFoundError("tapoff-unknown", id=name[:80], version=str(self.store.current()))
            found[name] = table.iloc[int(rows[0])]
        return found

    def _recheck(
        self, scheme_id: str, claim: Claim, option: int, about: Mapping[str, Any], others: Sequence[str]
    ) -> None:
        if list(about.get("feasible_options") or [])[option - 1 : option] == [False]:
            raise ConflictError("scheme-infeasible", scheme=scheme_id, option=option)
        same = about.get("network_version") == self.store.current() and about.get("reserved") == list(others)
        if not same:
            recheck(self.benches(others), scheme_id, claim, counted=about.get("reserved") or ())

    def _last_day(self, until: str | None, days: int | None) -> dt.date:
        terms = reservation_terms()
        if until is not None and days is not None:
            raise CallError("until-or-days")
        try:
            last = (
                dt.date.fromisoformat(until)
                if until is not None
                else self.today + dt.timedelta(days=terms.default_days if days is None else days)
            )
        except (ValueError, OverflowError):
            raise CallError("date", option="--until", value=str(until or days)[:40]) from None
        if not self.today <= last <= self.today + dt.timedelta(days=terms.longest_days):
            raise CallError(
                "until-outside", until=last.isoformat(), today=self.today.isoformat(), days=terms.longest_days
            )
        return last


def _told(events: Iterable[SchemeEvent]) -> list[dict[str, Any]]:
    return [event_line(one) for one in sorted(events, key=lambda one: one.recorded, reverse=True)]


def _chosen(claims: Sequence[Claim], option: int) -> Claim:
    if not 1 <= option <= len(claims):
        raise CallError("asbuilt-option", option=option, count=len(claims))
    return claims[option - 1]
