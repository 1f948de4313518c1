"""A stored scheme computed again from what is frozen with it: equal in every figure, or every difference listed."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from api.files.outputs import digest_of
from api.network.asbuilt import read_scheme
from api.network.standing import stamped
from api.planning.files import RULES_USED
from api.workbench import Workbench
from design.reservations import reservation_from
from gis.register.effective import as_of
from gis.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from api.settings import Settings
    from design.reservations import Reservation
    from gis.network import Network
    from gis.progress import Progress

CREATED = "provenance.created"
SEAL = ("files", "digest")
MISSING = "—"
_PREFIXES = 200


def verify_scheme(settings: Settings, place: Path, *, progress: Progress) -> dict[str, Any]:
    """
    Compute a scheme again and compare.

    `place` is its folder or its scheme.json. Network version, day, reservations and register are those it was planned
    with, and so are a utility's own rules; standards, prices and program are those of now, and a difference of theirs is
    listed like any other.

    Raises
    ------
    CallError
        `scheme-missing`, `scheme-json`.
    WorkspaceError
        The network version is not in the workspace.
    """
    stored = read_scheme(place)
    try:
        day = date.fromisoformat(_day_of(stored))
        reserved = tuple(reservation_from(one) for one in stored["provenance"].get("reserved", []))
        request, version = dict(stored["request"]), str(stored["provenance"]["network_version"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CallError(
            "scheme-json", file=str(place), problem=f"{type(error).__name__}: {error}"[:200]
        ) from None
    own = place / RULES_USED if place.is_dir() else place.parent / RULES_USED
    frozen = replace(settings, fixed_day=day, rules=own if own.is_file() else settings.rules)
    network, mark = _as_planned(frozen, version, stored, reserved)
    with closing(Workbench.of(frozen, network, mark, reserved)) as bench:
        now = json.loads(json.dumps(bench.plan(request, progress=progress), ensure_ascii=False))
    told = {key: value for key, value in stored.items() if key not in SEAL}
    found = [one for one in differences(told, now) if one["path"] != CREATED]
    files = list(_files_changed(place, stored.get("files"))) if place.is_dir() else []
    seal = stored.get("digest")
    if not found and seal is not None and seal != digest_of(stored):
        found = [{"path": "digest", "stored": seal, "now": digest_of(stored)}]
    return {
        "scheme_id": stored.get("id"), "network_version": version, "day": day.isoformat(), "equal": not (found or files),
        "figures": _count(told), "differences": found + files,
    }  # fmt: skip


def _day_of(stored: Mapping[str, Any]) -> str:
    """The day it was planned on; of a scheme of an earlier release the day of its making."""
    provenance = stored["provenance"]
    return str(provenance.get("day") or str(provenance["created"])[:10])


def _as_planned(
    settings: Settings, version: str, stored: Mapping[str, Any], reserved: tuple[Reservation, ...]
) -> tuple[Network, str]:
    """
    Give the network with the register as it stood: the newest entries under which the tap-offs have the stored states.

    Where none fit, those that were written before the scheme count, and the difference of the register is listed.
    """
    store = open_store(settings.workspace)
    imported, mark = store.open(version), store.register_mark()
    replaced = stored["request"].get("replaces")
    told = [one for one in store.register() if replaced is None or one.scheme_id != replaced]
    entries = sorted(told, key=lambda entry: entry.recorded)
    created = str(stored["provenance"].get("created", "9"))[:19]
    before = [entry for entry in entries if entry.recorded[:19] <= created]
    wanted = stored["provenance"].get("tapoff_register", "")
    first: Network | None = None
    for count in range(len(before), max(len(before) - _PREFIXES, -1), -1):
        network = stamped(as_of(imported, before[:count], today=settings.today), reserved)
        if network.register == wanted:
            return network, mark
        first = first or network
    return first or stamped(imported, reserved), mark


def differences(stored: Any, now: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Give every place at which two documents differ: path, stored, now."""
    if isinstance(stored, dict) and isinstance(now, dict):
        for key in [*stored, *(key for key in now if key not in stored)]:
            place = f"{path}.{key}" if path else str(key)
            yield from differences(stored.get(key, MISSING), now.get(key, MISSING), place)
    elif isinstance(stored, list) and isinstance(now, list):
        for row in range(max(len(stored), len(now))):
            one, other = (side[row] if row < len(side) else MISSING for side in (stored, now))
            yield from differences(one, other, f"{path}[{row}]")
    elif stored != now or isinstance(stored, bool) != isinstance(now, bool):
        yield {"path": path, "stored": stored, "now": now}


def _count(document: Any) -> int:
    """How many single values a document has."""
    if isinstance(document, dict):
        return sum(_count(value) for value in document.values())
    return sum(_count(value) for value in document) if isinstance(document, list) else 1


def _files_changed(folder: Path, sums: Any) -> Iterator[dict[str, Any]]:
    """Files whose bytes are not those that were written."""
    for name, wanted in (sums if isinstance(sums, dict) else {}).items():
        file = folder / str(name)
        if file.parent != folder:
            continue
        found = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else MISSING
        if found != wanted:
            yield {"path": f"{name} (SHA-256)", "stored": wanted, "now": found}
