"""Criteria of an assessment: the national classes and the material table, dated files with their source."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from importlib.resources.abc import Traversable

LININGS = ("lined", "unlined")


@dataclass(frozen=True)
class MaterialClass:
    """A class that material (and lining) alone decides; `lining` is lined, unlined or any."""

    code: str
    materials: tuple[str, ...]
    lining: str
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class MaterialFacts:
    """Score, usual life and backwardness of one material with one lining (data/renewal/materials.csv)."""

    material_score: float
    life_years: float
    backward: bool
    source: str
    confidence: str


@dataclass(frozen=True)
class Criteria:
    """
    What an assessment judges by.

    `retrospective` says the assessment date lies before the rule came into force.
    """

    rule_id: str
    document: str
    clause: str
    classes: tuple[MaterialClass, ...]
    aged_code: str
    aged_min_years: int
    labels: Mapping[str, tuple[str, str]]
    not_counted: tuple[Mapping[str, str], ...]
    materials: Mapping[tuple[str, str], MaterialFacts]
    retrospective: bool
    files: tuple[Mapping[str, Any], ...]

    def facts(self, material: str, lining: str) -> list[MaterialFacts]:
        """What is known of a material: one entry, several where the lining is unknown, all for an unknown material."""
        linings = (lining,) if lining in LININGS else LININGS
        found = [self.materials[material, each] for each in linings if (material, each) in self.materials]
        return found or list(self.materials.values())


def load_criteria(*, on: date, count_pccp_as_cement: bool) -> Criteria:
    """
    The criteria in force on a day.

    Before the first rule came into force the first one is taken and called retrospective: a list for a past date
    is asked for to see what today's rule would have found.
    """
    known = sorted(_national_files(), key=lambda content: content["valid_from"])
    in_force = [content for content in known if content["valid_from"] <= on]
    content = in_force[-1] if in_force else known[0]
    material_rows, material_file = _material_table()
    aged = content["aged"]
    classes = tuple(_material_class(row, content, count_pccp_as_cement) for row in content["class"])
    labels = {c.code: (c.label_zh, c.label_en) for c in classes}
    labels[aged["code"]] = (aged["label_zh"], aged["label_en"])
    return Criteria(
        content["id"], content["document"], content["clause"], classes, aged["code"], aged["min_age_years"], labels,
        tuple(content["not_counted"]), material_rows, not in_force, (_rule_file(content), material_file),
    )  # fmt: skip


def _material_class(row: Mapping[str, Any], content: Mapping[str, Any], count_pccp: bool) -> MaterialClass:
    materials = list(row["materials"])
    if count_pccp:
        materials += [e["material"] for e in content["not_counted"] if e["counts_as"] == row["code"]]
    return MaterialClass(row["code"], tuple(materials), row["lining"], row["label_zh"], row["label_en"])


def _rule_file(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": content["id"], "hash": content["hash"], "document": content["document"], "clause": content["clause"],
        "title_zh": content["title_zh"], "title_en": content["title_en"], "source": content["source"],
        "confidence": content["confidence"], "valid_from": content["valid_from"].isoformat(),
        "text_zh": content["text_zh"],
    }  # fmt: skip


def _folder() -> Traversable:
    return files("design").joinpath("data", "renewal")


@cache
def _national_files() -> tuple[dict[str, Any], ...]:
    entries = sorted((e for e in _folder().iterdir() if e.name.startswith("national")), key=lambda e: e.name)
    raw = [entry.read_bytes() for entry in entries]
    return tuple(
        {**tomllib.loads(text.decode("utf-8")), "hash": hashlib.sha256(text).hexdigest()[:12]} for text in raw
    )


@cache
def _material_table() -> tuple[dict[tuple[str, str], MaterialFacts], dict[str, Any]]:
    raw = _folder().joinpath("materials.csv").read_bytes()
    rows: dict[tuple[str, str], MaterialFacts] = {}
    for row in csv.DictReader(raw.decode("utf-8").splitlines()):
        facts = MaterialFacts(
            float(row["score"]),
            float(row["life_years"]),
            row["backward"] == "yes",
            row["source"],
            row["confidence"],
        )
        for lining in LININGS if row["lining"] == "any" else (row["lining"],):
            rows[row["material"], lining] = facts
    stamp = {
        "id": "renewal-materials", "hash": hashlib.sha256(raw).hexdigest()[:12], "document": "管材表",
        "clause": "", "title_zh": "管材评分与常用寿命", "title_en": "Material scores and usual lives",
        "source": "行业常用取值与设计约定", "confidence": "medium", "valid_from": None, "text_zh": "",
    }  # fmt: skip
    return rows, stamp
