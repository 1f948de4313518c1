"""Workbench: one workspace held open, answering every question the command line and the HTTP API can ask."""

from __future__ import annotations

import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from api.errors import CallError
from api.files.scratch import new_scratch
from api.network.standing import as_it_stands
from api.positions import Place, position_of
from api.pressure.ahead import AROUND, look_together
from api.serving.held import Held
from design.city import City
from design.route.routing import corridors_by
from gis.errors import WorkspaceError
from gis.progress import SILENT
from gis.schema import layers
from gis.store import open_store
from gis.stores.nothing import NOTHING, network_of_nothing
from gis.units import m3s_from_lps, mpa_from_head_m
from hydraulics.results import TieIn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from api.pressure.scenario import Wanted
    from api.settings import Settings
    from design.book import Book
    from design.reservations import Reservation
    from design.wire.scheme import SchemeDoc
    from gis.network import Network
    from gis.progress import Progress
    from hydraulics.session import Session

DEFAULT_LIMIT_M = 14.276  # 0.14 MPa network end pressure, CJJ 58; engineering-reference section 2.1
SITE_CARD_REACH_M = 300.0
LOOK_PARTS = (*AROUND, "problem")
INFO_COUNTS = (
    "pipes", "nodes", "valves", "hydrants", "tapoffs", "customers", "sources", "streets", "buildings"
)  # fmt: skip


@dataclass(frozen=True)
class Workbench:
    """
    A workspace at one network version; indexes and the hydraulic session are made when first needed and kept.

    Questions may come from several threads: those that touch the session wait for each other.
    """

    settings: Settings
    network: Network
    register_mark: str
    reserved: tuple[Reservation, ...]
    scratch: tempfile.TemporaryDirectory[str]
    lock: threading.RLock
    looks_ready: threading.Event = field(default_factory=threading.Event)
    former: City | None = None
    calibrations: str = ""

    @classmethod
    def open(cls, settings: Settings, *, version: str | None = None) -> Workbench:
        """
        Open the current or the given version.

        Raises
        ------
        WorkspaceError
            No workspace, no version, or a workspace of another format.
        """
        return cls.of(settings, *as_it_stands(settings, version))

    @classmethod
    def of(
        cls, settings: Settings, network: Network, register_mark: str, reserved: tuple[Reservation, ...]
    ) -> Workbench:
        """Open what was read already, or what is to be looked at as it was."""
        scratch = new_scratch()
        return cls(
            settings,
            network,
            register_mark,
            reserved,
            scratch,
            threading.RLock(),
            calibrations=settings.calibrations,
        )

    @classmethod
    def unfilled(cls, settings: Settings) -> Workbench:
        """Open a workspace before its first import: a network of nothing, so that the page can import one."""
        scratch = new_scratch()
        mark = open_store(settings.workspace).register_mark()
        return cls(settings, network_of_nothing(), mark, (), scratch, threading.RLock())

    def renewed(self) -> Workbench:
        """Give the bench with today's states of the tap-offs; everything that is warm is shared."""
        with self.lock:
            network, mark, reserved = as_it_stands(self.settings, self.network.version)
            calibrations = self.settings.calibrations
            bench = replace(
                self, network=network, register_mark=mark, reserved=reserved, calibrations=calibrations
            )
            other_model = calibrations != self.calibrations
            if other_model or reserved != self.reserved:
                # calls under way may still ask the former session; the one before that nobody asks any more
                if self.former is not None:
                    self.former.close()
                bench = replace(bench, looks_ready=threading.Event(), former=self.city)
            make_session = bench._session  # noqa: SLF001
            bench.__dict__["city"] = self.city.renewed(
                network, reserved, make_session, other_model=other_model
            )
            return bench

    @property
    def today(self) -> date:
        """The day rules, prices and bans are judged on."""
        return self.settings.today

    @cached_property
    def city(self) -> City:
        """Everything a plan asks, held warm; WorkspaceError `no-version` before the first import."""
        if self.network.version == NOTHING:
            raise WorkspaceError("no-version", workspace=Path(str(self.settings.workspace)).name)
        return City(self.network, self._session, self.reserved)

    @cached_property
    def held(self) -> Held:
        """What the answers read."""
        return Held(self.settings, self.network, self.city)

    @property
    def book(self) -> Book:
        """Rules and prices of the day."""
        from api.planning.schemes import read_book

        return read_book(self.held)

    def _session(self, other: City | None = None) -> Session:
        from api.field.model import model_in_force
        from design.pressure.promised import places, promised_model
        from hydraulics.session import Session

        scratch = Path(self.scratch.name)
        city = other or self.city
        # a model with other parameters is another file: sessions of the former one may still be asked
        model = city.once(("peak-model", self.calibrations), lambda: model_in_force(
            self.settings, self.network, Path(tempfile.mkdtemp(dir=scratch, prefix="model-"))
        ))  # fmt: skip
        placed = places(city, model)
        folder = tempfile.mkdtemp(dir=scratch, prefix="reserved-")
        return Session(promised_model(city, model, placed, Path(folder)))

    def warm_up(self, progress: Progress = SILENT) -> None:
        """Make every index and solve the base state, so that the first question does not wait."""
        if self.network.version == NOTHING:
            return
        parts = (*LOOK_PARTS, "node_positions")
        with self.lock:
            for done, part in enumerate(parts):
                progress.step("warm-up", done, len(parts))
                getattr(self.city, part)
            corridors_by(self.city, self.book)
            if self.city.problem is None:
                self.city.feeding  # noqa: B018  made here, under the lock
            self.looks_ready.set()
            progress.step("warm-up", len(parts), len(parts))

    def _looking(self, *, with_routes: bool = True) -> City:
        """Give the city with all that looking around needs; once that stands, who only looks waits for nobody's scheme."""
        if not self.looks_ready.is_set():
            with self.lock:
                look_together(self.city)
                if self.city.problem is None:
                    self.city.feeding  # noqa: B018  made here, under the lock
                if with_routes:
                    corridors_by(self.city, self.book)
                    self.looks_ready.set()
        return self.city

    def info(self) -> dict[str, Any]:
        """What the network is: for the head of the page and for `health`."""
        from api.positions import bounds_lonlat

        return {
            "version": self.network.version,
            "empty": self.network.version == NOTHING,
            "source": self.network.source,
            "synthetic": self.network.synthetic,
            "crs": None if self.network.crs is None else self.network.crs.to_string(),
            "bounds": bounds_lonlat(self.network),
            "counts": {name: self.network.count(name) for name in INFO_COUNTS},
            "layers": {name: [layer.label_zh, layer.label_en] for name, layer in layers().items()},
        }

    def tapoffs(
        self, position: tuple[float, float], *, count: int = 5, within_m: float = 500.0,
        status: str | None = "free", crs: str | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Nearest tap-offs in a straight line, with route length and peak pressure."""
        from api.network.tapoffs import nearest_tapoffs

        place = position_of(self.network, position, crs)
        city = self._looking()
        self._refuse_outside(place, position, reach_m=max(self.settings.reach_m, within_m))
        return nearest_tapoffs(
            city, place, book=self.book, count=count, within_m=within_m,
            status=None if status == "any" else status,
        )  # fmt: skip

    def _refuse_outside(self, place: Place, given: tuple[float, float], *, reach_m: float) -> None:
        """A place neither within the network's extent nor near a pipe is a slip of the pen more often than a site."""
        if not (self.city.surrounds(*place.xy) or self.city.mains.near(place.xy, count=1, within_m=reach_m)):
            raise CallError("site-outside", value=f"{given[0]}, {given[1]}", reach_m=round(reach_m))

    def site_card(self, position: tuple[float, float], *, crs: str | None = None) -> dict[str, Any]:
        """Pipes, tap-offs, valves and peak pressure around a point."""
        from api.network.site_card import card

        place = position_of(self.network, position, crs)
        return card(self._looking(with_routes=False), place, reach_m=SITE_CARD_REACH_M, year=self.today.year)

    def pipe_pressures_mpa(self) -> NDArray[np.float64]:
        """Shape (pipes,): lowest peak-hour pressure along each pipe [MPa]; NaN where no water reaches."""
        with self.lock:
            return np.round(self.city.pipe_pressures_m() * mpa_from_head_m(1.0), 3)

    def check(
        self, *, node: str | None, position: tuple[float, float] | None, flow_lps: float, crs: str | None = None,
        required_pressure_m: float | None = None, want_nodes: bool = False, nodes_out: Path | None = None,
        inp_out: Path | None = None, wanted: Wanted | None = None, plots: Path | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Pressure before and after an extra demand, the check document of the contract; `wanted` asks for more."""
        from api.pressure.scenario import WANTED, check_all

        if not 0.0 <= flow_lps <= 1e5:
            raise CallError("flow", value=flow_lps)
        if required_pressure_m is not None and not 0.0 <= required_pressure_m <= 1e3:
            raise CallError("required-pressure", value=required_pressure_m)
        with self.lock:
            tie_in = self._tie_in(node, position, crs)
            limit_m = DEFAULT_LIMIT_M if required_pressure_m is None else required_pressure_m
            xy = None if position is None else position_of(self.network, position, crs).xy
            return check_all(
                self.city, tie_in, xy, flow_m3s=m3s_from_lps(flow_lps), limit_m=limit_m, rules=self.book.rules,
                want_nodes=want_nodes, nodes_out=nodes_out, inp_out=inp_out, wanted=wanted or WANTED,
                plots=plots, fonts=self.settings.fonts,
            )  # fmt: skip

    def _tie_in(self, node: str | None, position: tuple[float, float] | None, crs: str | None) -> TieIn:
        if node:
            return TieIn(node_id=node)
        if position is None:
            raise CallError("check-where")
        place = position_of(self.network, position, crs)
        self._refuse_outside(place, position, reach_m=self.settings.reach_m)
        return self._nearest_fed_pipe(place)

    def _nearest_fed_pipe(self, place: Place) -> TieIn:
        for hit in self.city.mains.near(place.xy, count=50, within_m=self.settings.reach_m):
            if self.city.can_tap(hit.row):
                return TieIn(pipe_id=hit.pipe_id, fraction=hit.fraction)
        raise CallError("no-main-near", reach_m=round(self.settings.reach_m))

    def isolate(
        self, *, node: str | None = None, pipe: str | None = None, position: tuple[float, float] | None = None,
        crs: str | None = None, failed: Sequence[str] = (), by_pressure: bool = True, starts: str | None = None,
        lasts_hours: float | None = None, out: Path | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Valves to close for work at a place, who is without water, and the list of whom to tell."""
        from api.closing.isolate import isolation_document, over_hours
        from api.closing.notices import schedule, write_notices
        from hydraulics.closures.settings import closure_settings

        times = schedule(starts, lasts_hours, notice_hours=closure_settings().notice_hours)
        with self.lock:
            tie_in = TieIn(pipe_id=pipe) if pipe else self._tie_in(node, position, crs)
            document, rows = isolation_document(
                self.city, tie_in, failed=failed, rules=self.book.rules, by_pressure=by_pressure
            )
            if lasts_hours is not None:
                document["over_time"] = over_hours(
                    self.city, document, starts=starts, lasts_hours=lasts_hours, rules=self.book.rules
                )
            if out is not None:
                write_notices(rows, times, out)
            return {**document, **times, "notices": len(rows), "out": None if out is None else str(out)}

    def valves(
        self, step: str, out: Path | None, *, count: int, progress: Progress = SILENT
    ) -> dict[str, Any]:
        """Where one more valve would help most (suggest), or which of those that are there matter most (rank)."""
        from api.closing.valves import suggest_valves, weigh_valves

        with self.lock:
            if step == "suggest":
                return suggest_valves(self.city, out, count=count, rules=self.book.rules, progress=progress)
            return weigh_valves(self.city, out, count=count, rules=self.book.rules)

    def scheme(self, request: Mapping[str, Any], out: Path, *, progress: Progress = SILENT) -> SchemeDoc:
        """Plan a connection and write all its files into `out`, wholly or not at all."""
        from api.life.drafts import note_draft
        from api.planning.schemes import make_scheme

        with self.lock, self._instead(request) as held:
            document = make_scheme(held, request, out, progress=progress)
        note_draft(self.settings.workspace, document, by=self.settings.person, today=self.today)
        return document

    def plan(self, request: Mapping[str, Any], *, progress: Progress = SILENT) -> SchemeDoc:
        """Plan a connection without writing or noting anything."""
        from api.planning.schemes import plan_document

        with self.lock, self._instead(request) as held:
            return plan_document(held, request, progress=progress)[1]

    @contextmanager
    def _instead(self, request: Mapping[str, Any]) -> Iterator[Held]:
        """What to plan on: for a scheme that is to take another's place (`replaces`), as if that one held nothing."""
        replaced = request.get("replaces")
        kept = tuple(one for one in self.reserved if one.scheme_id != replaced)
        if kept == self.reserved:
            yield self.held
            return
        network, _, _ = as_it_stands(self.settings, self.network.version, without=replaced)
        city = self.city.renewed(network, kept, lambda: self._session(city))
        try:
            yield Held(self.settings, network, city)
        finally:
            city.close()

    def renewal_assess(
        self, parameters: Path | Mapping[str, Any] | None, out: Path, *, progress: Progress = SILENT
    ) -> dict[str, Any]:
        """Assess ageing pipes and write list, layers and map."""
        from api.renewal import assess

        return assess(self.held, parameters, out, progress=progress)

    def renewal_coordinate(
        self, parameters: Path | Mapping[str, Any] | None, out: Path, *, progress: Progress = SILENT
    ) -> dict[str, Any]:
        """Assess, match with other programmes and bans, and write list, layers and map."""
        from api.renewal import coordinate_programmes

        return coordinate_programmes(self.held, parameters, out, progress=progress)

    def capacity(
        self, request: Mapping[str, Any], out: Path, *, progress: Progress = SILENT
    ) -> dict[str, Any]:
        """Make capacity maps and write tables, page and layers into `out`."""
        from api.pressure.capacity import write_run

        limit_m = {"required_pressures_m": [DEFAULT_LIMIT_M]}
        return write_run(self._with_session(), {**limit_m, **request}, out, progress=progress)

    def outages(
        self, request: Mapping[str, Any], out: Path, *, progress: Progress = SILENT
    ) -> dict[str, Any]:
        """Find what the loss of each pipe and segment takes and write table and layer into `out`."""
        from api.pressure.outages import write_run

        limit_m = {"required_pressure_m": DEFAULT_LIMIT_M}
        return write_run(self._with_session(), {**limit_m, **request}, out, progress=progress)

    def _with_session(self) -> Workbench:
        """Give itself with the session made, under the lock."""
        with self.lock:
            self.city.session  # noqa: B018
        return self

    def close(self) -> None:
        """Release the session and its scratch folder."""
        for city in (self.__dict__.get("city"), self.former):
            if city is not None:
                city.close()
        self.scratch.cleanup()


def pressure_mpa(pressure_m: float) -> float:
    """Pressure on paper [MPa], four decimals: 1 mm of water column."""
    return round(mpa_from_head_m(pressure_m), 4)
