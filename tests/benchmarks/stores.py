"""Versions moved from a folder into PostGIS and opened there: equal content, cost in step with size."""

from __future__ import annotations

import time

from gis.store import open_store
from gis.stores.address import parse_address
from tests.benchmarks.city import run, workspace_of
from tests.benchmarks.rows import limited, row
from tests.postgis import cluster, programs

LAYERS = ("pipes", "nodes", "tapoffs", "valves")
LINEAR_WITHIN = 1.5


def measure(folder, sizes):
    """Yield the rows of the table, from workspaces that `city.measure` left."""
    if programs() is None:
        print("!! no PostGIS on this machine: database workspaces were not measured")
        return
    per_pipe = {}
    with cluster() as (socket, port):
        for size in sizes:
            workspace, url = (
                workspace_of(folder, size),
                f"postgresql://gis@/gis?host={socket}&port={port}&schema=w{size}",
            )
            copied = run("copy", workspace, url)
            (version,) = copied.document["versions"]
            assert version["content_hash"] == version["version"], version
            yield row(
                "copy folder to PostGIS, content hashes equal", size, copied.seconds, peak_gib=copied.peak_gib
            )
            opened = {place: _opened(place) for place in (workspace, parse_address(url))}
            seconds = list(opened.values())
            yield row(
                "open pipes, nodes, tap-offs, valves from PostGIS", size, seconds[1], folder_s=seconds[0]
            )
            per_pipe[size] = copied.seconds / size, seconds[1] / size
    if len(sizes) > 1:
        for what, at in (("copy to PostGIS", 0), ("open from PostGIS", 1)):
            growth = per_pipe[max(sizes)][at] / per_pipe[min(sizes)][at]
            told = f"{what}, time a pipe against {min(sizes)} pipes"
            yield limited(told, max(sizes), growth, most=LINEAR_WITHIN, unit="x")


def _opened(address) -> float:
    started = time.perf_counter()
    network = open_store(address).open()
    assert all(len(network.layer(name)) for name in LAYERS)
    return time.perf_counter() - started
