"""Headings that a format has cut short, and which attribute each was taken for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gis.issues import DataIssue
from gis.schema import heading_words, layers, plain_text

if TYPE_CHECKING:
    from gis.intake.mapping import LayerRule
    from gis.sources.raw import RawTable


def tell_cut_headings(raw: RawTable, rule: LayerRule) -> RawTable:
    """Give the table with the list of the headings that are only the beginning of a known word, and what they stand for."""
    if not raw.cut_headings:
        return raw
    words = heading_words(rule.layer)
    labels = {a.name: a.label_zh for a in layers()[rule.layer].attributes}
    cut = [
        f"“{field.column}” = {labels.get(attribute, attribute)} ({attribute})"
        for attribute, field in rule.fields.items()
        if field.column is not None and plain_text(field.column) not in words and field.heading is None
    ]
    if not cut:
        return raw
    issue = DataIssue(
        "heading-cut", "repaired", "", raw.file_name, None, {"headings": ", ".join(cut)}, "headings-completed"
    )
    return replace(raw, issues=(*raw.issues, issue))
