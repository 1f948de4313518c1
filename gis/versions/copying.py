"""A workspace's versions brought over to another, of the same kind or not, with equal content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.errors import GisInputError, WorkspaceError
from gis.progress import SILENT
from gis.schema import layers
from gis.version import Candidate, conformed
from gis.versions.fingerprint import version_id
from gis.versions.history import states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.issues import DataIssue
    from gis.network import Network
    from gis.progress import Progress
    from gis.store import NetworkStore
    from gis.version import VersionRecord
    from gis.versions.history import Event


def copy_versions(
    source: NetworkStore, target: NetworkStore, *, progress: Progress = SILENT
) -> list[tuple[str, str]]:
    """
    Copy every version the target lacks, with record and issues, and make the source's current version current there.

    Gives (version, content hash) of all of them, oldest first; the hash is taken anew from what the target then
    holds. Interrupted, it can be run again. Nothing of the target is removed. Versions that wait for consent or were
    refused it are so there too; of the rest the source's history is left out: the target's own tells only that its
    current version was changed by a copy. The tap-off register and the lives of schemes come along; damaged versions are left behind.

    Raises
    ------
    GisInputError
        `copy-target-differs`: the target has versions of its own.
    WorkspaceError
        `copy-unequal`: what the target gives back is not what the source gave.
    """
    records = source.versions()
    there = {record.version for record in target.versions()}
    own = sorted(there - {record.version for record in records})
    if own:
        raise GisInputError("copy-target-differs", version=own[0], count=len(own))
    hashes = []
    for done, record in enumerate(records):
        progress.step("copy", done, len(records))
        hashes.append((record.version, _copy(source, target, record)))
    progress.step("copy", len(records), len(records))
    target.recall_schemes(source.scheme_events())
    target.recall_entries(source.register())
    target.recall(_undecided(source.history(), {record.version for record in records}))
    current = source.current()
    if current is not None and current in {record.version for record in records}:
        target.make_current(current)
    return hashes


def _undecided(history: Sequence[Event], versions: set[str]) -> list[Event]:
    """Entries of the copied versions that never had consent: without them they would pass for published ones."""
    waiting = {version for version, state in states(history).items() if state != "published"} & versions
    return [
        {**entry, "previous": entry["previous"] if entry["previous"] in versions else None}
        for entry in history
        if entry["version"] in waiting
    ]


def _copy(source: NetworkStore, target: NetworkStore, record: VersionRecord) -> str:
    network = source.open(record.version)  # held to the end: its model file may go with it
    content = _candidate(network, source.issues(record.version), crs=record.crs)
    wanted = version_id(content)
    target.take(content, record)
    found = content_hash(target, record)
    if found != wanted:
        raise WorkspaceError("copy-unequal", version=record.version, wanted=wanted, found=found)
    return found


def content_hash(store: NetworkStore, record: VersionRecord) -> str:
    """Give the hash of all that a store gives back of a version: equal to its id when nothing was lost."""
    network = store.open(record.version)
    return version_id(_candidate(network, store.issues(record.version), crs=record.crs))


def _candidate(network: Network, issues: Sequence[DataIssue], *, crs: str | None) -> Candidate:
    """Give a published version as what an import would hand over."""
    tables = {name: table for name in layers() if len(table := network.layer(name))}
    whole = (
        tables,
        issues,
        network.source,
        crs,
        network.synthetic,
        network.model_inp,
        network.vertical_datum,
    )
    return conformed(Candidate(*whole))
