"""
Network versions in a folder of GeoPackages.

    W/workspace.json            {"format": 1}
    W/current                   id of the current version
    W/history.jsonl             each proposal, consent and change of the current version (gis/versions/history.py)
    W/register.jsonl            entries of the tap-off register (gis/register/entries.py)
    W/schemes.jsonl             acceptances and endings of schemes (gis/claims/events.py); drafts.jsonl: plans
    W/versions/ID/              manifest.json, network.gpkg (a layer each, and issues), model.inp where there is one
    W/derived/                  what can be made again from a version at any time (hydraulics/kept/shelf.py)

A version is written beside the others under a name that begins with a dot, brought to disk, renamed, and only then
made current: a reader, or a start after a crash, sees all of it or none.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gis.claims.events import event_document, events_of, told_to_register
from gis.crs import parse_crs
from gis.errors import WorkspaceError
from gis.files.geopackage import read_issues, read_layer, require_layer, sync, write_issues, write_layers
from gis.network import Network
from gis.register.entries import document, entries_of
from gis.stores.journal import add_lines, read_lines
from gis.version import VersionRecord, conformed, describe
from gis.versions.consent import (
    removals_detail,
    require_base,
    require_consent,
    require_pending,
    require_published,
)  # fmt: skip
from gis.versions.fingerprint import version_id
from gis.versions.history import Event, event, imported, proposal_of, settled
from gis.versions.removals import much_removed, refuse_removals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gis.claims.events import Permit, SchemeEvent
    from gis.issues import DataIssue
    from gis.register.entries import Allow, Entry
    from gis.version import Candidate
    from gis.versions.history import Action, Onto
    from gis.versions.removals import Removal

FORMAT = 1
HISTORY = "history.jsonl"
REGISTER = "register.jsonl"
SCHEMES, DRAFTS = "schemes.jsonl", "drafts.jsonl"


class FolderStore:
    """NetworkStore in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._versions = folder / "versions"

    def publish(
        self,
        candidate: Candidate,
        *,
        accepted: str | None = None,
        by: str | None = None,
        onto: Onto | None = None,
    ) -> VersionRecord:
        ready = conformed(candidate)
        version = version_id(ready)
        with self._alone():
            current = self._current()
            if onto is not None:
                require_base(onto, current)
            elif accepted is None:
                refuse_removals(self._removed(current, version, ready), current or "")
            self._keep(ready, version, parent=current)
            if version != current:
                self._make_current(imported(version, onto, previous=current, reason=accepted, by=by))
        return self._record(version)

    def propose(self, candidate: Candidate, *, by: str) -> VersionRecord:
        ready = conformed(candidate)
        version = version_id(ready)
        with self._alone():
            current, pending = self._current(), proposal_of(self.history(), version)
            much = self._removed(current, version, ready)
            self._keep(ready, version, parent=current)
            if version != current and (pending is None or pending["previous"] != current):
                details = removals_detail(much)
                self._tell(event("propose", version, previous=current, by=by, details=details))
        return self._record(version)

    def approve(self, version: str, *, by: str, reason: str) -> VersionRecord:
        with self._alone():
            record, current = self._record(version), self._current()
            require_consent(self.history(), version, by=by, current=current)
            self.open(version).pipes  # noqa: B018  a damaged version must not become the current one
            self._make_current(event("approve", version, previous=current, reason=reason, by=by))
        return record

    def reject(self, version: str, *, by: str, reason: str) -> VersionRecord:
        with self._alone():
            record = self._record(version)
            require_pending(self.history(), version)
            self._tell(event("reject", version, previous=self._current(), reason=reason, by=by))
        return record

    def roll_back(self, version: str, *, reason: str, by: str | None = None) -> VersionRecord:
        with self._alone():
            record, current = self._record(version), self._current()
            require_published(self.history(), version)
            self.open(version).pipes  # noqa: B018  a damaged version must not become the current one
            if version != current:
                self._make_current(event("rollback", version, previous=current, reason=reason, by=by))
        return record

    def history(self) -> list[Event]:
        told = [settled(line) for line in read_lines(self._folder / HISTORY)]
        return sorted(told, key=lambda entry: str(entry["when"]))

    def recall(self, history: Sequence[Event]) -> None:
        with self._alone():
            there = self.history()
            add_lines(self._folder / HISTORY, [entry for entry in history if entry not in there])

    def register(self) -> list[Entry]:
        told = events_of(read_lines(self._folder / SCHEMES))
        return entries_of(read_lines(self._folder / REGISTER)) + told_to_register(told)

    def scheme_events(self) -> list[SchemeEvent]:
        lines = [line for name in (DRAFTS, SCHEMES) for line in read_lines(self._folder / name)]
        return events_of(lines)

    def tell_schemes(self, events: Sequence[SchemeEvent], *, allow: Permit | None = None) -> None:
        with self._alone():
            if allow is not None:
                allow(self.scheme_events(), self.register())
            for name, drafts in ((DRAFTS, True), (SCHEMES, False)):
                lines = [event_document(one) for one in events if (one.action == "draft") == drafts]
                add_lines(self._folder / name, lines)

    def recall_schemes(self, events: Sequence[SchemeEvent]) -> None:
        there = {event.event_id for event in self.scheme_events()}
        self.tell_schemes([event for event in events if event.event_id not in there])

    def enter(self, entry: Entry, *, allow: Allow | None = None) -> None:
        with self._alone():
            if allow is not None:
                allow(self.register())
            add_lines(self._folder / REGISTER, [document(entry)])

    def recall_entries(self, entries: Sequence[Entry]) -> None:
        with self._alone():
            there = {entry.entry_id for entry in self.register()}
            new = [document(entry) for entry in entries if entry.entry_id not in there]
            add_lines(self._folder / REGISTER, new)

    def register_mark(self) -> str:
        files = [self._folder / name for name in (REGISTER, SCHEMES)]
        return "+".join(str(file.stat().st_size) if file.is_file() else "0" for file in files)

    def take(self, candidate: Candidate, record: VersionRecord) -> None:
        with self._alone():
            if not self._is_whole(record.version):
                self._write(conformed(candidate), record)

    def make_current(self, version: str, *, action: Action = "copy", by: str | None = None) -> None:
        with self._alone():
            wanted, current = self._record(version).version, self._current()
            if wanted != current:
                self._make_current(event(action, wanted, previous=current, by=by))

    def versions(self) -> list[VersionRecord]:
        damaged = {version for version, _ in self.damaged()}
        found = [self._record(version) for version in self._names() if version not in damaged]
        return sorted(found, key=lambda record: (record.created, record.version))

    def damaged(self) -> list[tuple[str, str]]:
        found = []
        for version in self._names():
            try:
                self._record(version)
                require_layer(self._versions / version / "network.gpkg", "pipes")
            except WorkspaceError as error:
                found.append((version, str(error.params.get("problem") or error.code)))
        return found

    def _names(self) -> list[str]:
        """Give the ids of all versions, damaged ones too."""
        if not self._versions.is_dir():
            return []
        return sorted(
            folder.name
            for folder in self._versions.iterdir()
            if folder.is_dir() and not folder.name.startswith(".")
        )

    def current(self) -> str | None:
        return self._current()

    def open(self, version: str | None = None) -> Network:
        record = self._record(self._required_current() if version is None else version)
        folder = self._versions / record.version
        require_layer(folder / "network.gpkg", "pipes")
        crs = parse_crs(record.crs)
        model = folder / "model.inp"
        return Network(
            version=record.version, crs=crs, source=record.source, synthetic=record.synthetic,
            read_layer=partial(read_layer, folder / "network.gpkg", crs=crs), counts=record.counts,
            model_inp=model if model.is_file() else None, vertical_datum=record.vertical_datum,
            derived=self._folder / "derived", files_mark=_mark(*sorted(folder.iterdir())),
        )  # fmt: skip

    def issues(self, version: str | None = None) -> list[DataIssue]:
        record = self._record(self._required_current() if version is None else version)
        return read_issues(self._versions / record.version / "network.gpkg")

    def _current(self) -> str | None:
        file = self._folder / "current"
        name = file.read_text(encoding="utf-8", errors="replace").strip() if file.is_file() else ""
        return name or None

    def _required_current(self) -> str:
        current = self._current()
        if current is None:
            raise WorkspaceError("no-version", workspace=str(self._folder))
        return current

    def _record(self, version: str) -> VersionRecord:
        manifest = self._versions / version / "manifest.json"
        # A version is one plain folder name: nothing above or below the folder of versions is ever read.
        if not version or version != Path(version).name or not manifest.is_file():
            raise WorkspaceError("version-unknown", version=version, workspace=str(self._folder))
        try:
            return VersionRecord(**json.loads(manifest.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise WorkspaceError(
                "version-unreadable", version=version, file=str(manifest), problem=str(error)
            ) from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One publisher at a time; what a killed one left is cleared away."""
        self._versions.mkdir(exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for draft in self._versions.glob(".draft-*"):
                shutil.rmtree(draft, ignore_errors=True)
            yield

    def _removed(self, current: str | None, version: str, ready: Candidate) -> list[Removal]:
        """Give what would disappear in large numbers; nothing when there is no current version that can be read."""
        if current in {None, version}:
            return []
        # A damaged version cannot be compared with, and importing again is the way out of it.
        with suppress(WorkspaceError):
            return much_removed(self.open(current), ready.layers)
        return []

    def _keep(self, ready: Candidate, version: str, *, parent: str | None) -> None:
        if not self._is_whole(version):
            self._write(ready, describe(ready, version, parent=parent))

    def _is_whole(self, version: str) -> bool:
        """Tell whether a version is there and can be read; a damaged one is cleared away, to be written anew."""
        folder = self._versions / version
        try:
            if folder.is_dir() and len(self.open(version).pipes) == self._record(version).counts["pipes"]:
                return True
        except (WorkspaceError, KeyError):
            pass
        shutil.rmtree(folder, ignore_errors=True)
        return False

    def _write(self, candidate: Candidate, record: VersionRecord) -> None:
        draft = Path(tempfile.mkdtemp(dir=self._versions, prefix=".draft-"))
        try:
            network = draft / "network.gpkg"
            write_layers(candidate.layers, network)
            write_issues(candidate.issues, network, parse_crs(candidate.crs))
            if candidate.model_inp is not None:
                shutil.copyfile(candidate.model_inp, draft / "model.inp")
            text = json.dumps(asdict(record), ensure_ascii=False, indent=1)
            (draft / "manifest.json").write_text(text, encoding="utf-8")
            for file in (*draft.iterdir(), draft):
                sync(file)
            draft.chmod(0o755)
            draft.rename(self._versions / record.version)
            sync(self._versions)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def _tell(self, entry: Event) -> None:
        add_lines(self._folder / HISTORY, [entry])

    def _make_current(self, entry: Event) -> None:
        """Tell it before it is done, so that no change goes untold."""
        self._tell(entry)
        draft = self._folder / ".current"
        draft.write_text(entry["version"], encoding="utf-8")
        sync(draft)
        draft.replace(self._folder / "current")
        sync(self._folder)


def _mark(*files: Path) -> str:
    """Change when one of the files is written again."""
    known = [(file.name, file.stat()) for file in files]
    return "+".join(f"{name}:{stat.st_size}@{stat.st_mtime_ns}" for name, stat in known)


def create_folder(path: Path) -> FolderStore:
    """
    Make a workspace folder, or open the one that is there.

    Raises
    ------
    WorkspaceError
        `workspace-format` for one of another format, `workspace-path` when the folder cannot be made.
    """
    if not (path / "workspace.json").is_file():
        try:
            (path / "versions").mkdir(parents=True, exist_ok=True)
            draft = path / ".workspace.json"
            draft.write_text(json.dumps({"format": FORMAT}), encoding="utf-8")
            draft.replace(path / "workspace.json")
        except OSError as error:
            raise WorkspaceError("workspace-path", workspace=str(path), problem=str(error)) from None
    return open_folder(path)


def open_folder(path: Path) -> FolderStore:
    """
    Open a workspace folder.

    Raises
    ------
    WorkspaceError
        `workspace-missing`; `workspace-format` naming both formats when another program version wrote it.
    """
    note = path / "workspace.json"
    if not note.is_file():
        raise WorkspaceError("workspace-missing", workspace=str(path))
    try:
        document: Any = json.loads(note.read_text(encoding="utf-8"))
        found = document["format"]
    except (ValueError, KeyError, TypeError, OSError):
        raise WorkspaceError("workspace-format", workspace=str(path), found="?", wanted=FORMAT) from None
    if found != FORMAT:
        raise WorkspaceError("workspace-format", workspace=str(path), found=str(found), wanted=FORMAT)
    return FolderStore(path)


def is_folder_workspace(path: Path) -> bool:
    """Tell whether a workspace of whatever format lies in the folder."""
    return (path / "workspace.json").is_file()
