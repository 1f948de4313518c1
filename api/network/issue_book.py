"""The issues of one version in the order people work through them: counted by kind, listed in pages, found by id."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gis.crs import to_lonlat
from gis.issues import kind_title
from gis.schema import layers
from maps.tiling.marks import Mark, MarkTiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from gis.issues import DataIssue

TILE_LAYER = "issues"
_URGENCY = {"error": 0, "warning": 1, "repaired": 2}


@dataclass(frozen=True)
class IssueBook:
    """All issues of a version; `crs` is that of their positions."""

    issues: Sequence[DataIssue]
    crs: CRS | None

    @cached_property
    def ordered(self) -> list[DataIssue]:
        """Errors first, then by kind and subject."""
        return sorted(self.issues, key=lambda one: (_URGENCY[one.severity], one.kind, one.subject))

    @cached_property
    def by_id(self) -> dict[str, DataIssue]:
        """Issue of each id."""
        return {issue.issue_id: issue for issue in self.issues}

    @cached_property
    def kinds(self) -> list[dict[str, Any]]:
        """Each kind with its name, severity and how many there are, the most urgent and most frequent first."""
        counts = Counter((issue.kind, issue.severity) for issue in self.issues)
        placed = Counter((issue.kind, issue.severity) for issue in self.issues if issue.position is not None)
        ranked = sorted(counts.items(), key=lambda item: (_URGENCY[item[0][1]], -item[1], item[0][0]))
        return [
            {
                "kind": kind, "severity": severity, "count": count, "placed": placed[kind, severity] if self.crs else 0,
                "name": kind_title(kind, "zh"), "name_en": kind_title(kind, "en"),
            }
            for (kind, severity), count in ranked
        ]  # fmt: skip

    @cached_property
    def tiles(self) -> MarkTiles:
        """The issues that have a place, for the map."""
        marks = [
            Mark(issue.issue_id, issue.kind, issue.severity, issue.position)
            for issue in self.issues
            if issue.position is not None
        ]
        return MarkTiles(marks, self.crs, layer=TILE_LAYER)

    def page(self, *, kinds: frozenset[str], severity: str | None, offset: int, limit: int) -> dict[str, Any]:
        """Give some rows of the list, and how many there are in all; no kinds means every kind."""
        chosen = [
            issue
            for issue in self.ordered
            if (not kinds or issue.kind in kinds) and severity in (None, issue.severity)
        ]
        rows = [issue_document(issue, self.crs) for issue in chosen[offset : offset + limit]]
        return {"total": len(chosen), "offset": offset, "issues": rows}


def issue_document(issue: DataIssue, crs: CRS | None) -> dict[str, Any]:
    """An issue on the wire: what, where, how bad, and what was done."""
    position = None if issue.position is None else [round(c, 9) for c in to_lonlat(crs, *issue.position)]
    layer = layers().get(issue.layer)
    return {
        "id": issue.issue_id, "kind": issue.kind, "severity": issue.severity, "subject": issue.subject,
        "layer": issue.layer, "position": position, "message": issue.message("zh"), "message_en": issue.message("en"),
        "repair": issue.repair_text("zh"), "repair_en": issue.repair_text("en"),
        "name": kind_title(issue.kind, "zh"), "name_en": kind_title(issue.kind, "en"),
        "layer_label": layer.label_zh if layer else "", "layer_label_en": layer.label_en if layer else "",
        "place": {key: issue.params[key] for key in ("file", "row", "field", "value") if key in issue.params},
    }  # fmt: skip
