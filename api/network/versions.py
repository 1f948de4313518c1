"""Versions of a workspace at the door: the list, consent, going back, and what changed between two of them."""

from __future__ import annotations

import threading
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from gis.crs import crs_text
from gis.progress import SILENT
from gis.schema import layers
from gis.store import open_store
from gis.versions.changes import change_features, changes_bounds
from gis.versions.consent import person, stated
from gis.versions.diff import change_versions
from gis.versions.history import proposal_of, states

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.progress import Progress
    from gis.store import NetworkStore
    from gis.stores.address import Address
    from gis.versions.diff import LayerChange
    from gis.versions.history import Event

KEPT_DIFFS_COUNT = 4


def list_versions(workspace: Address) -> list[dict[str, Any]]:
    """
    All versions, newest last, damaged ones before them.

    `state` is published, pending (a second person's consent is awaited: see `proposal`), rejected or damaged.
    """
    store = open_store(workspace)
    current, history = store.current(), store.history()
    known = states(history)
    damaged = [
        {"version": version, "state": "damaged", "current": version == current, "problem": problem}
        for version, problem in store.damaged()
    ]
    return damaged + [
        {
            **asdict(record), "counts": dict(record.counts), "current": record.version == current,
            "state": known.get(record.version, "published"), "proposal": _proposal(history, record.version),
        }
        for record in store.versions()
    ]  # fmt: skip


def _proposal(history: list[Event], version: str) -> dict[str, Any] | None:
    proposal = proposal_of(history, version)
    if proposal is None:
        return None
    removals = (proposal["details"] or {}).get("removals", [])
    return {
        "by": proposal["by"],
        "when": proposal["when"],
        "base": proposal["previous"],
        "removals": removals,
    }


def list_history(workspace: Address) -> list[Event]:
    """Every proposal, consent and change of the current version, oldest first."""
    return open_store(workspace).history()


def approve(workspace: Address, version: str, *, by: str | None, reason: str | None) -> dict[str, Any]:
    """Let a proposed version become the current one, by another person than who proposed it."""
    store = open_store(workspace)
    name, why, previous = person(by, "approve"), stated(reason, "approve"), store.current()
    record = store.approve(version, by=name, reason=why)
    return {"version": record.version, "state": "published", "previous": previous, "by": name, "reason": why}


def reject(workspace: Address, version: str, *, by: str | None, reason: str | None) -> dict[str, Any]:
    """Refuse a proposed version; what is current stays."""
    store = open_store(workspace)
    name, why = person(by, "reject"), stated(reason, "reject")
    record = store.reject(version, by=name, reason=why)
    state = states(store.history())[record.version]
    return {"version": record.version, "state": state, "current": store.current(), "by": name, "reason": why}


def roll_back(
    workspace: Address, version: str, *, reason: str | None, by: str | None = None
) -> dict[str, Any]:
    """Make an older version the current one; the reason stands in the history of the workspace."""
    if not (reason and reason.strip()):
        raise CallError("rollback-reason")
    store = open_store(workspace)
    previous, name = store.current(), None if by is None else person(by, "rollback")
    record = store.roll_back(version, reason=stated(reason, "rollback"), by=name)
    return {"version": record.version, "previous": previous, "reason": reason.strip(), "by": name}


class Differences:
    """What changed between two versions, kept for the last few pairs: versions never change."""

    def __init__(self, workspace: Address) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], dict[str, LayerChange]] = {}

    @cached_property
    def _store(self) -> NetworkStore:
        return open_store(self._workspace)

    def between(self, old: str, new: str, *, progress: Progress = SILENT) -> dict[str, LayerChange]:
        """Changes of every layer that either version has; WorkspaceError `version-unknown`."""
        with self._lock:
            if (old, new) not in self._kept:
                found = change_versions(self._store.open(old), self._store.open(new), progress=progress)
                self._kept = dict([*list(self._kept.items())[1 - KEPT_DIFFS_COUNT :], ((old, new), found)])
            return self._kept[old, new]

    def document(
        self, old: str, new: str, *, layer: str | None = None, limit: int = 500, progress: Progress = SILENT
    ) -> dict[str, Any]:
        """
        Counts of every layer, and the changed things as GeoJSON, `limit` for each layer and kind of change.

        `left_off` counts those beyond the limit; with `layer` only its things are given.
        """
        if layer is not None and layer not in layers():
            raise CallError("layer-unknown", layer=layer[:80], known=", ".join(layers()))
        return difference_document(
            self.between(old, new, progress=progress), old=old, new=new, layer=layer, limit=limit
        )


def difference_document(
    changes: Mapping[str, LayerChange], *, old: str, new: str, limit: int, layer: str | None = None
) -> dict[str, Any]:
    """Give what changed as the wire has it, see `Differences.document`."""
    shown = {name: change for name, change in changes.items() if layer in {None, name}}
    features = [f for name, change in shown.items() for f in change_features(change, name, limit=limit)]
    return {
        "old": old, "new": new,
        "layers": {name: change.counts for name, change in changes.items()},
        "attributes": {name: change.attributes for name, change in changes.items() if len(change.changed)},
        "labels": _labels(changes),
        "bounds": changes_bounds(shown), "crs": crs_text(next(iter(changes.values())).added.crs) if changes else None,
        "limit": limit, "left_off": _left_off(shown, limit),
        "features": {"type": "FeatureCollection", "features": features},
    }  # fmt: skip


def _left_off(changes: Mapping[str, LayerChange], limit: int) -> dict[str, dict[str, int]]:
    over = {
        name: {kind: count - limit for kind, count in change.counts.items() if count > limit}
        for name, change in changes.items()
    }
    return {name: counts for name, counts in over.items() if counts}


def _labels(changes: Mapping[str, LayerChange]) -> dict[str, Any]:
    """Names of the layers that changed and of their attributes, for a person: [zh, en]."""
    return {
        name: {
            "label": [layers()[name].label_zh, layers()[name].label_en],
            "attributes": {a.name: [a.label_zh, a.label_en] for a in layers()[name].attributes},
        }
        for name, change in changes.items()
        if any(change.counts.values())
    }
