"""Mapping files: what is suggested for unknown sources, and a look at what a mapping would import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gis.intake.mapping import NO_MAPPING, load_mapping
from gis.intake.preview import preview_sources
from gis.intake.suggest import suggest_mapping
from gis.messages import Text, error_sentence
from gis.progress import SILENT
from gis.schema import layers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gis.intake.guess.proposal import SuggestedColumn, SuggestedTable
    from gis.intake.preview import IssueCount, Preview, PreviewTable
    from gis.progress import Progress
    from gis.sources.postgis.address import Source

EXTRA_LABELS = {"x": "东坐标/经度", "y": "北坐标/纬度", "end_x": "终点东坐标", "end_y": "终点北坐标"}


def suggested(
    sources: Sequence[Source], *, crs: str | None = None, progress: Progress = SILENT
) -> dict[str, Any]:
    """Give what every table and column of the sources probably is, and the mapping file that says so."""
    found = suggest_mapping(sources, crs=crs, progress=progress)
    return {"crs": crs, "tables": [_table(table) for table in found.tables], "toml": found.to_toml()}


def _table(table: SuggestedTable) -> dict[str, Any]:
    return {
        "file": table.ref.file.name, "table": table.ref.name, "kind": table.ref.kind, "rows": table.rows,
        "geometry": table.geometry, "crs": table.crs, "layer": table.layer,
        "layer_label": layers()[table.layer].label_zh if table.layer else None,
        "survey": table.rules[-1].survey if table.rules else None, "confidence": table.confidence,
        **_why(table.reasons), "columns": [_column(one, table.layer) for one in table.columns],
        "constants": dict(table.constants), "unmapped": list(table.unmapped),
        "problem": error_sentence(table.problem) if table.problem else None,
    }  # fmt: skip


def _column(one: SuggestedColumn, layer: str | None) -> dict[str, Any]:
    labels = {a.name: a.label_zh for a in layers()[layer].attributes} if layer else {}
    label = (labels | EXTRA_LABELS).get(one.attribute or "", one.attribute)
    return {
        "column": one.column, "attribute": one.attribute, "also": list(one.also), "label": label, "unit": one.unit,
        "confidence": one.confidence, **_why(one.reasons), "samples": list(one.samples),
        "filled_share": round(one.filled_share, 4), "unread": list(one.unread),
    }  # fmt: skip


def _why(reasons: Sequence[Text]) -> dict[str, str]:
    return {
        "why": "；".join(reason.render("zh") for reason in reasons),
        "why_en": "; ".join(reason.render("en") for reason in reasons),
    }


def previewed(
    sources: Sequence[Source], *, mapping: Path | None, crs: str | None = None, rows: int = 20, progress: Progress = SILENT
) -> dict[str, Any]:  # fmt: skip
    """Give the first rows as a mapping file takes them, what is doubted in them, and a light picture as GeoJSON."""
    rules = load_mapping(mapping) if mapping is not None else NO_MAPPING
    return preview_document(preview_sources(sources, mapping=rules, crs=crs, rows=rows, progress=progress))


def preview_document(preview: Preview) -> dict[str, Any]:
    """Give a preview as JSON."""
    return {
        "crs": preview.crs, "tables": [_previewed(table) for table in preview.tables],
        "issues": [_counted(one) for one in preview.issues], "skipped": list(preview.skipped),
        "features": dict(preview.features), "drawn": preview.drawn, "shapes": preview.shapes,
    }  # fmt: skip


def _previewed(table: PreviewTable) -> dict[str, Any]:
    layer = layers()[table.layer]
    labels = {attribute.name: attribute.label_zh for attribute in layer.attributes}
    return {
        "file": table.file, "table": table.table, "layer": table.layer, "layer_label": layer.label_zh,
        "count": table.count, "rows": [dict(row) for row in table.rows],
        "columns": [
            {"attribute": name, "label": labels[name], "filled_share": round(share, 4)} for name, share in table.filled.items()
        ],
        "issues": [_counted(one) for one in table.issues],
    }  # fmt: skip


def _counted(one: IssueCount) -> dict[str, Any]:
    return {
        "kind": one.kind, "severity": one.severity, "count": one.count,
        "message": one.first.message("zh"), "message_en": one.first.message("en"),
    }  # fmt: skip
