"""Where nothing passes: the cheapest fix, solved again by plain EPANET with the change written in, and priced like the rest."""

from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from pytest import approx

from api.positions import position_of
from api.settings import read_settings
from api.workbench import Workbench
from design.city import City
from design.request import parse_request
from design.scheme import plan_connection
from design.wire.scheme_doc import scheme_document
from hydraulics.added_link import Between, NewLink, edited_model, opened, solve_with_link, with_pipe
from hydraulics.supplied.fed import fed_nodes, open_by_command
from hydraulics.headloss import PipeLaw
from hydraulics.epanet.repeatable import Repeatable
from hydraulics.session import Session
from hydraulics.tables import PipeState
from tests.hydraulics.plain_epanet import heads_of


@pytest.fixture(scope="module")
def bench(sample_workspace):
    opened_bench = Workbench.open(
        replace(read_settings(workspace=str(sample_workspace)), fixed_day=date(2026, 11, 21))
    )
    yield opened_bench
    opened_bench.close()


def plan(bench, at, storeys, flow_lps):
    return bench.plan(
        {"name": "难", "site": {"position": at, "storeys": storeys}, "use": {"design_flow_lps": flow_lps}}
    )


@pytest.fixture(scope="module")
def short(bench):
    """A site that lacks a little pressure: a second main, a loop or a booster would do."""
    document = plan(bench, [117.022244702, 36.660109376], 7, 60.0)
    assert not document["feasible"] and document["fixes"]
    return document


def test_nothing_is_offered_where_something_passes(bench):
    assert plan(bench, [117.02, 36.66], 6, 3.0)["fixes"] == []


def test_where_more_pressure_would_not_mend_it_the_reasons_say_that_no_fix_was_sought(bench):
    request = {
        "name": "细", "site": {"position": [117.02, 36.66], "storeys": 6}, "use": {"type": "residential", "dwellings": 48},
    }  # fmt: skip
    best = bench.plan(request)["options"][0]
    pin = {"tapoff_id": best["connection"]["tapoff_id"], "dn": 25, "reason": "现场只有此管"}
    document = bench.plan({**request, "connection": pin})
    assert not document["feasible"] and document["fixes"] == []
    option = document["options"][0]
    assert option["reasons"][-1].startswith("未寻找补救办法")
    assert option["reasons_en"][-1].startswith("No fix was sought")


def test_fixes_come_cheapest_first_one_of_a_kind_and_the_first_is_in_the_reasons(short):
    fixes = short["fixes"]
    assert fixes and len({fix["kind"] for fix in fixes}) == len(fixes)
    totals = [Decimal(fix["total_cny"]) for fix in fixes]
    assert totals == sorted(totals)
    told = short["options"][0]["reasons"][-1]
    assert fixes[0]["what"] in told and f"{Decimal(fixes[0]['extra_cny']):,}" in told


def test_every_fix_gives_the_site_its_pressure_and_hurts_nobody(short):
    required = short["options"][0]["check"]["pressure_required_mpa"]
    for fix in short["fixes"]:
        assert fix["margin_m"] >= 0.0 and fix["newly_below_after"] == 0
        assert fix["site_pressure_after_mpa"] >= required - 1e-4 > fix["site_pressure_before_mpa"]
        assert fix["checked_by"].startswith("EPANET")


def test_the_price_of_a_fix_is_the_sum_of_its_lines_with_tax(short):
    assert any(fix["lines"] for fix in short["fixes"])
    for fix in short["fixes"]:
        if fix["lines"]:
            net = sum(Decimal(line["amount_cny"]) for line in fix["lines"])
            assert net <= Decimal(fix["extra_cny"]) <= net * Decimal("1.13")


def test_plain_epanet_finds_the_pressure_of_a_second_main(bench, short, tmp_path):
    fix = next(one for one in short["fixes"] if one["kind"] == "parallel-main")
    session, option = bench.city.session, short["options"][0]
    ends = [word for word in fix["what"].replace("到", " ").split() if word.startswith("JS")]
    start, end = (session.node_position[name] for name in ends[:2])
    bore_m = next(size for size in _sizes() if size.dn == fix["dn"]).inner_diameter_m
    law = PipeLaw("H-W", fix["length_m"], bore_m, 130.0)
    tables = with_pipe(session.model.tables, "NEW", NewLink(start, end, law))
    demand = tables.demand_m3s.copy()
    place, flow = option["connection"], 0.060
    for node, share in _shares(session, place):
        demand[node] += share * flow
    model = edited_model(session.model, replace(tables, demand_m3s=demand), tmp_path)
    heads = heads_of(model.inp)
    head_m = sum(heads[session.index.node_ids[node]] * share for node, share in _shares(session, place))
    assert head_m > option["check"]["tie_in_head_after_m"] + 0.5
    assert head_m == approx(fix["tie_in_head_after_m"], abs=0.1)


def _sizes():
    from design.fixes.fix import fix_terms
    from design.sizing.series import all_sizes

    return [size for size in all_sizes() if size.series == fix_terms().series]


def _shares(session, place):
    if place["node_id"]:
        return [(session.node_position[place["node_id"]], 1.0)]
    link = session.link_position[place["pipe_id"]]
    ends = session.index.link_start[link], session.index.link_end[link]
    return [(int(ends[0]), 1.0 - place["fraction"]), (int(ends[1]), place["fraction"])]


def test_one_more_pipe_found_by_demands_is_the_one_epanet_finds_when_it_is_written_in(bench, tmp_path):
    session = bench.city.session
    checker, rng = Repeatable(session), np.random.default_rng(5)
    fed = np.flatnonzero(session.index.is_fed & session.index.is_junction)
    for k in range(4):
        start, end = (int(node) for node in rng.choice(fed, 2, replace=False))
        link = NewLink(start, end, PipeLaw("H-W", 300.0, 0.2, 130.0))
        after, flow = solve_with_link(checker, link, {int(fed[10]): 0.02})
        tables = with_pipe(session.model.tables, "NEW", link)
        with Session(edited_model(session.model, tables, tmp_path / str(k))) as written:
            true = written.solve({int(fed[10]): 0.02})
            assert np.nanmax(np.abs(true.head_m - after.head_m)) < 0.02
            assert true.flow_m3s[tables.pipe_count - 1] == approx(flow, abs=2e-4)


def test_pipes_of_several_sizes_between_the_same_nodes_are_each_what_they_are_alone(bench):
    session = bench.city.session
    checker, rng = Repeatable(session), np.random.default_rng(7)
    fed = np.flatnonzero(session.index.is_fed & session.index.is_junction)
    for _ in range(3):
        start, end = (int(node) for node in rng.choice(fed, 2, replace=False))
        extra = {int(rng.choice(fed)): 0.03}
        together = Between(checker, start, end, extra)
        for bore_m in (0.4, 0.1, 0.2, 0.15, 0.3):
            law = PipeLaw("H-W", 250.0, bore_m, 130.0)
            after, flow = together.with_pipe(law)
            alone, flow_alone = solve_with_link(checker, NewLink(start, end, law), extra)
            assert float(after.head_m[start] - after.head_m[end]) == approx(law.loss_m(flow), abs=2.1e-3)
            assert np.nanmax(np.abs(after.head_m - alone.head_m)) < 0.01
            assert flow == approx(flow_alone, abs=2e-4)


def test_a_valve_that_somebody_shut_is_found_and_opening_it_is_the_cheapest(bench, tmp_path):
    at, flow = [117.022244702, 36.660109376], 45.0
    assert plan(bench, at, 6, flow)["feasible"]
    city, model = bench.city, bench.city.session.model
    link = city.session.link_position[plan(bench, at, 6, flow)["options"][0]["connection"]["pipe_id"]]
    way = city.feeding.way(int(city.session.index.link_start[link]))
    found = []
    for shut in way[:12]:
        if not found and _still_fed(model, shut):
            document = _without(bench, shut, at, flow, tmp_path / str(shut))
            if not document["feasible"]:
                found += [(shut, fix) for fix in document["fixes"][:1] if fix["kind"] == "open-valve"]
    assert found, "no pipe of the way put it to the test"
    for shut, fix in found:
        assert city.session.index.link_ids[shut] in fix["what"]
        assert fix["extra_cny"] == "654.00" and fix["newly_below_after"] == 0
        assert opened(_closed(model, shut), shut).pipe_state[shut] == PipeState.OPEN


def _closed(model, link):
    state = model.tables.pipe_state.copy()
    state[link] = PipeState.CLOSED
    return replace(model.tables, pipe_state=state)


def _still_fed(model, link):
    tables = _closed(model, link)
    return bool(fed_nodes(tables, open_by_command(tables)).sum() == model.is_fed.sum())


def _without(bench, link, at, flow, folder):
    """The plan with a pipe shut in the model."""
    model = bench.city.session.model
    with (
        Session(edited_model(model, _closed(model, link), folder)) as session,
        closing(City(bench.network, lambda: session)) as city,
    ):
        request = parse_request(
            {"name": "难", "site": {"position": at, "storeys": 6}, "use": {"design_flow_lps": flow}}
        )
        xy = position_of(bench.network, request.position_xy, None).xy
        scheme = plan_connection(request, xy, city=city, book=bench.book)
        return scheme_document(scheme, city=city, software="test")
