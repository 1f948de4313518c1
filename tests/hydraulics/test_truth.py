"""Every published network that runs: heads before and after connections within a centimetre of plain, cold EPANET."""

import pytest

from tests.hydraulics.models import session_of
from tests.hydraulics.truth import NO_PEAK, compared

pytestmark = pytest.mark.real_data


def test_heads_are_those_of_plain_epanet_on_every_runnable_file(shared_data, tmp_path):
    """Two sites each here, twenty each in `make soak`; nodes cut off from every source have no heads to compare."""
    wrong, cut_off = {}, {}
    files = [path for path in sorted((shared_data / "networks").glob("*.inp")) if path.stem not in NO_PEAK]
    for path in files:
        with session_of(path, tmp_path / path.stem) as session:
            truth = compared(session, tmp_path, count=2)
        if truth.where or not truth.before_m <= 0.01:
            wrong[path.stem] = (truth.before_m, truth.where)
        if truth.cut_off:
            cut_off[path.stem] = len(truth.cut_off)

    assert len(files) >= 50
    assert wrong == {}
    # Known from the files themselves: nodes behind closed pipes, and the ends of idle pumps and shut valves.
    assert cut_off == {
        "BattleCalibration": 9,
        "Vitens_benchmark": 28,
        "ky10": 2,
        "ky11": 3,
        "ky13": 2,
        "ky8": 2,
    }
