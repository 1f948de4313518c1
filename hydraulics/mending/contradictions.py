"""Controls and rules of a model that want two things of one link at one time: the peak state then hangs on their order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hydraulics.errors import HydraulicsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hydraulics.inp.read import ModelFile

    Wanted = dict[tuple[str, str], set[str]]

_SHUT = "CLOSED"
_LEVEL_WORDS = 8  # LINK id action IF NODE id ABOVE|BELOW level


@dataclass(frozen=True)
class Contradiction:
    """
    A link with the condition, or the two of them, under which different things are wanted of it.

    `is_settled` says that EPANET takes the last without harm: OPEN and then a speed or setting.
    """

    link: str
    condition: str
    is_settled: bool


def contradictions(file: ModelFile) -> Iterator[Contradiction]:
    """Every pair of simple controls, or of rules of one priority, that are at odds."""
    for (link, condition), actions in [*_control_actions(file).items(), *_rule_wants(file).items()]:
        if len(actions) > 1:
            figures = {action for action in actions if action not in {"OPEN", _SHUT}}
            yield Contradiction(link, condition, is_settled=_SHUT not in actions and len(figures) < 2)
    yield from _overlaps(file)


def refuse_contradictions(file: ModelFile) -> None:
    """
    Refuse a model whose controls open and shut one link at once: which holds would be chance.

    Raises
    ------
    HydraulicsError
        `controls-contradict` with the link and the condition.
    """
    for found in contradictions(file):
        if not found.is_settled:
            raise HydraulicsError("controls-contradict", link=found.link, condition=found.condition)


def _control_actions(file: ModelFile) -> Wanted:
    wanted: Wanted = defaultdict(set)
    for row in file.section("CONT"):
        if len(row) > 3:
            wanted[row[1], " ".join(_plain(word) for word in row[3:])].add(_plain(row[2]))
    return wanted


def _plain(word: str) -> str:
    """A word in upper case; a number in one way of writing, so that 5 and 5.0 are one."""
    try:
        return f"{float(word):g}"
    except ValueError:
        return word.upper()


def _overlaps(file: ModelFile) -> Iterator[Contradiction]:
    """One control shuts above a level, another opens below a higher one (or the reverse): between them both hold."""
    levels: dict[tuple[str, str], list[tuple[str, float, bool]]] = defaultdict(list)
    for row in file.section("CONT"):
        words = [_plain(word) for word in row]
        if len(row) >= _LEVEL_WORDS and words[3] == "IF" and words[6] in {"ABOVE", "BELOW"}:
            try:
                level = float(row[7])
            except ValueError:
                continue
            levels[row[1], row[5]].append((words[6], level, words[2] in {_SHUT, "0"}))
    for (link, node), said in levels.items():
        below = [(level, shut) for side, level, shut in said if side == "BELOW"]
        above = [(level, shut) for side, level, shut in said if side == "ABOVE"]
        for high, shut_below in below:
            for low, shut_above in above:
                if low < high and shut_below != shut_above:
                    yield Contradiction(link, f"NODE {node} BELOW {high:g} / ABOVE {low:g}", is_settled=False)


def _rule_wants(file: ModelFile) -> Wanted:
    wanted: Wanted = defaultdict(set)
    for condition, link, action in _rule_actions(file):
        wanted[link, condition].add(action)
    return wanted


def _rule_actions(file: ModelFile) -> Iterator[tuple[str, str, str]]:
    """Condition, link, and what is to become of it, for every THEN clause; rules of different priority settle it."""
    premise: list[str] = []
    actions: list[tuple[str, str]] = []
    priority, in_then = "", False
    for row in [*file.section("RULE"), ["RULE"]]:
        words = [_plain(word) for word in row]
        if words[0] == "RULE":
            condition = " ".join([*premise, priority])
            yield from ((condition, link, action) for link, action in actions)
            premise, actions, priority, in_then = [], [], "", False
        elif words[0] == "PRIORITY":
            priority = words[-1]
        elif words[0] in {"IF", "OR"} or (words[0] == "AND" and not in_then):
            premise.append(" ".join(words))
        elif words[0] == "THEN" or (words[0] == "AND" and in_then):
            in_then = True
            if len(row) > 3:
                actions.append((row[2], words[-1]))
        elif words[0] == "ELSE":
            in_then = False
