"""The cheapest fix: every kind is tried, priced, and solved again by EPANET with the change written into the model."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from design.checks.option import neighbour_limit_m
from design.fixes.judge import judge
from design.fixes.mains import loops, parallel_mains, valves_to_open
from design.fixes.site import booster, larger_tie_in
from gis.errors import TapwrightError
from hydraulics.added_link import edited_model, opened, with_pipe
from hydraulics.epanet.engine import ENGINE_NAME
from hydraulics.pressure import check_connection
from hydraulics.session import Session

if TYPE_CHECKING:
    from design.alternatives.case import Case
    from design.fixes.fix import Fix
    from design.option import SchemeOption
    from gis.progress import Progress

NEW_PIPE = "TW-NEW-MAIN"
# What a fix can mend: pressure at the site, at the neighbours, and of schemes accepted before.
MENDED = ("service-head-first", "service-head-second", "service-head-further", "network-end-pressure")
KINDS = (valves_to_open, larger_tie_in, booster, loops, parallel_mains)


def fixes_for(option: SchemeOption, case: Case, *, progress: Progress) -> tuple[Fix, ...]:
    """
    Fixes with which an infeasible option passes, the cheapest first, one of a kind.

    A change of the network is solved by EPANET with the change written into the model; one that does not pass there
    is left out. Nothing is tried where another rule fails too: more pressure would not make it pass.
    """
    if any(one.verdict == "fail" and one.rule not in MENDED for one in option.findings):
        return ()
    found: list[Fix] = []
    for done, kind in enumerate(KINDS):
        progress.step("fixes", done, len(KINDS))
        of_kind = sorted(kind(option, case), key=lambda fix: fix.total_cny)
        for fix in of_kind:
            checked = confirmed_by_epanet(fix, option, case)
            if checked is not None:
                found.append(checked)
                break
    progress.step("fixes", len(KINDS), len(KINDS))
    return tuple(sorted(found, key=lambda fix: (fix.total_cny, fix.kind)))


def confirmed_by_epanet(fix: Fix, option: SchemeOption, case: Case) -> Fix | None:
    """The fix with EPANET's own figures for the edited model; None where it does not pass there."""
    if fix.link is None and fix.opened_link is None:
        return replace(fix, checked_by=option.check.engine)
    model = case.city.session.model
    tables = model.tables if fix.opened_link is None else opened(model.tables, fix.opened_link)
    if fix.link is not None:
        tables = with_pipe(tables, NEW_PIPE, fix.link)
    with (
        suppress(TapwrightError),
        tempfile.TemporaryDirectory(prefix="tapwright-") as scratch,
        Session(edited_model(model, tables, Path(scratch))) as session,
    ):
        check = check_connection(
            session, option.point.tie_in, flow_m3s=case.demand.design_flow_m3s,
            limit_m=neighbour_limit_m(case.book.rules),
        )  # fmt: skip
        verdict = judge(option, case, check.tie_in_head_after_m, check.after)
        if verdict.passes:
            return replace(
                fix, margin_m=verdict.margin_m, after_m=verdict.site_pressure_m, tie_in_head_m=verdict.head_m, checked_by=ENGINE_NAME,
                below_after_count=verdict.below_count,
            )  # fmt: skip
    return None
