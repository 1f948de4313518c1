"""Kinds of standard details that have a drawing, and the dimensions the scheme tells of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = (
    "tie-in", "valve-well", "meter-well", "backflow", "backflow-place", "thrust", "trench", "sheeting", "casing", "hydrant",
)  # fmt: skip


def detail_kind(assembly: Mapping[str, Any]) -> str:
    """Kind of a standard detail: as told, else from its code."""
    kinds = (*KINDS, "meter-box")
    told = str(assembly.get("kind") or next((k for k in kinds if str(assembly["code"]).startswith(k)), ""))
    return "meter-well" if told == "meter-box" else told


def sizes_mm(assembly: Mapping[str, Any]) -> dict[str, float]:
    """Dimensions of a detail [mm]: as told, else as its name writes them (Φ1200, 2750×1300)."""
    told = {key: float(value) for key, value in (assembly.get("dimensions_mm") or {}).items()}
    if not told:
        if found := re.search(r"(\d{3,4})\s*[×x]\s*(\d{3,4})", assembly["name"]):
            told = {"inner_length": float(found[1]), "inner_width": float(found[2])}
        elif found := re.search(r"Φ\s*(\d{3,4})", assembly["name"]):
            told = {"inner_diameter": float(found[1])}
    return told
