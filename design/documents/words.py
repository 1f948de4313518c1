"""Headings of the documents and labels of codes, in the language of the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.messages import catalogue, lookup
from gis.schema import codes

if TYPE_CHECKING:
    from gis.messages import Language


@dataclass(frozen=True)
class Words:
    """`words("total")` is a heading of [document] in the message files; `code` gives labels of the schema."""

    language: Language

    def __call__(self, key: str, **params: object) -> str:
        return lookup("design", f"document.{key}", self.language).format_map(params)

    def code(self, layer: str, attribute: str, code: str | None) -> str:
        """Label of a code of the schema; the code itself when it is in no list, a dash when there is none."""
        found = codes(layer, attribute).get(code or "")
        if found is None:
            return code or "—"
        return found.label_zh if self.language == "zh" else found.label_en

    def known(self, table: str, code: str) -> str:
        """Sentence of a message table, such as ("method", "quota"); the code itself when the table lacks it."""
        return catalogue("design", self.language).get(table, {}).get(code, code)

    def confidence(self, code: str) -> str:
        """Label of how sure a figure of the rules is, or of the survey's own words."""
        return self.known("document", f"confidence-{code}").removeprefix("confidence-")

    def yes(self, statement: object) -> str:
        """Yes or no."""
        return self("yes" if statement else "no")
