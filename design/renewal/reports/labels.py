"""Labels of codes and columns for documents: from the schema, the messages and the column table."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from design.renewal.assessment.verdicts import CERTAINTIES
from gis.messages import lookup
from gis.schema import codes


@dataclass(frozen=True)
class Column:
    """One column of a written table (data/renewal/columns.csv)."""

    key: str
    label_zh: str
    label_en: str
    unit: str
    meaning: str

    @property
    def heading(self) -> str:
        """Chinese label with unit."""
        return f"{self.label_zh}（{self.unit}）" if self.unit else self.label_zh


@cache
def columns(table: str) -> tuple[Column, ...]:
    """Columns of a written table in their order."""
    with files("design").joinpath("data", "renewal", "columns.csv").open(encoding="utf-8") as stream:
        return tuple(
            Column(row["key"], row["label_zh"], row["label_en"], row["unit"], row["meaning"])
            for row in csv.DictReader(stream)
            if row["table"] == table
        )


def text_pair(key: str) -> tuple[str, str]:
    """A sentence or label of the design room in Chinese and English."""
    return lookup("design", key, "zh"), lookup("design", key, "en")


@cache
def code_labels(kind: str, language: str) -> dict[str, str]:
    """Label of every code of a kind: material, lining, certainty."""
    if kind == "certainty":
        return {name: text_pair(f"certainty.{name}")[language == "en"] for name in CERTAINTIES}
    entries = codes("pipes", kind).values()
    return {entry.code: entry.label_en if language == "en" else entry.label_zh for entry in entries}
