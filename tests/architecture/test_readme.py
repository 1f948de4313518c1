"""The table of the README that says where a change goes is true: every folder stands in it, every place in it is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("gis", "hydraulics", "design", "maps", "api")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PLACES = sorted(set(re.findall(rf"`((?:{'|'.join(ROOMS)}|tests)/[^`*<{{]*)", README)))
FOLDERS = sorted(
    path.parent.relative_to(ROOT).as_posix()
    for room in ROOMS
    for path in (ROOT / room).rglob("__init__.py")
    if "node_modules" not in path.parts and path.parent != ROOT / room
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_stands_in_the_table(folder):
    assert any(place.startswith(folder) for place in PLACES), f"say in README.md what changes in {folder}"


def test_every_place_named_is_there():
    missing = [place for place in PLACES if not (ROOT / place.split(" ")[0].split(":")[0]).exists()]
    assert not missing


def test_there_are_places_and_folders():
    assert len(PLACES) > 50 and len(FOLDERS) > 40
