"""Scenarios: the sessions of one network's scenarios, opened when first asked for, and a connection checked in each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING

from gis.errors import TapwrightError
from gis.messages import error_sentence
from hydraulics.epanet.repeatable import Repeatable
from hydraulics.errors import HydraulicsError, ModelInputError
from hydraulics.model import write_model
from hydraulics.pressure import check_connection
from hydraulics.scenarios.rules import NAMES, scenario_rules
from hydraulics.scenarios.tables import scenario_tables
from hydraulics.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hydraulics.model import PeakModel
    from hydraulics.results import PressureCheck, TieIn
    from hydraulics.scenarios.rules import Name

_TEXTS = {
    "source-out": ("最大水源停运的高峰时（事故供水量）", "peak hour with the largest source out, accident demand"),
    "low-tank": ("水池处于低水位的高峰时", "peak hour with tanks at their low level"),
}  # fmt: skip


@dataclass(frozen=True)
class ScenarioCheck:
    """
    A connection in one scenario.

    Attributes
    ----------
    check
        None where the scenario cannot be had; `reason` says why, in Chinese and English.
    flow_m3s
        What the applicant draws in it, the fire flow included.
    limit_m
        The pressure that everybody should keep in it.
    """

    name: Name
    check: PressureCheck | None
    flow_m3s: float
    limit_m: float
    reason: tuple[str, str] | None = None


class Scenarios:
    """
    Sessions of the scenarios of a session's network. Safe to share between threads.

    `checker` gives who answers for `session`; it is asked for at the first check only.
    """

    def __init__(self, session: Session, *, checker: Callable[[], Repeatable] | None = None) -> None:
        self._peak, self._lock = session, Lock()
        self._checker = checker or (lambda: Repeatable(session))
        self._checkers: dict[Session, Repeatable] = {}
        self._scratch = TemporaryDirectory(prefix="tapwright-")
        self._sessions: dict[Name, Session | TapwrightError] = {}

    def close(self) -> None:
        """Give memory and files back; may be called twice."""
        with self._lock:
            for session in self._sessions.values():
                if isinstance(session, Session):
                    session.close()
            self._sessions.clear()
            self._scratch.cleanup()

    def session(self, name: Name) -> Session:
        """
        Give the session of a scenario.

        Raises
        ------
        HydraulicsError
            The network has nothing the scenario is about, or EPANET cannot solve it.
        """
        if name in ("peak", "peak-fire"):
            return self._peak
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = self._opened(name)
            found = self._sessions[name]
        if isinstance(found, TapwrightError):
            raise found
        return found

    def _opened(self, name: Name) -> Session | TapwrightError:
        try:
            return Session(self._model(name))
        except HydraulicsError as error:
            return error

    def _model(self, name: Name) -> PeakModel:
        tables = scenario_tables(self._peak, name, scenario_rules())
        return write_model(
            tables, Path(self._scratch.name) / name, version=self._peak.model.version, description=_TEXTS[name],
            scenario=name,
        )  # fmt: skip

    def check(
        self, name: Name, tie_in: TieIn, *, flow_m3s: float, limit_m: float, fire_m3s: float | None = None
    ) -> ScenarioCheck:
        """
        Check a connection that draws `flow_m3s` at the peak hour in one scenario.

        `fire_m3s` is the fire flow at the tie-in, that of data/scenarios.toml by default.
        """
        try:
            session, flow_m3s, limit_m = self.asked(
                name, flow_m3s=flow_m3s, limit_m=limit_m, fire_m3s=fire_m3s
            )
            check = check_connection(self._asked(session), tie_in, flow_m3s=flow_m3s, limit_m=limit_m)
        except (HydraulicsError, ModelInputError) as error:
            reason = (error_sentence(error, "zh"), error_sentence(error, "en"))
            return ScenarioCheck(name, None, flow_m3s, limit_m, reason)
        return ScenarioCheck(name, check, flow_m3s, limit_m)

    def _asked(self, session: Session) -> Repeatable:
        """Who answers for a session; answers must not depend on what was asked before."""
        if session not in self._checkers:
            self._checkers[session] = self._checker() if session is self._peak else Repeatable(session)
        return self._checkers[session]

    def asked(
        self, name: Name, *, flow_m3s: float, limit_m: float, fire_m3s: float | None
    ) -> tuple[Session, float, float]:
        """
        Give a scenario's session, what the applicant draws in it [m3/s] and the pressure to be kept in it [m].

        Raises
        ------
        HydraulicsError
            As `session`.
        """
        rules = scenario_rules()
        if name == "source-out":
            flow_m3s *= rules.source_out_share
        if name == "peak-fire":
            flow_m3s += rules.fire_lps / 1000.0 if fire_m3s is None else fire_m3s
            limit_m = min(limit_m, rules.fire_pressure_m)
        return self.session(name), flow_m3s, limit_m

    def checks(
        self,
        names: Iterable[Name],
        tie_in: TieIn,
        *,
        flow_m3s: float,
        limit_m: float,
        fire_m3s: float | None = None,
    ) -> list[ScenarioCheck]:
        """Check a connection in some scenarios, in the order of `NAMES`."""
        wanted = set(names)
        return [
            self.check(name, tie_in, flow_m3s=flow_m3s, limit_m=limit_m, fire_m3s=fire_m3s)
            for name in NAMES
            if name in wanted
        ]
