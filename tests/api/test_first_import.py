"""A workspace without a network is served, takes its first import on the page, and then answers."""

from api.serving.following import Follower
from api.settings import read_settings
from gis.store import create_store
from tests.api.fakes import serving, until
from tests.api.test_intake import CSV, MAPPING, Caller, begun


def test_an_empty_workspace_is_served_and_filled_by_the_page(tmp_path):
    place = tmp_path / "new"
    create_store(place)
    follower = Follower(read_settings(workspace=str(place)))
    with serving(place, follower.bench, follow=follower) as client:
        network = client.get("/api/v1/network").json()
        assert (network["empty"], network["bounds"], network["counts"]["pipes"]) == (True, None, 0)
        assert client.get(f"/api/v1/tiles/{network['version']}/network/3/6/3.mvt").status_code == 200
        assert client.get("/api/v1/style.json").status_code == 200
        refused = client.get("/api/v1/site-card?at=117.02,36.66").json()
        assert (refused["status"], refused["type"].rpartition(":")[2]) == (503, "no-version")
        assert str(tmp_path) not in refused["detail"]

        draft = Caller(client, begun(client))
        draft.bring("管段.csv", CSV)
        draft.mapped(MAPPING)
        assert draft.run("publish", by="李工")["state"] == "done"
        version = draft.part("result")["version"]
        until(lambda: client.get("/api/v1/network").json()["version"] == version)
        now = client.get("/api/v1/network").json()
        assert (now["empty"], now["counts"]["pipes"]) == (False, 3)
