"""Promised demand that itself leaves customers short is told: judged by a file where EPANET draws it from the start."""

from __future__ import annotations

import pytest

from hydraulics.demand.taken import Taken
from hydraulics.results import TieIn
from hydraulics.spare.promised import left_short
from tests.hydraulics.models import N1, session_of, written


@pytest.mark.parametrize("promised_lps", [5, 30])
def test_who_is_left_short_is_who_misses_the_limit_in_a_file_with_the_promised_demand(promised_lps, tmp_path):
    drawn = N1.replace("J3 52.0 6", f"J3 52.0 {6 + promised_lps}")
    with session_of(written(tmp_path, drawn), tmp_path / "drawn") as session:
        after = dict(zip(session.index.node_ids, session.base.pressure_m.tolist(), strict=True))
    with session_of(written(tmp_path, N1, "n1.inp"), tmp_path / "n1") as session:
        limit_m = min(session.base.pressure_m[:3]) - 3.0
        found = left_short(session, [Taken(TieIn(node_id="J3"), promised_lps / 1000)], limit_m=limit_m)

    expected = [name for name in ("J1", "J2", "J3") if after[name] < limit_m]
    assert sorted(one.node_id for one in found) == expected
    assert bool(expected) == (promised_lps == 30)
    assert all(one.pressure_after_m == pytest.approx(after[one.node_id], abs=0.001) for one in found)
