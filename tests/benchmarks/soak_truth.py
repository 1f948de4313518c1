"""Heads within a centimetre of plain, cold EPANET on every published network: before, and after 20 connections each."""

from __future__ import annotations

from pathlib import Path

from tests.hydraulics.models import session_of
from tests.hydraulics.truth import NO_PEAK, compared

NETWORKS = Path(__file__).parents[2].parent / "shared" / "data" / "networks"
SITES, ALLOWED_M = 20, 0.01


def soak(folder, *, seconds):
    """Ask every network once; more sites each when there is time for more."""
    count = SITES + int(seconds // 60)
    for path in sorted(NETWORKS.glob("*.inp")):
        if path.stem in NO_PEAK:
            continue
        with session_of(path, folder / path.stem) as session:
            truth = compared(session, folder, count=count, allowed_m=ALLOWED_M)
        wrong = [*truth.where, *([("before", truth.before_m)] if not truth.before_m <= ALLOWED_M else [])]
        cut = sorted(truth.cut_off)
        note = (
            f"worst before {truth.before_m:.5f} m, after {truth.after_m:.5f} m; cut off {len(cut)} {cut[:8]}"
        )
        yield path.stem, truth.sites, wrong, note
