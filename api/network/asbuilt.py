"""As-built capture at the door: a scheme that was built becomes pipes of the next version, once."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from api.errors import CallError
from gis.asbuilt.built import Built, as_surveyed, load_limits
from gis.asbuilt.capture import capture, is_captured, names_of
from gis.asbuilt.survey import read_built_line
from gis.claims.events import scheme_event
from gis.claims.standing import standings
from gis.crs import from_lonlat
from gis.register.effective import standing_of
from gis.register.entries import decision, in_force
from gis.schema import codes
from gis.store import open_store
from gis.units import m3s_from_lps, m_from_mm
from gis.versions.consent import person
from gis.versions.history import Onto

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.asbuilt.capture import Captured
    from gis.network import Network
    from gis.store import NetworkStore
    from gis.stores.address import Address

FILE = "scheme.json"
VALVE_WELL = "valve-well"


def capture_scheme(
    workspace: Address, scheme: Mapping[str, Any], *, option: int = 1, survey: Path | None = None, crs: str | None = None,
    built_on: str | None = None, by: str | None = None, today: date,
) -> dict[str, Any]:  # fmt: skip
    """
    Take the built connection of a scheme document into the next version.

    Captured already it answers with the current version and changes nothing; a scheme that a later import lost can be
    captured again. The tap-off is used from then on, in the version and in the register.

    Raises
    ------
    CallError
        `scheme-json`, `asbuilt-option`, `date`, `day-future`; `asbuilt-tapoff-used`.
    GisInputError
        Tap-off or main are not in the current version; the survey cannot be read or lies elsewhere.
    """
    store = open_store(workspace)
    network, name = store.open(), person(by, "asbuilt")
    day = _day(built_on, today)
    built = built_of(scheme, network, option=option, day=day)
    already = is_captured(network, built.scheme_id)
    if already:
        return _answer(store, network.version, built, None, by=name, today=today)
    if survey is not None:
        line = read_built_line(survey, crs=crs, target=network.crs)
        built = as_surveyed(built, line, load_limits())
    _require_unused(store, network, built, today)
    captured = capture(network, store.issues(), built)
    details = {
        "scheme": built.scheme_id,
        "name": built.name,
        "built_on": day.isoformat(),
        "surveyed": built.surveyed,
    }
    with tempfile.TemporaryDirectory(prefix="tapwright-") as scratch:
        candidate = replace(captured.candidate, model_inp=_model(network, captured, built, Path(scratch)))
        record = store.publish(candidate, by=name, onto=Onto(network.version, "asbuilt", details))
    return _answer(store, record.version, built, captured, by=name, today=today)


def read_scheme(path: Path) -> dict[str, Any]:
    """Read a scheme document, given as its file or its folder; CallError `scheme-missing`, `scheme-json`."""
    file = path / FILE if path.is_dir() else path
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CallError("scheme-missing", file=str(file)) from None
    except (ValueError, RecursionError) as error:
        raise CallError("scheme-json", file=str(file), problem=str(error)[:200]) from None
    if not isinstance(document, dict):
        raise CallError("scheme-json", file=str(file), problem="not an object")
    return document


def built_of(scheme: Mapping[str, Any], network: Network, *, option: int, day: date) -> Built:
    """Give what an option of a scheme document plans, in the network's plane."""
    try:
        chosen = next((one for one in scheme["options"] if one["rank"] == option), None)
        if chosen is None:
            raise CallError("asbuilt-option", option=option, count=len(scheme["options"]))
        return _built(scheme, chosen, network, day)
    except (KeyError, TypeError, ValueError, IndexError, shapely.GEOSException) as error:
        raise CallError("scheme-json", file=FILE, problem=f"{type(error).__name__}: {error}"[:200]) from None


def _built(scheme: Mapping[str, Any], option: Mapping[str, Any], network: Network, day: date) -> Built:
    place, pipe, request = option["connection"], option["service_pipe"], scheme["request"]
    use, dwellings = _use(request["use"])
    return Built(
        scheme_id=str(scheme["id"]), name=str(scheme["name"]), kind=place["kind"], tapoff_id=place["tapoff_id"],
        pipe_id=place["pipe_id"], tie_in_xy=_xy(network, place["position"]),
        line=shapely.LineString([_xy(network, p) for p in option["route"]["geometry"]["coordinates"]]),
        length_m=float(option["route"]["length_m"]), dn=int(pipe["dn"]), material=str(pipe["material"]),
        outer_diameter_m=m_from_mm(float(pipe["outer_diameter_mm"])),
        inner_diameter_m=m_from_mm(float(pipe["inner_diameter_mm"])),
        has_valve=any(VALVE_WELL in part["code"] for part in option["assemblies"]), meter_dn=int(option["meter"]["dn"]),
        use=use, dwellings=dwellings, storeys=request["site"].get("storeys"),
        design_flow_m3s=m3s_from_lps(float(scheme["demand"]["design_flow_lps"])),
        site_elevation_m=float(option["check"]["site_elevation_m"]),
        road_name=next((s["road_name"] for s in option["route"]["surfaces"] if s.get("road_name")), None), built_on=day,
    )  # fmt: skip


def _use(use: Any) -> tuple[str, int | None]:
    """The first use that the customers' code list knows, and all dwellings together."""
    uses = use if isinstance(use, list) else [use]
    known = [one["type"] for one in uses if one.get("type") in codes("customers", "use")]
    dwellings = sum(int(one.get("dwellings") or 0) for one in uses)
    return (known[0] if known else "other"), dwellings or None


def _xy(network: Network, position: Any) -> tuple[float, float]:
    x, y = float(position[0]), float(position[1])
    if network.crs is None:
        return x, y
    east, north = from_lonlat(network.crs, x, y)
    return float(east), float(north)


def _require_unused(store: NetworkStore, network: Network, built: Built, today: date) -> None:
    """A tap-off that is used already, in the version or by the register, is not used twice."""
    rows = network.tapoffs[network.tapoffs["tapoff_id"] == built.tapoff_id]
    if built.kind == "tapoff" and len(rows):
        entries = [e for e in store.register() if e.tapoff_id == built.tapoff_id]
        now = standing_of(rows.iloc[0], entries, today=today)
        own = now.basis is not None and now.basis.scheme_id == built.scheme_id
        if now.status == "used" and not own:
            raise CallError("asbuilt-tapoff-used", tapoff=built.tapoff_id, scheme=built.scheme_id)


def _model(network: Network, captured: Captured, built: Built, scratch: Path) -> Path | None:
    """The EPANET file of the next version, where the network has one: the same file with the connection in it."""
    if network.model_inp is None:
        return None
    from hydraulics.inp.asbuilt import write_with_service

    target = scratch / network.model_inp.name
    shutil.copyfile(network.model_inp, target)
    write_with_service(target, captured, built)
    return target


def _answer(
    store: NetworkStore, version: str, built: Built, captured: Captured | None, *, by: str, today: date
) -> dict[str, Any]:
    """Say what became of it; sees to it that the register knows the tap-off as used, also after a stop in between."""
    _tell_register(store, built, by=by, today=today)
    _tell_scheme(store, built, by=by, today=today)
    network = store.open(version)
    names = names_of(built.scheme_id, has_valve=built.has_valve)
    pipe = network.pipes[network.pipes["pipe_id"] == names.pipe_id].iloc[0]
    issues = [issue for issue in store.issues(version) if issue.subject == names.pipe_id]
    cut = captured.tie_in.cut if captured is not None else None
    return {
        "version": version, "already": captured is None, "scheme_id": built.scheme_id, "name": built.name,
        "pipe_id": names.pipe_id, "tie_in_node_id": pipe["start_node_id"], "site_node_id": names.site_node_id,
        "customer_id": names.customer_id, "valve_id": names.valve_id,
        "tapoff_id": built.tapoff_id if built.kind == "tapoff" else None,
        "cut": None if cut is None else {
            "pipe_id": cut.pipe_id, "fraction": cut.fraction, "pieces": [cut.first, cut.second],
        },
        "length_m": round(float(pipe["length_m"]), 3), "built_on": pipe["installed_on"],
        "design_flow_lps": round(built.design_flow_m3s * 1000.0, 6), "by": by,
        "doubts": [issue.message("zh") for issue in issues], "doubts_en": [issue.message("en") for issue in issues],
    }  # fmt: skip


def _tell_register(store: NetworkStore, built: Built, *, by: str, today: date) -> None:
    if built.kind != "tapoff" or built.tapoff_id is None:
        return
    told = in_force(e for e in store.register() if e.tapoff_id == built.tapoff_id)
    if not any(e.status == "used" and e.scheme_id == built.scheme_id for e in told):
        store.enter(
            decision(
                built.tapoff_id, "used", by=by, day=today, today=today, scheme_id=built.scheme_id,
                note=f"{built.name}（{built.built_on.isoformat()} 竣工）",
            )
        )  # fmt: skip


def _tell_scheme(store: NetworkStore, built: Built, *, by: str, today: date) -> None:
    """The scheme holds nothing any more: what it took is in the network now."""
    now = standings(store.scheme_events(), today=today.isoformat()).get(built.scheme_id)
    if now is None or now.state != "built":
        about = {"name": built.name} if now is None else now.about
        store.tell_schemes([scheme_event(built.scheme_id, "built", by=by, day=today, about=about)])


def _day(text: str | None, today: date) -> date:
    if text is None:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CallError("date", option="--built-on", value=text[:40]) from None
    if day > today:
        raise CallError("built-later", day=text, today=today.isoformat())
    return day
