"""Chunks of a capacity map: the same bytes whenever they are found, and only what a change touches is found anew."""

from dataclasses import replace

import numpy as np
import pytest

from hydraulics.capacity import CapacityRule, Finder, system_of
from hydraulics.model import write_model
from hydraulics.results import TieIn
from hydraulics.session import Session
from hydraulics.spare.chunk import Chunk, ChunkMaker
from hydraulics.spare.plan import Plan, new_plan, plan_after
from hydraulics.spare.touched import Picture, change_between, picture_of, stale_shares
from hydraulics.demand.taken import Taken, with_taken
from tests.hydraulics.models import N1, session_of, written

NO_WORSE_M = 0.5


def maker_of(session, plan):
    return ChunkMaker(session, plan, Finder(session, plan.rule, system=system_of(session)))


def all_chunks(session, plan):
    maker = maker_of(session, plan)
    return [maker.make(number) for number in range(len(plan.chunks))]


def with_tables(session, tables, folder):
    return Session(write_model(tables, folder, version="v", description=session.model.description))


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Modena", "ky8"])
def test_a_chunk_has_the_same_bytes_whatever_was_found_before_it(name, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        plan = new_plan(session, CapacityRule(20.0, cap_m3s=0.05))
        number = len(plan.chunks) // 2
        maker = maker_of(session, plan)
        for earlier in (0, number - 1):
            maker.make(earlier)
        late = maker.make(number).text()
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        assert maker_of(session, plan).make(number).text() == late
        assert sorted(n for chunk in plan.chunks for n in chunk) == sorted(
            np.array(session.index.node_ids)[session.index.is_junction]
        )


def test_a_chunk_reads_back_and_half_of_its_file_does_not(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        plan = new_plan(session, CapacityRule(20.0))
        text = maker_of(session, plan).make(0).text()

        assert Plan.from_doc(plan.doc()) == plan
        assert Chunk.from_text(text).text() == text
        assert Chunk.from_text(text[: len(text) // 2]) is None
        assert Chunk.from_text(text.replace("J1", "J9", 1)) is None


def refreshed(session, plan, chunks, changed):
    """(chunk numbers that stand, the plan now, its chunks found anew in full)."""
    pictures = [picture_of(one.model.tables, one.base.pressure_m) for one in (session, changed)]
    change = change_between(
        *pictures, required_pressure_m=plan.rule.required_pressure_m, no_worse_m=NO_WORSE_M
    )
    stale = stale_shares(change, plan, chunks)
    now = plan_after(plan, changed)
    standing = [n for n in range(len(chunks)) if stale[n] <= 1.0 and now.chunks[n] == plan.chunks[n]]
    return standing, now, all_chunks(changed, now)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "required_m", "cap_m3s", "seed"),
    [
        ("Modena", 15.0, 0.01, 1),
        ("Modena", 15.0, 0.01, 2),
        ("Modena", 10.0, 0.01, 3),
        ("L-TOWN", 10.0, 0.5, 1),
    ],
)
def test_what_is_kept_after_a_reservation_is_what_a_full_search_finds(
    name, required_m, cap_m3s, seed, shared_data, tmp_path
):
    """Kept answers within 0.02 L/s + 0.2 % and the search's own 0.1 % of new ones; some are kept and some are not."""
    rng = np.random.default_rng(seed)
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        plan = new_plan(session, CapacityRule(required_m, NO_WORSE_M, cap_m3s=cap_m3s))
        chunks = all_chunks(session, plan)
        pipe = session.index.link_ids[int(rng.integers(session.model.tables.pipe_count))]
        taken = [Taken(TieIn(pipe_id=pipe, fraction=0.4), 0.0004)]
        tables, lost = with_taken(session.model.tables, taken)
        assert not lost
        with with_tables(session, tables, tmp_path / "after") as changed:
            standing, now, anew = refreshed(session, plan, chunks, changed)

    for number in standing:
        kept, found = chunks[number].capacity_lps, anew[number].capacity_lps
        assert np.abs(kept - found).max() <= 0.02 + 0.004 * found.max()
    assert 0 < len(standing) < len(now.chunks)


@pytest.mark.real_data
def test_a_narrower_pipe_touches_what_it_feeds(shared_data, tmp_path):
    with session_of(shared_data / "networks" / "Modena.inp", tmp_path) as session:
        plan = new_plan(session, CapacityRule(15.0, NO_WORSE_M, cap_m3s=0.01))
        chunks = all_chunks(session, plan)
        diameter_m = session.model.tables.diameter_m.copy()
        diameter_m[17] *= 0.8
        with with_tables(
            session, replace(session.model.tables, diameter_m=diameter_m), tmp_path / "after"
        ) as changed:
            standing, _, anew = refreshed(session, plan, chunks, changed)

    assert len(standing) < len(chunks)
    for number in standing:
        kept, found = chunks[number].capacity_lps, anew[number].capacity_lps
        assert np.abs(kept - found).max() <= 0.02 + 0.004 * found.max()


def test_another_source_head_touches_everything_and_no_change_nothing(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        plan = new_plan(session, CapacityRule(20.0))
        chunks = all_chunks(session, plan)
        tables = session.model.tables
        same = refreshed(session, plan, chunks, session)[0]
        raised = replace(tables, reservoir_head_m=tables.reservoir_head_m + 1.0)
        with with_tables(session, raised, tmp_path / "after") as changed:
            touched = refreshed(session, plan, chunks, changed)[0]
        path = tmp_path / "picture.npz"
        picture = picture_of(tables, session.base.pressure_m)
        picture.save(path)

        assert same == list(range(len(chunks))) and touched == []
        assert Picture.load(path).pipe_ids.tolist() == picture.pipe_ids.tolist()
