"""A model taken from beside its version is the model that was built, or it is not taken at all."""

import os
import subprocess
import sys
import time
from dataclasses import fields, replace

import numpy as np
import pytest

from api.network.imports import import_into
from gis.store import open_store
from hydraulics.demand.basis import shipped_basis
from hydraulics.gga.ordering import elimination_order
from hydraulics.kept import model as kept
from hydraulics.kept import order, program, shelf
from hydraulics.kept.model import kept_model
from hydraulics.model import build_peak_model
from hydraulics.session import Session
from hydraulics.uncertainty.known import known_of
from tests.hydraulics.models import pipe, town

CITIES = ("Net3.inp", "ky4.inp", "ky10.inp", "L-TOWN.inp", "Modena.inp")


def same(one, other):
    """Equal field by field; arrays by value and type."""
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif hasattr(one, "__dataclass_fields__"):
        assert type(one) is type(other)
        for field in fields(one):
            same(getattr(one, field.name), getattr(other, field.name))
    elif hasattr(one, "items"):
        assert dict(one) == dict(other)
    else:
        assert one == other
        assert type(one) is type(other)


def same_model(one, other):
    for field in fields(one):
        if field.name not in {"inp", "opened", "derived", "known"}:
            same(getattr(one, field.name), getattr(other, field.name))
    assert one.inp.read_bytes() == other.inp.read_bytes()
    same(one.known, other.known)


def never(*_, **__):
    raise AssertionError("built although it lay ready")


def beside(network, folder):
    return replace(network, derived=folder / "derived", files_mark="1")


def taken(network, scratch, monkeypatch):
    """The model as the next process gets it."""
    with monkeypatch.context() as patch:
        patch.setattr(kept, "_built", never)
        return kept_model(network, scratch, basis=shipped_basis())


@pytest.mark.real_data
@pytest.mark.parametrize("name", CITIES)
def test_models_of_imported_files_come_back_as_they_were_built(shared_data, tmp_path, monkeypatch, name):
    import_into(tmp_path / "w", [shared_data / "networks" / name], crs="EPSG:3857")
    network = open_store(tmp_path / "w").open()
    assert network.derived == tmp_path / "w" / "derived"
    comes_back(network, tmp_path, monkeypatch)


def test_the_sample_city_comes_back_as_it_was_built(sample_workspace, tmp_path, monkeypatch):
    comes_back(beside(open_store(sample_workspace).open(), tmp_path), tmp_path, monkeypatch)


BENT = [(0.0, 0.0), (30.0, 7.5), (60.0, -0.1), (100.0, 0.0)]
WELL = {"source_id": "W1", "node_id": "0,0", "head_m": 60.0, "at": (0.0, 0.0)}


def town_of(pipes, folder, **layers):
    nodes = [{"node_id": f"{x},0", "elevation_m": 10.0 / (x + 3), "at": (100.0 * x, 0.0)} for x in range(6)]
    customer = {"customer_id": "C", "node_id": "2,0", "design_flow_m3s": 0.001}
    network = town(pipes, sources=[WELL], nodes=nodes, customers=[customer], **layers)
    return replace(network, derived=folder / "derived", files_mark="1")


def test_devices_bends_doubts_and_what_is_cut_off_come_back_as_they_were_built(tmp_path, monkeypatch):
    pipes = [
        pipe("管 1", "0,0", "1,0", at=BENT), pipe("P2", "1,0", "2,0", dn_confidence="filled"), pipe("P3", "2,0", "3,0"),
        pipe("P4", "4,0", "5,0"),
    ]  # fmt: skip
    wells = {
        "pump_id": "B",
        "node_id": "1,0",
        "to_node_id": "2,0",
        "rated_flow_m3s": 0.01,
        "rated_head_m": 20.0,
    }
    valve = {"valve_id": "V", "kind": "PRV", "node_id": "2,0", "to_node_id": "3,0"}
    network = town_of(pipes, tmp_path, pumps=[wells], valves=[valve])
    tables = comes_back(network, tmp_path, monkeypatch).tables
    assert tables.pumps and tables.doubts and tables.cut_off.node_ids and len(tables.vertices)


def comes_back(network, folder, monkeypatch):
    built = kept_model(network, folder / "one", basis=shipped_basis())
    again = taken(network, folder / "two", monkeypatch)

    same_model(built, again)
    with Session(build_peak_model(network, folder / "plain")) as plain, Session(again) as session:
        np.testing.assert_array_equal(plain.base.head_m, session.base.head_m)
        np.testing.assert_array_equal(plain.base.flow_m3s, session.base.flow_m3s)
        same(known_of(network, plain.model.tables), again.known)
    return again


LINE = [pipe("P1", "0,0", "1,0"), pipe("P2", "1,0", "2,0")]


@pytest.mark.parametrize("what", ["version", "files_mark", "basis", "program", "engine"])
def test_a_model_made_from_anything_else_is_not_taken(tmp_path, monkeypatch, what):
    network, basis = town_of(LINE, tmp_path), shipped_basis()
    kept_model(network, tmp_path / "one", basis=basis)
    if what in {"version", "files_mark"}:
        network = replace(network, **{what: "2"})
    elif what == "basis":
        basis = replace(basis, hourly_factor=basis.hourly_factor + 0.1)
    else:
        monkeypatch.setattr(kept, {"program": "program_mark", "engine": "library_mark"}[what], lambda: "2")
    monkeypatch.setattr(kept, "_built", lambda *_: "built anew")
    assert kept_model(network, tmp_path / "two", basis=basis) == "built anew"


def test_the_mark_of_the_program_changes_with_every_file_that_builds_models(tmp_path):
    def marks():
        return sorted(program._files(tmp_path))

    (tmp_path / "deep").mkdir()
    for name in ("a.py", "deep/b.toml", "c.txt"):
        (tmp_path / name).write_text("1")
    first = marks()
    assert len(first) == 2
    (tmp_path / "c.txt").write_text("22")
    assert marks() == first
    (tmp_path / "deep" / "b.toml").write_text("22")
    second = marks()
    assert second != first
    os.utime(tmp_path / "a.py", ns=(5, 5))  # as long as before, written anew
    assert marks() not in (first, second)


def test_an_id_with_a_line_end_is_not_kept_and_the_model_is_built_every_time(tmp_path):
    network = town_of([pipe("P\n1", "0,0", "1,0"), *LINE[1:]], tmp_path)
    for folder in ("one", "two"):
        assert kept_model(network, tmp_path / folder, basis=shipped_basis()).tables.link_ids[0] == "P\n1"
    assert not (tmp_path / "derived").exists()


def test_a_damaged_or_half_written_file_is_thrown_away_and_never_used(tmp_path):
    arrays = {"a": np.arange(1000), "b": np.frombuffer("管网".encode(), dtype=np.uint8)}
    shelf.put(tmp_path, "model", "k", arrays)
    (file,) = tmp_path.glob("*.npz")
    whole, rng = file.read_bytes(), np.random.default_rng(1)
    same(shelf.take(tmp_path, "model", "k")["a"], arrays["a"])
    for _ in range(200):
        place, bit = int(rng.integers(len(whole))), 1 << int(rng.integers(8))
        spoilt = bytearray(whole)
        spoilt[place] ^= bit
        file.write_bytes(spoilt)
        assert shelf.take(tmp_path, "model", "k") is None and not file.exists()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        assert shelf.take(tmp_path, "model", "k") is None and not file.exists()
    file.write_bytes(whole)
    assert shelf.take(tmp_path, "model", "other") is None and shelf.take(tmp_path, "order", "k") is None
    assert shelf.take(tmp_path, "model", "k") is not None


def test_only_the_newest_few_stay_and_what_a_killed_writer_left_goes(tmp_path):
    old, new = tmp_path / ".model-x.1-a.part", tmp_path / ".model-x.2-b.part"
    for file in (old, new):
        file.write_bytes(b"half")
    os.utime(old, (0, 0))
    for number in range(shelf.MOST_KEPT + 3):
        shelf.put(tmp_path, "model", f"k{number}", {"a": np.arange(number)})
        os.utime(next(tmp_path.glob(f"model-k{number}-*")), (number + 1, number + 1))
    shelf.put(tmp_path, "order", "k", {"a": np.arange(3)})
    kept_keys = {file.name.split("-")[1] for file in tmp_path.glob("model-*")}
    assert kept_keys == {f"k{number}" for number in range(3, shelf.MOST_KEPT + 3)}
    assert not old.exists() and new.exists()


def test_where_nothing_can_be_written_the_model_is_built_every_time(tmp_path):
    (tmp_path / "derived").write_text("a file where the folder should be")
    network = town_of(LINE, tmp_path)
    one, two = (kept_model(network, tmp_path / name, basis=shipped_basis()) for name in ("one", "two"))
    same_model(one, two)


WRITER = """
import sys
from pathlib import Path
import numpy as np
from hydraulics.kept import shelf
for n in range(60):
    shelf.put(Path(sys.argv[1]), "model", "k", {"a": np.full(200_000, n % 3)})
    found = shelf.take(Path(sys.argv[1]), "model", "k")
    assert found is None or len(set(found["a"].tolist())) == 1
"""


def test_processes_that_keep_and_take_at_once_or_are_killed_never_see_half_a_file(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, tmp_path]) for _ in range(3)]
    time.sleep(0.6)
    writers[0].kill()
    for _ in range(50):
        found = shelf.take(tmp_path, "model", "k")
        assert found is None or len(set(found["a"].tolist())) == 1
    assert [one.wait() for one in writers[1:]] == [0, 0]
    writers[0].wait()
    assert shelf.take(tmp_path, "model", "k") is not None


def test_the_order_kept_is_the_order_found_and_only_of_the_very_same_links(tmp_path):
    count = 6_000
    first, second = np.arange(count - 1), np.arange(1, count)
    wanted = elimination_order(first, second, count)
    asked = []

    def find(*links):
        asked.append(links)
        return elimination_order(*links)

    for _ in range(2):
        np.testing.assert_array_equal(order.kept_order(tmp_path, first, second, count, find=find), wanted)
    assert len(asked) == 1
    order.kept_order(tmp_path, first[:-1], second[:-1], count, find=find)
    assert len(asked) == 2
