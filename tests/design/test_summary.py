"""The sentence of a scheme names what fails: nothing that fails reads as lacking nothing."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from design.wire.summary import shortage, summary_of
from gis.messages import Text


def option(margin_m, *, pipe, feasible=False, second=None, findings=()):
    return SimpleNamespace(
        feasible=feasible, margin_m=margin_m, second=second, findings=findings, site_pressure_after_m=30.0 + margin_m,
        point=SimpleNamespace(kind="new-tap", pipe_id=pipe, tapoff_id=None), service=SimpleNamespace(dn=100),
        routed=SimpleNamespace(route=SimpleNamespace(length_m=12.34)), quote=SimpleNamespace(total_cny=Decimal("1234.50")),
    )  # fmt: skip


def failing(text):
    return SimpleNamespace(verdict="fail", text=text)


def told(best):
    scheme = SimpleNamespace(options=[best], site=SimpleNamespace(required_head_m=30.0))
    return summary_of(scheme, "zh"), summary_of(scheme, "en")


def of_second(what):
    return failing(Text("design", "finding.second-inlet", {"what": what}))


def test_a_second_inlet_that_lacks_pressure_is_named_with_its_shortage_and_the_main_that_is_shut():
    second = option(-3.21, pipe="P-second")
    zh, en = told(option(1.5, pipe="P-first", second=second, findings=[of_second("压力不足")]))
    assert "差 3.3 m" in zh and "第二路由 P-second" in zh and "P-first 停水" in zh and "富余 1.5 m" in zh
    assert "3.3 m short" in en and "from P-second" in en and "main P-first of the first is shut" in en
    assert "0.0 m" not in zh + en


def test_a_second_inlet_that_fails_another_check_is_not_said_to_lack_pressure():
    second = option(2.0, pipe="P-second")
    zh, en = told(option(1.5, pipe="P-first", second=second, findings=[of_second("流速过大")]))
    assert "P-second" in zh and "流速过大" in zh and "差" not in zh.partition("未通过")[0]
    assert "short" not in en


def test_enough_pressure_and_another_check_failing_says_so():
    zh, en = told(
        option(
            0.4,
            pipe="P1",
            findings=[
                failing(
                    Text(
                        "design",
                        "finding.route-building-fail",
                        {"measured": 2.0, "subject": "B1", "at_m": 3.0},
                    )
                )
            ],
        )
    )
    assert "够用" in zh and "B1" in zh and "差" not in zh.partition("未通过")[0]
    assert "is enough" in en and "short" not in en


def test_a_shortage_of_the_first_inlet_comes_first():
    second = option(-9.0, pipe="P-second")
    zh, _ = told(option(-0.02, pipe="P1", second=second, findings=[of_second("压力不足")]))
    assert "差 0.1 m" in zh and "P-second" not in zh


@pytest.mark.parametrize(
    ("margin_m", "said"),
    [(-0.001, "0.1"), (-0.1, "0.1"), (-0.1 - 1e-9, "0.1"), (-2.3, "2.3"), (-2.31, "2.4"), (0.5, "0.0")],
)
def test_a_shortage_is_rounded_up(margin_m, said):
    assert shortage(margin_m) == said
