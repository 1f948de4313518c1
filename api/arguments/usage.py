"""How a call is read: wrong calls in both languages, positions west of Greenwich, no empty paths."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from gis.messages import Text, lookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.sources.postgis.address import DatabaseSource

BAD_CALL = 2
_NEGATIVE = re.compile(r"-[.\d]")
# argparse's own sentences and ours; the named groups are the places of the sentence.
_SENTENCES = (
    ("required", re.compile(r"the following arguments are required: (?P<names>.+)", re.DOTALL)),
    ("one-of", re.compile(r"one of the arguments (?P<names>.+) is required", re.DOTALL)),
    ("unknown", re.compile(r"unrecognized arguments: (?P<names>.*)", re.DOTALL)),
    ("not-together", re.compile(r"argument (?P<name>\S+): not allowed with argument (?P<other>.+)", re.DOTALL)),
    ("value-missing", re.compile(r"argument (?P<name>\S+): expected (at least )?one argument", re.DOTALL)),
    ("not-a-choice", re.compile(r"argument (?P<name>\S+): invalid choice: (?P<value>.*) \(choose from (?P<allowed>.*)\)", re.DOTALL)),
    ("not-whole", re.compile(r"argument (?P<name>\S+): invalid int value: (?P<value>.*)", re.DOTALL)),
    ("not-number", re.compile(r"argument (?P<name>\S+): invalid float value: (?P<value>.*)", re.DOTALL)),
    ("path-empty", re.compile(r"argument (?P<name>\S+): invalid (path|source) value: ''", re.DOTALL)),
)  # fmt: skip


class Parser(argparse.ArgumentParser):
    """A wrong call is bad input: exit 2, one sentence in each language."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the call and where its use is told."""
        sentence = _sentence(message)
        for language in ("zh", "en"):
            said = message if sentence is None else sentence.render(language)
            print(
                lookup("api", "usage.wrong", language).format(said=said, program=self.prog), file=sys.stderr
            )
        raise SystemExit(BAD_CALL)


def _sentence(message: str) -> Text | None:
    for key, pattern in _SENTENCES:
        if found := pattern.fullmatch(message):
            return Text("api", f"usage.{key}", found.groupdict())
    return None


def path(text: str) -> Path:
    """Give the path of an option; an empty one is refused, for it would mean the folder one happens to be in."""
    if not text.strip():
        raise ValueError
    return Path(text)


def source(text: str) -> Path | DatabaseSource:
    """Give the path of a source, or the tables of a database that `postgresql://…` names."""
    if not text.startswith(("postgresql://", "postgres://")):
        return path(text)
    from gis.sources.postgis.address import parse_source

    return parse_source(text)


def with_negative_values(argv: Sequence[str]) -> list[str]:
    """
    Join an option with a value that begins with a minus, which argparse would take for an option.

    >>> with_negative_values(["tapoffs", "--at", "-84.31,37.22", "--json"])
    ['tapoffs', '--at=-84.31,37.22', '--json']
    """
    joined: list[str] = []
    for word in argv:
        if _NEGATIVE.match(word) and joined and joined[-1].startswith("--") and "=" not in joined[-1]:
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def price_options(sub: argparse.ArgumentParser) -> None:
    """Own prices and who pays, for the commands that plan or plan again."""
    text = "本单位价目（TOML、CSV、XLSX，或多版本文件夹） / own prices"
    sub.add_argument("--catalogue", type=path, metavar="FILE|FOLDER", help=text)
    text = "费用承担政策，如 red-line、six-zero，或政策文件 / who pays what"
    sub.add_argument("--policy", metavar="ID|F.toml", help=text)
