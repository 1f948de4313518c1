"""Tiles on disk: found again by the same program, bounded, and never in the way."""

from __future__ import annotations

import sqlite3

import pytest

from api.serving.tiles import HeldTiles
from api.store.tile_file import TileFile
from maps.tiles import TileServer
from tests.api.fakes import small_network

AFAR, CLOSE = ("pipes", 12, 3379, 1599), ("pipes", 14, 13517, 6396)


class CountingServer(TileServer):
    """Counts the tiles it cuts."""

    def __init__(self):
        super().__init__(small_network())
        self.cut = []

    def tile(self, layer, z, x, y):
        self.cut.append((layer, z, x, y))
        return super().tile(layer, z, x, y)


def held(tmp_path, edition="v-1-a"):
    server = CountingServer()
    return HeldTiles(server, edition=edition, disk=TileFile(tmp_path / "cache" / "tiles.sqlite")), server


def test_a_tile_is_cut_once_while_the_server_runs(tmp_path):
    tiles, server = held(tmp_path)
    first = tiles.tile(*CLOSE)
    assert tiles.tile(*CLOSE) == first
    assert server.cut == [CLOSE]


def test_tiles_from_afar_outlive_the_server_and_those_close_by_do_not(tmp_path):
    before, _ = held(tmp_path)
    tiles = {address: before.tile(*address) for address in (AFAR, CLOSE)}
    after, server = held(tmp_path)
    assert {address: after.tile(*address) for address in tiles} == tiles
    assert server.cut == [CLOSE]


def test_another_program_or_version_does_not_find_them(tmp_path):
    held(tmp_path)[0].tile(*AFAR)
    after, server = held(tmp_path, "v-1-b")
    after.tile(*AFAR)
    assert server.cut == [AFAR]


def test_other_editions_make_room_first_and_then_the_oldest(tmp_path):
    file = TileFile(tmp_path / "t.sqlite", most_bytes=10_000)
    for x in range(5):
        file.put("old", "pipes", 9, x, 0, content=bytes(1000), tag="t")
    for x in range(6):
        file.put("new", "pipes", 9, x, 0, content=bytes(1000), tag="t")
    assert [file.get("new", "pipes", 9, x, 0) is not None for x in range(6)] == [True] * 6
    assert [file.get("old", "pipes", 9, x, 0) is not None for x in range(5)] == [False] * 4 + [True]
    for x in range(6, 30):
        file.put("new", "pipes", 9, x, 0, content=bytes(1000), tag="t")
    kept = [x for x in range(30) if file.get("new", "pipes", 9, x, 0)]
    assert kept == list(range(30 - len(kept), 30))
    assert 7 <= len(kept) <= 10


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be one" * 99, b"", None])
def test_a_file_that_cannot_be_read_is_made_anew(tmp_path, content):
    path = tmp_path / "t.sqlite"
    if content is None:
        with sqlite3.connect(path) as db:
            db.execute("create table tile (something text)")
        db.close()
    else:
        path.write_bytes(content)
    file = TileFile(path)
    file.put("e", "pipes", 1, 0, 0, content=b"x", tag="t")
    assert file.get("e", "pipes", 1, 0, 0) == (b"x", "t")


def test_without_a_place_for_the_file_tiles_are_cut_all_the_same(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    tiles, server = held(tmp_path)
    tiles.tile(*AFAR)
    tiles.tile(*AFAR)
    assert server.cut == [AFAR]


def test_what_was_closed_answers_nothing_and_takes_nothing(tmp_path):
    file = TileFile(tmp_path / "t.sqlite")
    file.close()
    file.put("e", "pipes", 1, 0, 0, content=b"x", tag="t")
    assert file.get("e", "pipes", 1, 0, 0) is None
