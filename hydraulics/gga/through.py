"""How the flow of one link moves with demand at its ends, about the base state: by the factor that the solver keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hydraulics.gga.factor import solve

if TYPE_CHECKING:
    from hydraulics.gga.system import System


def through_change(system: System, link: int) -> tuple[float, float] | None:
    """
    Give the change of a link's flow with demand at its start and with demand at its end, exact to first order.

    None for a link that carries water by no law at the base state.
    """
    found = np.flatnonzero(system.link == link)
    if not len(found):
        return None
    law, count = int(found[0]), system.unknowns
    ends = (int(system.grid.first[law]), int(system.grid.second[law]))
    # Flow follows the drop between the ends; turned round (the matrix is its own mirror) one solve tells both.
    change = np.zeros(len(system.node))
    for row, unit in zip(ends, (1.0, -1.0), strict=True):
        if row < count:
            change[row] = unit
    solve(system.shape, system.factor, change[:count])
    start, end = (-float(system.conductance[law] * change[row]) for row in ends)
    return start, end
