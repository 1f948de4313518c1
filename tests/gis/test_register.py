"""The tap-off register: what visits and decisions make of the imported state, kept beside the versions in both stores."""

import datetime as dt

import geopandas as gpd
import pytest
import shapely

from gis.errors import GisInputError
from gis.register.effective import as_of, effective_tapoffs
from gis.register.entries import decision, entry_of, in_force, undoing, visit
from gis.schema import conform
from gis.store import create_store, open_store
from gis.version import Candidate
from gis.versions.copying import copy_versions
from tests.gis.test_version_history import street

TODAY = dt.date(2026, 11, 21)
CRS = "EPSG:4548"


def day(text):
    return dt.date.fromisoformat(text)


def tapoffs(**columns):
    count = len(next(iter(columns.values())))
    table = gpd.GeoDataFrame(
        {"tapoff_id": [f"T{k + 1}" for k in range(count)], **columns},
        geometry=[shapely.Point(k, 0) for k in range(count)],
        crs=CRS,
    )
    return conform(table, "tapoffs")


def seen(on, *, found=True, tapoff="T1", **more):
    return visit(tapoff, by="李工", day=day(on), today=TODAY, found=found, **more)


def said(status, on="2026-11-01", *, tapoff="T1", until=None, today=TODAY, by="王工"):
    ends = None if until is None else day(until)
    return decision(tapoff, status, by=by, day=day(on), today=today, until=ends)


def status(table, entries, today=TODAY):
    return effective_tapoffs(table, entries, today=today)["status"].tolist()


def reserved(until, on="2026-01-02"):
    return said("reserved", on, until=until, today=day(on))


@pytest.mark.parametrize(
    ("imported", "entries", "wanted"),
    [
        ("free", [], "free"),
        ("free", [seen("2026-11-02", found=False)], "not-found"),
        ("free", [seen("2026-11-02", valve="stuck")], "blocked"),
        ("blocked", [seen("2026-11-02", valve="turns")], "free"),
        ("blocked", [seen("2026-11-02")], "blocked"),
        ("not-found", [seen("2026-11-02")], "free"),
        ("used", [seen("2026-11-02", valve="turns")], "used"),
        ("used", [seen("2026-11-02", found=False)], "used"),
        ("free", [said("used")], "used"),
        ("used", [said("free")], "free"),
        ("free", [reserved("2026-11-21")], "reserved"),
        ("free", [reserved("2026-11-20")], "free"),
        ("reserved", [reserved("2026-11-20")], "free"),
        ("used", [reserved("2026-11-20")], "used"),
        ("free", [reserved("2027-01-01"), seen("2026-11-02", valve="stuck")], "blocked"),
        (
            "free",
            [
                reserved("2027-01-01"),
                seen("2026-11-02", valve="stuck"),
                seen("2026-11-03", valve="turns"),
            ],
            "reserved",
        ),
        ("free", [reserved("2026-06-01"), seen("2026-05-01", found=False)], "not-found"),
        ("free", [seen("2026-11-03", found=False), seen("2026-11-02")], "not-found"),
    ],
)
def test_visits_and_decisions_in_order_of_day_make_the_state(imported, entries, wanted):
    assert status(tapoffs(status=[imported]), entries) == [wanted]
    assert status(tapoffs(status=[imported]), entries[::-1]) == [wanted]


def test_a_reservation_ends_with_its_last_day_without_any_entry():
    table = tapoffs(status=["reserved"] * 4, reserved_until=["2026-11-20", "2026-11-21", None, "2026-12-01"])
    assert status(table, []) == ["free", "reserved", "reserved", "reserved"]
    assert status(table, [], today=day("2026-12-02")) == ["free", "free", "reserved", "free"]
    assert effective_tapoffs(table, [], today=TODAY)["reserved_until"].tolist() == [
        None, "2026-11-21", None, "2026-12-01",
    ]  # fmt: skip


def test_what_the_source_saw_later_than_the_entry_counts():
    table = tapoffs(status=["blocked", "blocked"], last_visit=["2026-10-01", "2026-10-03"])
    entries = [seen("2026-10-02", valve="turns", tapoff=t) for t in ("T1", "T2")]
    assert status(table, entries) == ["free", "blocked"]


def test_who_saw_it_is_told_and_other_rows_stay_as_they_were():
    table = tapoffs(status=["free", "free"], confidence=["inferred", "inferred"])
    now = effective_tapoffs(table, [seen("2026-11-02", valve="turns")], today=TODAY)
    assert now["confidence"].tolist() == ["surveyed", "inferred"]
    assert now["last_visit"].tolist() == ["2026-11-02", None]
    assert now.dtypes.equals(table.dtypes)
    assert table["last_visit"].isna().all()
    assert effective_tapoffs(table, [], today=TODAY) is table


def test_an_undone_entry_counts_no_more_and_an_undone_undoing_counts_again():
    wrong = seen("2026-11-02", found=False)
    back = undoing(wrong, by="李工", today=TODAY, note="看错了井")
    table = tapoffs(status=["free"])
    assert status(table, [wrong, back]) == ["free"]
    again = undoing(back, by="李工", today=TODAY, note="没看错")
    assert status(table, [wrong, back, again]) == ["not-found"]
    assert [e.entry_id for e in in_force([wrong, back, again])] == [wrong.entry_id]


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("day-future", lambda: seen("2026-11-22")),
        ("visit-unseen", lambda: seen("2026-11-02", found=False, valve="turns")),
        ("visit-valve", lambda: seen("2026-11-02", valve="rusty")),
        ("visit-pressure", lambda: seen("2026-11-02", pressure_mpa=40.0)),
        ("visit-pressure", lambda: seen("2026-11-02", pressure_mpa=float("nan"))),
        ("person-missing", lambda: visit("T1", by=" ", day=TODAY, today=TODAY, found=True)),
        ("until-missing", lambda: said("reserved")),
        ("until-needless", lambda: said("used", until="2027-01-01")),
        ("until-past", lambda: said("reserved", until="2026-11-20")),
        ("status-unknown", lambda: said("gone")),
        ("reason-missing", lambda: undoing(seen("2026-11-02"), by="李工", today=TODAY, note=" ")),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(code, make):
    with pytest.raises(GisInputError) as refusal:
        make()
    assert refusal.value.code == code


def with_tapoffs(**columns):
    candidate = street()
    return Candidate({**candidate.layers, "tapoffs": tapoffs(**columns)}, (), "town", CRS)


def test_entries_are_kept_beside_the_versions_and_survive_an_import(address):
    store = create_store(address)
    store.publish(with_tapoffs(status=["free", "free"]))
    entry = seen("2026-11-02", found=False, note="井盖下\n无阀门")
    before = store.register_mark()
    store.enter(entry)
    assert store.register_mark() != before
    second = store.publish(with_tapoffs(status=["free", "free", "free"]))
    again = open_store(address)
    assert again.register() == [entry]
    raw = again.open(second.version)
    now = as_of(raw, again.register(), today=TODAY)
    assert now.tapoffs["status"].tolist() == ["not-found", "free", "free"]
    assert raw.tapoffs["status"].tolist() == ["free", "free", "free"]
    assert (now.version, now.stamp != raw.stamp) == (raw.version, True)
    assert as_of(raw, [], today=TODAY) is raw


def test_who_writes_at_once_is_asked_one_after_the_other(address):
    store = create_store(address)
    store.publish(with_tapoffs(status=["free"]))
    told = []
    store.enter(seen("2026-11-02"), allow=lambda entries: told.append(len(entries)))
    store.enter(seen("2026-11-03"), allow=lambda entries: told.append(len(entries)))

    def refuse(entries):
        raise GisInputError("day-future", day="", today="")

    with pytest.raises(GisInputError):
        store.enter(seen("2026-11-04"), allow=refuse)
    assert (told, len(store.register())) == ([0, 1], 2)


def test_a_copy_brings_the_register_along_once(address, tmp_path):
    store, target = create_store(address), create_store(tmp_path / "copied")
    store.publish(with_tapoffs(status=["free"]))
    store.enter(seen("2026-11-02", pressure_mpa=0.31))
    copy_versions(store, target)
    copy_versions(store, target)
    assert target.register() == store.register()


def test_an_entry_of_a_later_release_is_read_and_a_broken_one_left_out():
    kept = {**vars(seen("2026-11-02")), "weather": "rain"}
    assert entry_of(kept).tapoff_id == "T1"
    assert entry_of({"tapoff_id": "T1"}) is None
