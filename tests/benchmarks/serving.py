"""A city served: how long until the first answer, then site cards and tiles over HTTP, one after the other."""

from __future__ import annotations

import gzip
import http.client
import json
import random
import subprocess
import time
from contextlib import contextmanager

import shapely

from api.positions import wire_position
from gis.store import open_store
from tests.benchmarks.city import TAPWRIGHT, workspace_of
from tests.benchmarks.rows import limited, percentile, row
from tests.benchmarks.tiles import SETS, ZOOMS, addresses

PLACES = 300
CARD_S, CACHED_S = 0.050, 0.005
START_WITHIN_S = 900.0
_ROWS: dict[str, dict[str, int]] = {}


def measure(folder, sizes):
    """Yield the rows of the table, from workspaces that `city.measure` left."""
    medians = {}
    for size in sizes:
        workspace = workspace_of(folder, size)
        network = open_store(workspace).open()
        places = _places(network)
        with _server(workspace) as (server, started):
            yield from _first_answers(server, network, places[0], size, started)
            _until_warm(server, network)
            seconds = [_card(server, network, place) for place in places]
            medians[size] = percentile(seconds, 50)
            yield row(
                "site card over HTTP, p95", size, percentile(seconds, 95), bar_s=CARD_S, most_s=max(seconds)
            )
            yield _cached_tiles(server, network, size)
            yield limited(
                "server, memory with everything warm", size, server.memory_gib(), most=8.0, unit="GiB"
            )
    if len(sizes) > 1:
        growth = medians[max(sizes)] / medians[min(sizes)]
        what = f"site card, median against {min(sizes)} pipes"
        yield limited(what, max(sizes), growth, most=2.0, unit="x")


class _Server:
    def __init__(self, process, port: int) -> None:
        self._process = process
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=START_WITHIN_S)
        for _ in range(int(START_WITHIN_S / 0.02)):
            try:
                self._link.connect()
                break
            except ConnectionRefusedError:  # the port is taken before it is listened to
                time.sleep(0.02)

    def get(self, path: str, headers=None):
        """Status, headers and content."""
        self._link.request("GET", f"/api/v1{path}", headers=headers or {})
        answer = self._link.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def memory_gib(self) -> float:
        """Memory it holds."""
        with open(f"/proc/{self._process.pid}/statm") as pages:
            return int(pages.read().split()[1]) * 4096 / 2**30


@contextmanager
def _server(workspace):
    note = workspace / "server.json"
    started = time.perf_counter()
    process = subprocess.Popen(
        [TAPWRIGHT, "serve", "--workspace", str(workspace), "--port", "0", "--local"],
        stderr=subprocess.DEVNULL,
    )
    try:
        while not note.exists():
            assert process.poll() is None and time.perf_counter() - started < START_WITHIN_S
            time.sleep(0.02)
        yield _Server(process, json.loads(note.read_text())["port"]), started
    finally:
        process.terminate()
        process.wait(60)


def _places(network, *, seed=3):
    rng = random.Random(seed)
    lines = network.pipes.geometry
    middles = [lines.iloc[rng.randrange(len(lines))].interpolate(0.5, normalized=True) for _ in range(PLACES)]
    return [(point.x + rng.uniform(-60, 60), point.y + rng.uniform(-60, 60)) for point in middles]


def _first_answers(server, network, place, size, started):
    """As a person meets them: the page's description, its first tile, then a first card with pressures."""
    west, south, east, north = json.loads(server.get("/network")[2])["bounds"]
    yield row("serve: start to description of the network", size, time.perf_counter() - started)
    version = network.version
    address = next(one for one in addresses((west, south, east, north)) if one[0] == 14)
    status, _, _ = server.get(f"/tiles/{version}/network/{'/'.join(map(str, address))}.mvt")
    assert status == 200
    yield row("serve: start to first tile", size, time.perf_counter() - started)
    _card(server, network, place)
    yield row("serve: start to first site card with pressures", size, time.perf_counter() - started)


def _until_warm(server, network) -> None:
    """Wait for the layers of every zoom, which are made ready beside the first calls: what follows is the steady state."""
    where = addresses(json.loads(server.get("/network")[2])["bounds"])
    for kind in SETS:
        for z in ZOOMS:
            address = next(one for one in where if one[0] == z)
            assert server.get(f"/tiles/{network.version}/{kind}/{'/'.join(map(str, address))}.mvt")[0] == 200


def _row_of(network, pipe_id: str) -> int:
    """Row of a pipe, by an index that is made once a version."""
    if network.version not in _ROWS:
        _ROWS.clear()
        _ROWS[network.version] = {name: row for row, name in enumerate(network.pipes["pipe_id"])}
    return _ROWS[network.version][pipe_id]


def _card(server, network, place) -> float:
    lon, lat = wire_position(network, place)
    started = time.perf_counter()
    status, _, content = server.get(f"/site-card?at={lon!r},{lat!r}")
    seconds = time.perf_counter() - started
    card = json.loads(content)
    assert status == 200, card
    near = card["pipes"][0]
    away_m = shapely.distance(shapely.Point(place), network.pipes.geometry.iloc[_row_of(network, near["id"])])
    assert abs(away_m - near["distance_m"]) < 0.02, (away_m, near)
    # nothing may be nearer than what is called nearest
    tree = network.pipes.sindex
    assert not len(
        tree.query(shapely.Point(place), predicate="dwithin", distance=max(near["distance_m"] - 0.02, 0.0))
    )
    assert card["running"]["computed"] and card["pressure"] is not None, card["running"]
    return seconds


def _cached_tiles(server, network, size):
    where = [one for one in addresses(json.loads(server.get("/network")[2])["bounds"]) if one[0] >= 11][:120]
    seconds = []
    for address in where:
        path = f"/tiles/{network.version}/network/{'/'.join(map(str, address))}.mvt"
        _, headers, content = server.get(path, {"Accept-Encoding": "gzip"})
        started = time.perf_counter()
        _, again, same = server.get(path, {"Accept-Encoding": "gzip"})
        seconds.append(time.perf_counter() - started)
        names = {name.lower(): value for name, value in again.items()}
        assert same == content and names["etag"] == {k.lower(): v for k, v in headers.items()}["etag"]
        gzip.decompress(content)
        assert server.get(path, {"Accept-Encoding": "gzip", "If-None-Match": names["etag"]})[0] == 304
    return row(
        "tiles sent again over HTTP, p95",
        size,
        percentile(seconds, 95),
        bar_s=CACHED_S,
        median_s=percentile(seconds, 50),
    )
