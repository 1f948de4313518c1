"""Fixtures that every room's tests share."""

import gc
import itertools
import os
import sys
from pathlib import Path

import pytest

from tests.order import longest_first
from tests.postgis import cluster, programs
from tests.prepare import browser as find_browser

ROOT = Path(__file__).parents[1]
LAUNCH = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip
NUMBERS = itertools.count(1)


def pytest_collection_modifyitems(items):
    """The longest files first; within a file the order stays."""
    files = [item.nodeid.partition("::")[0] for item in items]
    ranks = longest_first(files)
    items[:] = [item for _, item in sorted(zip(files, items, strict=True), key=lambda pair: ranks[pair[0]])]


class Loaded:
    """How many modules were loaded when the heap was last frozen."""

    modules = 0


@pytest.fixture(scope="module", autouse=True)
def _libraries_are_no_garbage():
    """
    Takes what libraries loaded out of the collector's sight, at the first test of a file after more of them came.

    An import of a network collects garbage three times. Over all libraries and all tests of the suite that takes longer
    than the import itself; in the program, without them, it does not.
    """
    if len(sys.modules) > Loaded.modules + 20:
        Loaded.modules = len(sys.modules)
        gc.freeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data sets, beside the checkout; absent on a plain clone."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real data not found at ../shared/data: this check did not run")
    return folder


@pytest.fixture(scope="session")
def sample_sources(tmp_path_factory) -> Path:
    """Source files of the 2,000-pipe sample city, seed 7; read only."""
    from gis.sample.city import write_sample

    folder = tmp_path_factory.mktemp("sample") / "sources"
    write_sample(folder, seed=7, pipes=2000)
    return folder


@pytest.fixture(scope="session")
def sample_workspace(sample_sources, tmp_path_factory) -> Path:
    """A workspace with the sample city imported; read only (copy it to change anything)."""
    from api.network.imports import import_into

    workspace = tmp_path_factory.mktemp("workspace") / "w"
    import_into(workspace, [sample_sources])
    return workspace


@pytest.fixture(scope="session")
def postgis_cluster():
    """Socket folder and port of a PostGIS of our own, started once a session."""
    if programs() is None:
        message = "!! 没有 PostGIS，数据库工作区的测试未运行 / no PostGIS: the tests of database workspaces did not run"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with cluster() as found:
        yield found


@pytest.fixture
def database(postgis_cluster) -> str:
    """Address of a workspace in a schema that nobody used before."""
    folder, port = postgis_cluster
    return f"postgresql://gis@/gis?host={folder}&port={port}&schema=w{next(NUMBERS)}"


@pytest.fixture(params=["folder", "postgis"])
def address(request, tmp_path):
    """Address of a workspace that does not exist yet, once in a folder and once in a database."""
    if request.param == "folder":
        return tmp_path / "W"
    from gis.stores.address import parse_address

    return parse_address(request.getfixturevalue("database"))


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    path = find_browser()
    if path is None:
        pytest.skip("no Chromium on this machine: the browser journeys did not run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH)
        yield browser
        browser.close()
