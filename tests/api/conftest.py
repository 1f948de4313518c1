"""An open application over a small workbench."""

import pytest

from tests.api.fakes import FakeBench, serving


@pytest.fixture(scope="module")
def bench():
    return FakeBench()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="module")
def client(bench, workspace):
    site = workspace / "site"
    (site / "assets").mkdir(parents=True)
    (site / "index.html").write_text("<!doctype html><title>接水匠</title>", encoding="utf-8")
    (site / "assets" / "main-1a2b.js").write_text("export {}", encoding="utf-8")
    with serving(workspace, bench, site) as client:
        yield client
