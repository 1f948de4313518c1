"""A small workbench that answers without a network, and a client that speaks to it as the page does."""

from __future__ import annotations

import json
import threading
import time
import warnings
from contextlib import contextmanager
from datetime import date

import geopandas as gpd
import numpy as np
from shapely.geometry import LineString, Polygon

from api.app import create_app
from api.errors import CallError
from gis.errors import UnansweredError, WorkspaceError
from gis.network import Network
from gis.schema import conform, empty_layer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette announces another HTTP library for its test client
    from fastapi.testclient import TestClient

CRS = "EPSG:4548"
HOME = "http://127.0.0.1:8420"
FILES = (
    "scheme.pdf",
    "quote.xlsx",
    "plan.dxf",
    "map.html",
    "scheme.gpkg",
    "model-before.inp",
    "model-after.inp",
)


def small_network(version="v-1"):
    tables = {
        "pipes": gpd.GeoDataFrame(
            {
                "pipe_id": ["P1", "JS1/JS2"],
                "dn": [300, 100],
                "geometry": [
                    LineString([(501_000, 4_058_000), (501_400, 4_058_000)]),
                    LineString([(501_400, 4_058_000), (501_400, 4_058_300)]),
                ],
            },
            geometry="geometry",
            crs=CRS,
        ),
        "parcels": gpd.GeoDataFrame(
            {
                "parcel_id": ["A1"],
                "geometry": [Polygon([(501_000, 4_058_010), (501_100, 4_058_010), (501_100, 4_058_090)])],
            },
            geometry="geometry",
            crs=CRS,
        ),
    }

    def read(name):
        return conform(tables[name], name) if name in tables else empty_layer(name, CRS)

    import pyproj

    return Network(version, pyproj.CRS(CRS), "测试", synthetic=True, read_layer=read)


class FakeBench:
    """Answers at once; a request's `name` makes it slow or lets it fail."""

    register_mark = "0+0"  # no register, no schemes
    today = date(2026, 11, 21)

    def __init__(self, version="v-1"):
        self.network = small_network(version)
        self.calls = []
        self.go_on = threading.Event()
        self.begun = threading.Event()
        self.closed = False

    def pipe_pressures_mpa(self):
        return np.array([0.31, np.nan])

    def info(self):
        return {
            "version": self.network.version, "source": "测试", "synthetic": True, "crs": CRS,
            "bounds": [117.0, 36.6, 117.1, 36.7], "counts": {"pipes": 2},
        }  # fmt: skip

    def warm_up(self, progress):
        pass

    def close(self):
        self.closed = True

    def tapoffs(self, position, *, count, within_m, status):
        self.calls.append(("tapoffs", position, count, within_m, status))
        if position[0] > 180:
            raise CallError("not-lonlat", value=f"{position[0]}, {position[1]}")
        return [{"id": "T1", "status": "free", "position": list(position), "distance_m": 12.5}]

    def site_card(self, position):
        if position == (1.0, 1.0):
            raise ZeroDivisionError("secret inner detail")
        return {"position": list(position), "pipes": [], "tapoffs": [], "valves": []}

    def check(self, *, node, position, flow_lps, required_pressure_m, want_nodes, wanted):
        self.wanted = wanted
        self.calls.append(("check", node, position, flow_lps, required_pressure_m, want_nodes))
        if node == "unfed":
            raise WorkspaceError("workspace-missing-test")
        return {"node": node, "verdict": "pass", "pressure_after_m": 20.0}

    def isolate(self, *, node, pipe, position, failed, by_pressure, starts, lasts_hours):
        self.calls.append(("isolate", node, pipe, position, failed, by_pressure, starts, lasts_hours))
        return {"pipe_id": pipe, "valves": [], "customers_out": 3}

    def scheme(self, request, out, *, progress):
        progress.step("demand", 1, 3)
        name = request.get("name", "无名")
        if name == "bad":
            raise CallError("flow", value=-1)
        if name == "broken":
            raise KeyError("secret inner detail")
        if name == "slow":
            self.begun.set()
            while not self.go_on.wait(0.02):
                progress.step("route", 2, 3)
        document = {
            "id": f"S-{name}", "name": name, "feasible": True, "summary": "可行", "summary_en": "feasible",
            "options": [{"quote": {"total_cny": "12345.67"}}], "rejected": [],
            "provenance": {"network_version": self.network.version},
        }  # fmt: skip
        out.mkdir(parents=True, exist_ok=True)
        for file in FILES:
            (out / file).write_bytes(f"content of {file}".encode())
        (out / "scheme.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        (out / "private.txt").write_text("not for the world")
        return document

    def capacity(self, request, out, *, progress):
        progress.step("capacity", 0, 1)
        (out / "nodes.csv").write_text("node_id,capacity_lps\n", encoding="utf-8")
        (out / "map.geojson").write_text("{}", encoding="utf-8")
        return {"asked": request}

    def outages(self, request, out, *, progress):
        progress.step("outages", 0, 1)
        (out / "outages.csv").write_text("pipe_id,unserved_lps\n", encoding="utf-8")
        return {"asked": request}

    def renewal_assess(self, parameters, out, *, progress):
        return self._renewal("assess", parameters, out, progress)

    def renewal_coordinate(self, parameters, out, *, progress):
        return self._renewal("coordinate", parameters, out, progress)

    def _renewal(self, kind, parameters, out, progress):
        progress.step("classify", 0, 1)
        if parameters == {"slow": True}:
            self.begun.set()
            while not self.go_on.wait(0.02):
                progress.step("classify", 0, 1)
        (out / "renewal.xlsx").write_bytes(b"xlsx")
        (out / "renewal.gpkg").write_bytes(b"gpkg")
        return {
            "kind": kind,
            "parameters": parameters,
            "candidates": [{"pipe_id": "P1", "rank": 1}, {"pipe_id": "JS1/JS2", "rank": 2}],
        }


@contextmanager
def serving(workspace, bench=None, site=None, **options):
    """A client of an application that is open; the application is closed with it."""
    bench = bench or FakeBench()
    app = create_app(
        bench,
        workspace=workspace,
        site=site or workspace / "site",
        software="tapwright 0.0-test",
        **options,
    )
    with TestClient(app, base_url=HOME, raise_server_exceptions=False) as client:
        yield client
        getattr(bench, "go_on", threading.Event()).set()


def until(condition, within_s=20.0):
    """Wait for something another thread does."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def finished(client, job_id):
    """The job once it has ended."""

    def ended():
        job = client.get(f"/api/v1/jobs/{job_id}").json()
        return job if job["state"] not in ("queued", "running") else None

    return until(ended)


__all__ = [
    "CRS",
    "FILES",
    "HOME",
    "FakeBench",
    "UnansweredError",
    "finished",
    "serving",
    "small_network",
    "until",
]
