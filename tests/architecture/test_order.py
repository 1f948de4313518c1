"""The suite begins with its longest files, and with none that is gone."""

from pathlib import Path

from tests.order import LONGEST, longest_first

ROOT = Path(__file__).parents[2]


def test_every_file_the_suite_begins_with_is_there_once():
    assert [file for file in LONGEST if not (ROOT / file).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


def test_the_longest_come_first_and_then_those_of_many_tests():
    files = ["tests/a.py", "tests/b.py", "tests/b.py", LONGEST[1], LONGEST[0]]
    ranks = longest_first(files)
    assert sorted(ranks, key=ranks.get) == [LONGEST[0], LONGEST[1], "tests/b.py", "tests/a.py"]
