"""A session's answers measured by our own equations: EPANET solves, and they say when every head is near enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hydraulics.errors import HydraulicsError

if TYPE_CHECKING:
    from hydraulics.session import Session


def measure(session: Session) -> None:
    """Do so from now on where it pays: in a large model without devices, once much is asked of it."""
    if not session.wants_measure:
        return
    from hydraulics.gga.nearness import Nearness
    from hydraulics.gga.system import system_of

    try:
        session.measure_by(Nearness(system_of(session)))
    except HydraulicsError:
        session.measure_by(None)  # what our equations do not follow EPANET measures itself
