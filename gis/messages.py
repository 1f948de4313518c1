"""
Sentences in both languages, kept in data files and never in code.

Every room has `data/messages/zh.toml` and `en.toml` with the same keys; `[error]`, `[issue]`, `[finding]`,
`[reason]` ... are tables of sentences with `{param}` places. A test holds the two languages together.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.errors import Param, TapwrightError

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Text:
    """A sentence by key: room, dotted key such as `reason.too-far`, and the values it names, texts among them."""

    room: str
    key: str
    params: Mapping[str, Param | Text] = field(default_factory=dict)

    def render(self, language: Language = "zh") -> str:
        """
        Give the sentence in `language`.

        Raises
        ------
        KeyError
            The key or one of its parameters is missing: a defect of the program, caught by the message test.
        """
        told = {
            name: value.render(language) if isinstance(value, Text) else value
            for name, value in self.params.items()
        }
        return lookup(self.room, self.key, language).format_map(told)


@cache
def catalogue(room: str, language: Language) -> dict[str, dict[str, str]]:
    """All sentences of one room in one language: {table: {key: sentence}}."""
    text = files(room).joinpath("data", "messages", f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def lookup(room: str, key: str, language: Language) -> str:
    """The raw sentence of `table.key`."""
    table, _, name = key.partition(".")
    return catalogue(room, language)[table][name]


def error_sentence(error: TapwrightError, language: Language = "zh") -> str:
    """What a person reads instead of a traceback."""
    return Text(error.room, f"error.{error.code}", error.params).render(language)


def both_languages(error: TapwrightError) -> str:
    """Chinese first, English below: what the command line prints on stderr."""
    zh, en = error_sentence(error, "zh"), error_sentence(error, "en")
    return zh if zh == en else f"{zh}\n{en}"
