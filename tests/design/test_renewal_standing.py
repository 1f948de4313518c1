"""People's decisions survive every new assessment."""

from datetime import date

import pytest

from design.errors import RequestError
from design.renewal.standing import Decision, apply_decisions, parse_decision, stages, standing_rows
from gis.messages import both_languages
from tests.design.renewal_town import assessed, pipe


def listed_pipes(on=date(2024, 6, 30), ids=("A", "B", "C")):
    return assessed([pipe(i, "AC", "1980-01-02") for i in ids], on=on)


def by_id(entries):
    return {entry.pipe_id: entry for entry in entries}


def test_pinned_pipes_come_first_and_dismissed_ones_stay_listed_with_their_reason():
    decisions = {"C": Decision("pin"), "A": Decision("dismiss", reason="已列入地铁迁改")}

    entries = apply_decisions(listed_pipes(), decisions)

    assert [(e.pipe_id, e.state) for e in entries] == [("C", "pinned"), ("B", "open"), ("A", "dismissed")]
    assert by_id(entries)["A"].decision.reason == "已列入地铁迁改"


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2024, 6, 30), "deferred"),
        (date(2025, 12, 31), "deferred"),
        (date(2026, 1, 1), "returned"),
        (date(2027, 1, 1), "returned"),
    ],
)
def test_a_deferred_pipe_comes_back_on_its_day(on, state):
    decisions = {"A": Decision("defer", until=date(2026, 1, 1))}
    assert by_id(apply_decisions(listed_pipes(on), decisions))["A"].state == state


def test_decisions_on_pipes_no_longer_listed_or_gone_are_reported():
    assessment = assessed([pipe("A", "AC", "1980-01-02"), pipe("sound", "DI", "2015-01-02")])
    decisions = {"sound": Decision("pin"), "removed": Decision("defer", until=date(2030, 1, 1))}

    entries = by_id(apply_decisions(assessment, decisions))

    assert (entries["sound"].listed, entries["sound"].certainty, entries["sound"].state) == (
        False,
        "none",
        "pinned",
    )
    assert (entries["removed"].listed, entries["removed"].certainty) == (False, "gone")


def test_every_decision_and_every_candidate_is_in_the_list_exactly_once():
    decisions = {"A": Decision("pin"), "gone": Decision("dismiss", reason="x")}
    for on in (date(2024, 6, 30), date(2030, 6, 30)):
        ids = [entry.pipe_id for entry in apply_decisions(listed_pipes(on), decisions)]
        assert sorted(ids) == ["A", "B", "C", "gone"]


def test_stages_go_on_one_by_one_and_a_leap_is_refused_in_both_languages():
    decision = parse_decision("A", {"kind": "pin", "stage": "stored"})
    decision = parse_decision("A", {"stage": "packaged"}, before=decision)
    assert (decision.kind, decision.stage) == ("pin", "packaged")
    with pytest.raises(RequestError) as error:
        parse_decision("A", {"stage": "accepted"}, before=decision)
    assert "从“打包”转为“验收”" in both_languages(error.value)


def test_the_chain_of_stages_is_whole():
    assert [s.label_zh for s in stages().values()] == [
        "候选", "入库", "打包", "列入计划", "设计", "掘路许可", "施工", "通水", "验收", "GIS更新", "后评估",
    ]  # fmt: skip
    names = list(stages())
    assert all(after in stages()[before].following for before, after in zip(names, names[1:]))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"kind": "drop"}, "renewal-decision-kind"), ({"kind": "dismiss"}, "renewal-decision-reason"),
        ({"kind": "defer"}, "renewal-decision-until"), ({"kind": "defer", "until": "soon"}, "renewal-decision-until"),
        ({"stage": "nowhere"}, "renewal-stage-unknown"),
    ],
)  # fmt: skip
def test_a_decision_that_lacks_something_is_refused(document, code):
    with pytest.raises(RequestError) as error:
        parse_decision("A", document)
    assert error.value.code == code
    assert "A" in both_languages(error.value) or code == "renewal-stage-unknown"


def test_a_decision_reads_back_from_its_row():
    row = standing_rows(
        apply_decisions(listed_pipes(), {"A": Decision("defer", until=date(2026, 1, 1), by="李工")})
    )[-1]
    assert (row["pipe_id"], row["state_zh"], row["stage_zh"]) == ("A", "暂缓", "候选")
    assert parse_decision("A", row["decision"]) == Decision("defer", until=date(2026, 1, 1), by="李工")
