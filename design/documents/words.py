"""Headings of the documents and labels of codes, in the language of the reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from design.documents.english import english, readable
from design.documents.figures import pretty_unit
from gis.messages import catalogue
from gis.schema import codes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.messages import Language


_TWICE = re.compile(r"(默认值) 默认值")


@dataclass(frozen=True)
class Words:
    """`words("total")` is a heading of [book] or [document] in the message files; `code` gives labels of the schema."""

    language: Language

    def __call__(self, key: str, **params: object) -> str:
        tables = catalogue("design", self.language)
        sentence = tables["book"].get(key)
        return (tables["document"][key] if sentence is None else sentence).format_map(params)

    def text(self, entry: Mapping[str, Any], key: str) -> str:
        """A sentence or name of the scheme in the reader's language, from `<key>_en` where there is one."""
        told = str(entry.get(key) or "")
        if self.language == "zh":
            return told
        return english(str(entry.get(f"{key}_en") or told))

    def texts(self, entry: Mapping[str, Any], key: str) -> list[str]:
        """Sentences of a list, such as reasons, in the reader's language."""
        if self.language == "zh":
            return [str(told) for told in entry.get(key) or []]
        return [english(str(told)) for told in entry.get(f"{key}_en") or entry.get(key) or []]

    def said(self, told: str) -> str:
        """A clause, unit or type without a partner; in English without the parts that are not known in English."""
        return told if self.language == "zh" else readable(english(told))

    def unit(self, unit: str) -> str:
        """A unit as the reader writes it: yuan in Chinese, a share as a part of one."""
        if unit == "CNY" and self.language == "zh":
            return "元"
        return "" if unit == "share" else pretty_unit(unit)

    def clause(self, told: str) -> str:
        """The clause of a rule, a default named once: standard and clause may both say that it is one."""
        return self.said(_TWICE.sub(r"\1", told))

    def utility(self, kind: str) -> str:
        """Name of a kind of utility: sewer, gas ..."""
        return self.known("utility", kind)

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
