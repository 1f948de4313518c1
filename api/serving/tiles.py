"""The tiles of one network version as they are sent: gzipped once, remembered in memory and, from afar, on disk."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from maps.layers import TILE_MAX_ZOOM, layers_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from api.store.tile_file import TileFile
    from maps.tiles import TileServer

MOST_BYTES = 64 << 20
DISK_ZOOM = 14  # tiles of this zoom and beyond are cut about as fast as they are fetched, and there are many
_SMALL_BYTES = 200  # what an entry costs beside its content


@dataclass(frozen=True)
class Tile:
    """Gzipped content, and a tag that is the same exactly when the content is."""

    content: bytes
    tag: str


class HeldTiles:
    """
    Tiles for the routes; calls may come from several threads.

    Parameters
    ----------
    server
        Cuts them.
    edition
        Network version and program: whatever makes tiles of the same address differ.
    disk
        Where tiles from afar outlive the server; None for nowhere.
    """

    def __init__(self, server: TileServer, *, edition: str, disk: TileFile | None = None) -> None:
        self.server = server
        self._edition = edition
        self._disk = disk
        self._kept: OrderedDict[tuple[str, int, int, int], Tile] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._readying: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def tile(self, layer: str, z: int, x: int, y: int) -> Tile:
        """
        Give one tile.

        Raises
        ------
        MapError
            As `TileServer.tile`.
        """
        address = (layer, z, x, y)
        with self._lock:
            if address in self._kept:
                self._kept.move_to_end(address)
                return self._kept[address]
        tile = self._from_disk(address) or self._cut(address)
        self._keep(address, tile)
        return tile

    def make_ready(self) -> None:
        """Prepare what the map of the page needs, so that no caller waits for it."""
        for layer in ("network", "ground", "works"):
            for z in range(TILE_MAX_ZOOM + 1):
                self._make_ready(layer, z)

    def _from_disk(self, address: tuple[str, int, int, int]) -> Tile | None:
        if self._disk is None or not _is_for_disk(address):
            return None
        found = self._disk.get(self._edition, *address)
        return None if found is None else Tile(*found)

    def _cut(self, address: tuple[str, int, int, int]) -> Tile:
        layer, z, x, y = address
        self._make_ready(layer, z)
        content = gzip.compress(self.server.tile(layer, z, x, y), compresslevel=4, mtime=0)
        tile = Tile(content, hashlib.blake2b(content, digest_size=12).hexdigest())
        if self._disk is not None and _is_for_disk(address):
            self._disk.put(self._edition, *address, content=content, tag=tile.tag)
        return tile

    def _make_ready(self, layer: str, z: int) -> None:
        """One thread makes a layer ready; the others wait for it instead of doing the same beside it."""
        if not self.server.is_ready(layer, z):
            with self._readying[layer]:
                self.server.make_ready(layer, z)

    def _keep(self, address: tuple[str, int, int, int], tile: Tile) -> None:
        with self._lock:
            if address not in self._kept:
                self._kept[address] = tile
                self._bytes += len(tile.content) + _SMALL_BYTES
            while self._bytes > MOST_BYTES:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.content) + _SMALL_BYTES


def _is_for_disk(address: tuple[str, int, int, int]) -> bool:
    layer, z, *_ = address
    # What is computed (pressures) may change with the rules of the computation: only what is imported outlives us.
    return z < DISK_ZOOM and not any(one.given for one in layers_of(layer))


@cache
def cutter() -> str:
    """Name what cuts the tiles, by the content of its files: another program may cut the same version otherwise."""
    digest = hashlib.blake2b(digest_size=8)
    room = files("maps")
    for folder in (room, room / "tiling", room / "data", files("gis") / "data" / "schema"):
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if _is_part(file):
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _is_part(file: Traversable) -> bool:
    return file.is_file() and file.name.endswith((".py", ".toml", ".csv"))
