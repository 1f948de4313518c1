"""A server moves to the network version that has become the current one, and stays when that cannot be opened."""

import pytest

from api.serving import front
from gis.errors import WorkspaceError
from tests.api.fakes import FakeBench, serving, until


@pytest.fixture(autouse=True)
def _look_often(monkeypatch):
    monkeypatch.setattr(front, "LOOK_EVERY_S", 0.0)


def test_a_new_version_is_served_without_a_restart(tmp_path):
    first, second = FakeBench("v-1"), FakeBench("v-2")
    imported = []

    def follow(version):
        return second if imported and version != "v-2" else None

    with serving(tmp_path, first, follow=follow) as client:
        assert client.get("/api/v1/health").json()["network_version"] == "v-1"
        imported.append(True)
        assert client.get("/api/v1/health").json()["network_version"] == "v-2"
        for version, status in (("v-1", 200), ("v-2", 200), ("v-3", 404)):
            tile = client.get(f"/api/v1/tiles/{version}/pipes/14/13517/6396.mvt")
            assert tile.status_code == status
        client.get("/api/v1/tapoffs", params={"at": "117,36"})
        assert (first.calls, len(second.calls)) == ([], 1)
        made = client.post("/api/v1/schemes", json={"name": "after"}).json()
        assert made["provenance"]["network_version"] == "v-2"
        assert until(lambda: client.get("/api/v1/health").json()["warm"])
        assert not first.closed
    assert first.closed
    assert second.closed


def test_a_version_that_cannot_be_opened_leaves_the_former_one(tmp_path):
    asked = []

    def follow(version):
        asked.append(version)
        raise WorkspaceError("no-version", workspace="w")

    with serving(tmp_path, follow=follow) as client:
        assert client.get("/api/v1/health").json()["network_version"] == "v-1"
        assert asked == ["v-1"]
