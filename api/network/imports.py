"""Import, list and inspect network versions: what the command line and the import page share."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from api.files.outputs import whole_file
from api.network.issue_book import issue_document
from gis.errors import GisInputError
from gis.issues import known_kinds
from gis.progress import SILENT
from gis.register.derived import DERIVED, with_derived
from gis.store import create_store, is_workspace, open_store
from gis.versions.copying import copy_versions
from gis.versions.history import proposal_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.progress import Progress
    from gis.sources.postgis.address import Source
    from gis.store import NetworkStore
    from gis.stores.address import Address
    from gis.version import Candidate, VersionRecord

GUESSED = "columns-guessed"
COUNTED = ("pipes", "nodes", "valves", "hydrants", "tapoffs", "customers", "sources")


def import_into(
    workspace: Address, sources: Sequence[Source], *, mapping: Path | None = None, crs: str | None = None,
    vertical_datum: str | None = None, dry_run: bool = False, accepted: str | None = None, by: str | None = None,
    derive: bool = False, progress: Progress = SILENT,
) -> dict[str, Any]:  # fmt: skip
    """
    Import sources as the next version of the workspace, which is made when it does not exist.

    A refused import changes nothing; a dry run reports what would be imported and changes nothing either. Where
    much of the current version would disappear the import is kept as a proposal (`state` pending) for a second
    person, unless `accepted` says why it is right. With `derive` tap-offs are derived from the drawing
    (gis.register.derived).
    """
    started_s = time.monotonic()
    if is_workspace(workspace):
        open_store(workspace)  # one of another version is refused before the sources are read
    candidate = read_candidate(
        sources, mapping=mapping, crs=crs, vertical_datum=vertical_datum, derive=derive, progress=progress
    )
    if dry_run:
        return _answer(None, candidate, started_s, state="dry-run")
    record, standing = publish_candidate(workspace, candidate, accepted=accepted, by=by)
    return _answer(record, candidate, started_s, **standing)


def publish_candidate(
    workspace: Address, candidate: Candidate, *, accepted: str | None, by: str | None
) -> tuple[VersionRecord, dict[str, Any]]:
    """Make a candidate the current version, or a proposal where much would disappear; and say which it is."""
    store = create_store(workspace)
    lost = _lost_schemes(store, candidate)
    try:
        record = store.publish(candidate, accepted=accepted, by=by)
    except GisInputError as refusal:
        if refusal.code != "removals-many" or by is None:
            raise
        record = store.propose(candidate, by=by)
    return record, {**_standing(store, record.version), "asbuilt_lost": lost}


def _lost_schemes(store: NetworkStore, candidate: Candidate) -> list[str]:
    """Schemes that were captured as built and are not in the import: their pipes would be gone without a word."""
    captured = {
        str((entry["details"] or {}).get("scheme"))
        for entry in store.history()
        if entry["action"] == "asbuilt"
    }
    if not captured:
        return []
    pipes = candidate.layers.get("pipes")
    there = set() if pipes is None or "scheme_id" not in pipes else set(pipes["scheme_id"].dropna())
    current = set(store.open().pipes["scheme_id"].dropna())
    return sorted(captured & current - there)


def _standing(store: NetworkStore, version: str) -> dict[str, Any]:
    """Say whether a version is current or waits for consent, and what would go with it."""
    current = store.current()
    if version == current:
        return {"state": "published", "current": current}
    proposal = proposal_of(store.history(), version) or {}
    return {
        "state": "pending", "current": current, "removals": (proposal.get("details") or {}).get("removals", []),
        "by": proposal.get("by"),
    }  # fmt: skip


def read_candidate(
    sources: Sequence[Source], *, mapping: Path | None, crs: str | None, vertical_datum: str | None = None,
    derive: bool = False, progress: Progress = SILENT,
) -> Candidate:  # fmt: skip
    """Read EPANET files by EPANET itself, everything else by the GIS readers; with `derive` tap-offs are derived."""
    candidate = _read(sources, mapping=mapping, crs=crs, vertical_datum=vertical_datum, progress=progress)
    return with_derived(candidate) if derive else candidate


def _read(
    sources: Sequence[Source], *, mapping: Path | None, crs: str | None, vertical_datum: str | None, progress: Progress
) -> Candidate:  # fmt: skip
    see_sources(sources, crs=crs)
    from gis.sources.opened import opened

    with opened(sources, progress=progress) as folders:
        models = [model for at, folder in zip(sources, folders, strict=True) for model in _models(at, folder)]
        if not models:
            from gis.importing import import_sources

            return import_sources(
                folders, mapping=mapping, crs=crs, vertical_datum=vertical_datum, progress=progress
            )
        if len(sources) > 1 or len(models) > 1:
            raise CallError("inp-alone", files=", ".join(source.name for source in [*sources, *models[1:]]))
        from hydraulics.inp.importing import import_inp

        return import_inp(models[0], crs=crs, vertical_datum=vertical_datum, progress=progress)


def see_sources(sources: Sequence[Source], *, crs: str | None) -> None:
    """Refuse a path that is not there and an empty CRS."""
    if crs is not None and not crs.strip():
        raise CallError("crs-empty")
    for source in sources:
        if isinstance(source, Path) and not source.exists():
            raise CallError("source-missing", file=str(source))


def _models(source: Source, folder: Path) -> list[Path]:
    """EPANET files: given themselves, or in a zip or folder that holds nothing else; beside other data that goes first."""
    if not isinstance(source, Path):
        return []
    if folder.is_dir():
        from gis.sources.folder import readable_files

        models = sorted(file for file in folder.rglob("*") if file.suffix.lower() == ".inp")
        return models if models and not readable_files(folder) else []
    return [source] if source.suffix.lower() == ".inp" else []


def _answer(
    record: VersionRecord | None, candidate: Candidate, started_s: float, **standing: Any
) -> dict[str, Any]:
    return {
        "version": record and record.version,
        "parent": record and record.parent,
        **standing,
        **summary_of(candidate),
        "seconds": round(time.monotonic() - started_s, 2),
    }


def summary_of(candidate: Candidate) -> dict[str, Any]:
    """What a candidate is, in figures."""
    layers = candidate.layers
    pipes = layers.get("pipes")
    severities = [issue.severity for issue in candidate.issues]
    return {
        "crs": candidate.crs,
        "vertical_datum": dict(candidate.vertical_datum),
        "synthetic": candidate.synthetic,
        "counts": {name: len(layers[name]) if name in layers else 0 for name in COUNTED},
        "length_m": round(float(pipes["length_m"].sum()), 2) if pipes is not None else 0.0,
        "tapoffs_derived": _derived_count(candidate),
        "guessed": [
            {"table": issue.subject, **issue.params} for issue in candidate.issues if issue.kind == GUESSED
        ],
        "issues": {severity: severities.count(severity) for severity in ("error", "warning", "repaired")},
    }


def _derived_count(candidate: Candidate) -> int:
    """How many of the tap-offs no register tells of."""
    table = candidate.layers.get("tapoffs")
    return 0 if table is None else int((table["origin"] == DERIVED).sum())


def copy_workspace(source: Address, target: Address, *, progress: Progress = SILENT) -> dict[str, Any]:
    """
    Copy every network version to another workspace, which is made when it does not exist.

    Schemes, decisions and jobs stay where they are, and so does the history of which version was the current one.
    """
    started_s = time.monotonic()
    origin = open_store(source)
    versions = copy_versions(origin, create_store(target), progress=progress)
    return {
        "from": str(source),
        "to": str(target),
        "versions": [{"version": version, "content_hash": content} for version, content in versions],
        "current": origin.current(),
        "damaged": [version for version, _ in origin.damaged()],
        "seconds": round(time.monotonic() - started_s, 2),
    }


def list_issues(
    workspace: Address,
    *,
    version: str | None = None,
    out: Path | None = None,
    kinds: Sequence[str] | None = None,
    severities: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """
    Issues of a version, of some kinds or severities only; with `out` also as a GeoPackage to look at in QGIS.

    Raises
    ------
    CallError
        `issue-kind` when the version has no such kind: the ones it has are named.
    """
    store = open_store(workspace)
    network = store.open(version)
    issues = store.issues(version)
    unknown = sorted(set(kinds or ()) - {issue.kind for issue in issues} - set(known_kinds()))
    if unknown:
        present = ", ".join(sorted({issue.kind for issue in issues})) or "-"
        raise CallError("issue-kind", kind=unknown[0], present=present)
    issues = [
        issue
        for issue in issues
        if (not kinds or issue.kind in kinds) and (not severities or issue.severity in severities)
    ]
    if out is not None:
        from gis.versions.export import export_issues

        with whole_file(out) as draft:
            export_issues(issues, network.crs, draft)
    return [{**issue_document(issue, network.crs), "params": dict(issue.params)} for issue in issues]
