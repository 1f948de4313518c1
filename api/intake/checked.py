"""What an import would make: counts, doubts by kind, and what would come, change and go against the current version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.network.imports import summary_of
from api.network.issue_book import IssueBook, issue_document
from api.network.versions import difference_document
from gis.crs import parse_crs
from gis.network import Network
from gis.schema import empty_layer, layers
from gis.store import is_workspace, open_store
from gis.version import conformed
from gis.versions.diff import change_versions
from gis.versions.fingerprint import version_id
from gis.versions.removals import load_removal_limits, removals

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from gis.progress import Progress
    from gis.version import Candidate

SHOWN_CHANGES = 500  # of each layer and kind, drawn on the map
SHOWN_ISSUES = 1500  # drawn on the map and listed
DRAFT = "draft"


def checked_document(workspace: Path, candidate: Candidate, *, progress: Progress) -> dict[str, Any]:
    """Give the document of a check; nothing is written."""
    ready = conformed(candidate)
    crs = parse_crs(ready.crs)
    book = IssueBook(ready.issues, crs)
    return {
        **summary_of(ready),
        "version": version_id(ready),
        "kinds": book.kinds,
        "examples": [issue_document(issue, crs) for issue in book.ordered[:SHOWN_ISSUES]],
        "against": _against(workspace, ready, progress=progress),
    }


def _against(workspace: Path, ready: Candidate, *, progress: Progress) -> dict[str, Any] | None:
    """Compare with the current version; None where there is none yet."""
    if not is_workspace(workspace):
        return None
    store = open_store(workspace)
    current = store.current()
    if current is None:
        return None
    old, new = store.open(current), network_of(ready, DRAFT)
    changes = change_versions(old, new, progress=progress)
    limits = load_removal_limits()
    return {
        **difference_document(changes, old=current, new=DRAFT, limit=SHOWN_CHANGES),
        "removals": [
            {"layer": r.layer, "before": r.before, "removed": r.removed, "is_much": r.is_much(limits)}
            for r in removals(old, ready.layers)
        ],
    }


def network_of(ready: Candidate, name: str) -> Network:
    """Give a candidate as a network, to be looked at like a version."""
    crs = parse_crs(ready.crs)

    def read(layer: str) -> gpd.GeoDataFrame:
        if layer not in layers():
            raise KeyError(layer)
        return ready.layers[layer] if layer in ready.layers else empty_layer(layer, crs)

    return Network(name, crs, ready.source, synthetic=ready.synthetic, read_layer=read)
