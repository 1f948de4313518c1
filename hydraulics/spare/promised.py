"""Whom promised demand would leave short: a map that only takes it off would not say so."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.demand.reserved import shares
from hydraulics.results import NodePressure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hydraulics.demand.taken import Taken
    from hydraulics.session import Session


def left_short(session: Session, taken: Sequence[Taken], *, limit_m: float) -> tuple[NodePressure, ...]:
    """
    Customers that have `limit_m` [m] in the session's base state and miss it once all of `taken` is drawn, worst first.

    On a pipe each end draws the more the nearer it is.

    Raises
    ------
    ModelInputError, HydraulicsError
        A place without water, or a demand EPANET cannot solve.
    """
    if not taken:
        return ()
    index, extra_m3s = session.index, defaultdict[int, float](float)
    for one in taken:
        for node, share in shares(session.model, one.tie_in):
            extra_m3s[node] += one.flow_m3s * share
    before_m, after_m = session.base.pressure_m, session.solve(extra_m3s).pressure_m
    short = np.flatnonzero(
        index.is_junction & (index.demand_m3s > 0) & (before_m >= limit_m) & (after_m < limit_m)
    )
    return tuple(
        NodePressure(index.node_ids[n], float(index.elevation_m[n]), float(before_m[n]), float(after_m[n]))
        for n in short[np.argsort(after_m[short], kind="stable")].tolist()
    )
