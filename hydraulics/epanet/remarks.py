"""What EPANET remarked on a solved state, as sentences that name the things it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gis.messages import Text
from hydraulics.epanet.codes import Warned

if TYPE_CHECKING:
    from gis.errors import Param
    from hydraulics.results import Solution

_NAMED_COUNT = 5


def remarks(solution: Solution) -> list[dict[str, Any]]:
    """Give every warning with its code, what it is about, and a sentence in both languages; empty when all is well."""
    found = []
    for code in solution.warnings:
        named = "、".join(solution.warned_ids[:_NAMED_COUNT])
        params: dict[str, Param | Text] = {"count": len(solution.warned_ids), "named": named or "—"}
        text = Text("hydraulics", f"warning.{Warned(code).name.lower().replace('_', '-')}", params)
        found.append({
            "code": int(code), "subjects": list(solution.warned_ids), "text": text.render("zh"),
            "text_en": text.render("en"),
        })  # fmt: skip
    return found
