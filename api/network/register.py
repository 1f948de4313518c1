"""The tap-off register at the door: one tap-off with its history, visits, decisions, and the undoing of a wrong entry."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.errors import CallError, NotFoundError
from api.network.tapoffs import number, whole
from api.positions import wire_position
from gis.register.effective import standing_of
from gis.register.entries import decision, document, undoing, undone_by, visit
from gis.store import open_store
from gis.versions.consent import same_person

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gis.network import Network
    from gis.register.entries import Allow, Entry
    from gis.store import NetworkStore
    from gis.stores.address import Address


@dataclass(frozen=True)
class Desk:
    """The register of one workspace on the day `today`."""

    store: NetworkStore
    network: Network
    today: dt.date

    @classmethod
    def open(cls, workspace: Address, *, today: dt.date) -> Desk:
        """Open the register over the current version."""
        store = open_store(workspace)
        return cls(store, store.open(), today)

    def show(self, tapoff_id: str) -> dict[str, Any]:
        """
        One tap-off as it stands today, what the import said, and every entry, newest first.

        Raises
        ------
        NotFoundError
            `tapoff-unknown`: neither in the current version nor in the register.
        """
        entries = [entry for entry in self.store.register() if entry.tapoff_id == tapoff_id]
        row = self._row(tapoff_id)
        if row is None and not entries:
            raise self._unknown(tapoff_id)
        undone = undone_by(entries)
        history = [
            {
                **document(entry),
                "undone_by": undone[entry.entry_id].entry_id if entry.entry_id in undone else None,
            }
            for entry in sorted(entries, key=lambda entry: entry.recorded, reverse=True)
        ]
        card = {"id": tapoff_id, "in_network": row is not None, "network_version": self.network.version}
        return {**card, **self._standing(row, entries), "history": history}

    def _standing(self, row: Any, entries: Sequence[Entry]) -> dict[str, Any]:
        if row is None:
            return {"status": None}
        now = standing_of(row, entries, today=self.today)
        basis = now.basis
        return {
            "status": now.status, "condition": now.condition, "use": now.use, "reserved_until": now.until,
            "reserved_by": now.reserved_by, "last_visit": now.last_visit, "imported_status": row["status"],
            "basis": None if basis is None else {
                "entry_id": basis.entry_id, "kind": basis.kind, "day": basis.day, "by": basis.by,
            },
            "origin": row["origin"], "confidence": "surveyed" if now.seen else row["confidence"],
            "dn": whole(row["dn"]), "pipe_id": row["pipe_id"], "pipe_dn": whole(row["pipe_dn"]),
            "valve_id": row["valve_id"], "cover_depth_m": number(row["cover_depth_m"]), "road_name": row["road_name"],
            "position": None if row.geometry is None
            else list(wire_position(self.network, (row.geometry.x, row.geometry.y))),
        }  # fmt: skip

    def visited(
        self, tapoff_id: str, *, by: str | None, found: bool, day: str | None = None, valve: str | None = None,
        pressure_mpa: float | None = None, photo: tuple[str, str] | None = None, note: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Keep what a visit saw; gives the tap-off as it now stands."""
        self._require(tapoff_id)
        entry = visit(
            tapoff_id, by=by, day=self._day(day), today=self.today, found=found, valve=valve,
            pressure_mpa=pressure_mpa, photo=photo, note=note,
        )  # fmt: skip
        self.store.enter(entry)
        return self.show(tapoff_id)

    def decided(
        self, tapoff_id: str, status: str, *, by: str | None, day: str | None = None, until: str | None = None,
        note: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """
        Keep a decision; gives the tap-off as it now stands.

        Raises
        ------
        CallError
            `tapoff-not-free`: only a free one can be reserved, or longer by whom it is reserved for.
        """
        row = self._require(tapoff_id)
        ends = None if until is None else _date("--until", until)
        entry = decision(
            tapoff_id, status, by=by, day=self._day(day), today=self.today, until=ends, note=note
        )  # fmt: skip
        self.store.enter(entry, allow=self._free(row, entry) if status == "reserved" else None)
        return self.show(tapoff_id)

    def undone(self, tapoff_id: str, entry_id: str, *, by: str | None, note: str | None) -> dict[str, Any]:
        """
        Take a wrong entry back by another; both stay in the history.

        Raises
        ------
        NotFoundError
            `entry-unknown`.
        CallError
            `entry-undone`: it was taken back already; `entry-of-scheme`: a scheme holds the tap-off by it.
        """

        def allow(entries: Sequence[Entry]) -> None:
            if entry_id in undone_by(entries):
                raise CallError("entry-undone", entry=entry_id, tapoff=tapoff_id)

        entries = [entry for entry in self.store.register() if entry.tapoff_id == tapoff_id]
        wrong = next((entry for entry in entries if entry.entry_id == entry_id), None)
        if wrong is None:
            raise NotFoundError("entry-unknown", entry=entry_id[:80], tapoff=tapoff_id[:80])
        if wrong.status == "reserved" and wrong.scheme_id is not None:
            raise CallError("entry-of-scheme", entry=entry_id, tapoff=tapoff_id, scheme=wrong.scheme_id)
        self.store.enter(undoing(wrong, by=by, today=self.today, note=note), allow=allow)
        return self.show(tapoff_id)

    def _free(self, row: Any, entry: Entry) -> Allow:
        def allow(entries: Sequence[Entry]) -> None:
            here = [one for one in entries if one.tapoff_id == entry.tapoff_id]
            now = standing_of(row, here, today=self.today)
            own = now.status == "reserved" and same_person(now.reserved_by or "", entry.by)
            if now.status != "free" and not own:
                raise CallError(
                    "tapoff-not-free", tapoff=entry.tapoff_id, status=now.status, by=now.reserved_by or "-",
                    until=now.until or "-",
                )  # fmt: skip

        return allow

    def _row(self, tapoff_id: str) -> Any:
        table = self.network.tapoffs
        rows = (table["tapoff_id"] == tapoff_id).to_numpy().nonzero()[0]
        return table.iloc[int(rows[0])] if len(rows) else None

    def _require(self, tapoff_id: str) -> Any:
        row = self._row(tapoff_id)
        if row is None:
            raise self._unknown(tapoff_id)
        return row

    def _unknown(self, tapoff_id: str) -> NotFoundError:
        return NotFoundError("tapoff-unknown", id=tapoff_id[:80], version=self.network.version)

    def _day(self, day: str | None) -> dt.date:
        return self.today if day is None else _date("--date", day)


def _date(option: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CallError("date", option=option, value=text[:40]) from None


def photo_of(path: Path) -> tuple[str, str]:
    """
    Give the path of a photo as it was named, with the SHA-256 of its content.

    Raises
    ------
    CallError
        `photo-missing`.
    """
    if not path.is_file():
        raise CallError("photo-missing", file=str(path))
    return str(path), hashlib.sha256(path.read_bytes()).hexdigest()


STEPS: dict[str, Callable[[Desk, Any], dict[str, Any]]] = {
    "show": lambda desk, a: desk.show(a.tapoff),
    "visit": lambda desk, a: desk.visited(
        a.tapoff, by=a.by, found=a.found == "yes", day=a.date, valve=a.valve, pressure_mpa=a.pressure_mpa,
        photo=None if a.photo is None else photo_of(a.photo), note=a.note,
    ),
    "set": lambda desk, a: desk.decided(
        a.tapoff, a.status, by=a.by, day=a.date, until=a.until, note=a.note
    ),
    "undo": lambda desk, a: desk.undone(a.tapoff, a.entry, by=a.by, note=a.reason),
}  # fmt: skip
