"""What each command of the command line does; every function answers with one JSON-able document."""

from __future__ import annotations

import json
import math
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from api.files.outputs import whole_file, whole_folder
from api.pressure.commands import calibrate, capacity, outages
from api.pressure.model_door import model
from api.prices.door import catalogue, price
from api.serving import warm
from api.settings import Settings, read_settings
from gis.stores.address import parse_address

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from api.workbench import Workbench
    from gis.progress import Progress


def _settings(arguments: argparse.Namespace) -> Settings:
    return read_settings(
        workspace=arguments.workspace, catalogue=getattr(arguments, "catalogue", None),
        policy=getattr(arguments, "policy", None), rules=getattr(arguments, "rules", None),
    )  # fmt: skip


def _bench(arguments: argparse.Namespace) -> closing[Workbench]:
    from api.workbench import Workbench

    return closing(Workbench.open(_settings(arguments)))


def _position(text: str, field: str = "--at") -> tuple[float, float]:
    parts = text.replace("，", ",").split(",")
    try:
        x, y = (float(part) for part in parts)
    except ValueError:
        raise CallError("position", field=field, value=text) from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise CallError("position", field=field, value=text)
    return x, y


def _place(arguments: argparse.Namespace) -> tuple[tuple[float, float], str | None]:
    """Position and CRS as given; those of a grid file become longitude and latitude before they go anywhere."""
    position = _position(arguments.at)
    if arguments.crs is None:
        return position, None
    from api.positions import without_grid_file

    crs, (x, y) = without_grid_file(arguments.crs, position)
    return (x, y), crs


def sample(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Write the source files of a synthetic district; those of an earlier one in the folder go."""
    from gis.sample.city import write_sample

    if not 500 <= arguments.pipes <= 1_000_000:
        raise CallError("sample-size", pipes=arguments.pipes)
    if arguments.seed < 0:
        raise CallError("sample-seed", seed=arguments.seed)
    with whole_folder(arguments.out) as draft:
        answer = write_sample(draft, seed=arguments.seed, pipes=arguments.pipes, progress=progress)
        earlier = _sample_files(arguments.out)
    for name in earlier - set(answer["files"]):
        (arguments.out / name).unlink(missing_ok=True)
    return answer


def _sample_files(folder: Path) -> set[str]:
    """Plain names of the files an earlier sample left, by its own list."""
    try:
        listed = json.loads((folder / "sample.json").read_text(encoding="utf-8"))["files"]
        return {str(name) for name in listed if Path(str(name)).name == name}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def import_(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Import sources as a new version; a dry run publishes nothing."""
    from api.network.imports import import_into
    from api.pressure.ready import make_ready

    settings = _settings(arguments)
    answer = import_into(
        settings.workspace, arguments.sources, mapping=arguments.mapping, crs=arguments.crs,
        vertical_datum=arguments.vertical_datum, dry_run=arguments.dry_run, accepted=_accepted(arguments),
        by=arguments.by or settings.person, derive=arguments.derive_tapoffs, progress=progress,
    )  # fmt: skip
    if answer["state"] == "published":
        make_ready(settings, progress)
    return answer


def mapping(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Suggest a mapping file for unknown sources, or show what a mapping file would import."""
    from api.network.imports import see_sources
    from api.network.mapping import previewed, suggested

    see_sources(arguments.sources, crs=arguments.crs)
    if arguments.step == "preview":
        if arguments.rows < 1:
            raise CallError("rows", value=arguments.rows)
        return previewed(
            arguments.sources, mapping=arguments.mapping, crs=arguments.crs, rows=arguments.rows, progress=progress
        )  # fmt: skip
    answer = suggested(arguments.sources, crs=arguments.crs, progress=progress)
    if arguments.out is not None:
        with whole_file(arguments.out) as draft:
            draft.write_text(answer["toml"], encoding="utf-8")
        answer["file"] = str(arguments.out)
    return answer


def _accepted(arguments: argparse.Namespace) -> str | None:
    """Why much may disappear; None when the caller did not allow it."""
    if not arguments.accept_removals:
        return None
    reason = (arguments.reason or "").strip()
    if not reason:
        raise CallError("removals-reason")
    return reason


def rollback(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Make an older version the current one again."""
    from api.network.versions import roll_back

    progress.step("rollback", 0, 1)
    settings = _settings(arguments)
    name = arguments.by or settings.person
    return roll_back(settings.workspace, arguments.version, reason=arguments.reason, by=name)


def approve(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Let a proposed version become the current one."""
    from api.network import versions as door

    progress.step("approve", 0, 1)
    place = _settings(arguments).workspace
    return door.approve(place, arguments.version, by=arguments.by, reason=arguments.reason)


def reject(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Refuse a proposed version."""
    from api.network import versions as door

    progress.step("reject", 0, 1)
    settings = _settings(arguments)
    name = arguments.by or settings.person
    return door.reject(settings.workspace, arguments.version, by=name, reason=arguments.reason)


def issues(arguments: argparse.Namespace, progress: Progress) -> Any:
    """List what the import doubted and mended."""
    from api.network.imports import list_issues

    progress.step("issues", 0, 1)
    return list_issues(
        _settings(arguments).workspace, version=arguments.version, out=arguments.out,
        kinds=arguments.kind, severities=arguments.severity,
    )  # fmt: skip


def versions(arguments: argparse.Namespace, progress: Progress) -> Any:
    """List the network versions, newest last, or the history of which was the current one."""
    from api.network.versions import list_history, list_versions

    progress.step("versions", 1, 1)
    if arguments.history:
        return list_history(_settings(arguments).workspace)
    return list_versions(_settings(arguments).workspace)


def diff(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Count what was added, changed and removed between two versions; with --out also the things themselves."""
    from api.network.versions import Differences

    if arguments.details is not None and arguments.details < 1:
        raise CallError("details", value=arguments.details)
    differences = Differences(_settings(arguments).workspace)
    changes = differences.between(arguments.old, arguments.new, progress=progress)
    if arguments.out is not None:
        from gis.versions.export import export_diff

        with whole_file(arguments.out) as draft:
            export_diff(changes, draft)
    if arguments.details is not None:
        return differences.document(arguments.old, arguments.new, limit=arguments.details)
    return {
        "layers": {name: change.counts for name, change in changes.items()},
        "attributes": {name: change.attributes for name, change in changes.items() if len(change.changed)},
    }


def export(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Write the layers of a version: one GeoPackage, or survey workbooks, shapefiles, a drawing, a geodatabase."""
    from api.network.exports import export_network
    from gis.store import open_store

    network = open_store(_settings(arguments).workspace).open(arguments.version)
    progress.step("export", 0, 1)
    return export_network(network, arguments.out, form=arguments.format)


def tapoff_options(count: int, *, within_m: float, status: str) -> dict[str, Any]:
    """Give count, reach and status of a search for tap-offs, each refused when it makes no sense."""
    from gis.schema import codes

    if count < 1:
        raise CallError("count", value=count)
    if not 0.0 < within_m < math.inf:
        raise CallError("within", value=within_m)
    known = (*codes("tapoffs", "status"), "any")
    if status not in known:
        raise CallError("tapoff-status", value=status, known=", ".join(known))
    return {"count": count, "within_m": within_m, "status": status}


def copy(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Copy all versions of a workspace into another."""
    from api.network.imports import copy_workspace

    addresses = (parse_address(arguments.source), parse_address(arguments.target))
    return copy_workspace(*addresses, progress=progress)


def _server(arguments: argparse.Namespace) -> warm.WarmServer | None:
    """Find the server that holds the workspace warm; only folders are served."""
    place = _settings(arguments).workspace
    return warm.find(place) if isinstance(place, Path) else None


def tapoffs(arguments: argparse.Namespace, progress: Progress) -> Any:
    """Nearest tap-offs, by the warm server when there is one."""
    position, crs = _place(arguments)
    options = tapoff_options(arguments.count, within_m=arguments.within_m, status=arguments.status)
    progress.step("tapoffs", 0, 1)
    direct = crs is not None or not warm.takes(**options)
    if not direct and (server := _server(arguments)):
        return server.tapoffs(position, **options)
    with _bench(arguments) as bench:
        return bench.tapoffs(position, crs=crs, **options)


def asbuilt(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Take a built scheme into the next version."""
    from api.network.asbuilt import capture_scheme, read_scheme

    progress.step("asbuilt", 0, 1)
    settings = _settings(arguments)
    return capture_scheme(
        settings.workspace, read_scheme(arguments.scheme), option=arguments.option, survey=arguments.survey,
        crs=arguments.crs, built_on=arguments.built_on, by=arguments.by or settings.person, today=settings.today,
    )  # fmt: skip


def tapoff(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Show one tap-off, or keep a visit, a decision or an undoing."""
    from api.network.register import STEPS, Desk

    progress.step("tapoff", 0, 1)
    settings = _settings(arguments)
    if arguments.step != "show":
        arguments.by = arguments.by or settings.person
    return STEPS[arguments.step](Desk.open(settings.workspace, today=settings.today), arguments)


def site_card(arguments: argparse.Namespace, progress: Progress) -> Any:
    """What lies around a place and how the network runs there, by the warm server when there is one."""
    position, crs = _place(arguments)
    progress.step("site-card", 0, 1)
    # ages are reckoned to the server's day
    same = crs is None and (server := _server(arguments)) and server.books == _settings(arguments).books
    if same and server:
        return server.site_card(position)
    with _bench(arguments) as bench:
        return bench.site_card(position, crs=crs)


def check(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Pressure before and after one extra demand."""
    from api.pressure.ahead import loading_ahead
    from api.pressure.scenario import Wanted
    from api.workbench import Workbench

    position, crs = (None, arguments.crs) if arguments.at is None else _place(arguments)
    progress.step("check", 0, 1)
    settings = replace(_settings(arguments), calibrated=not arguments.uncalibrated)
    with closing(Workbench.open(settings)) as bench, loading_ahead():
        return bench.check(
            node=arguments.node, position=position, crs=crs, flow_lps=arguments.flow_lps,
            required_pressure_m=arguments.required_pressure_m, nodes_out=arguments.nodes_out, inp_out=arguments.inp_out,
            wanted=Wanted(arguments.scenario, arguments.mode, arguments.fire_lps), plots=arguments.plots,
        )  # fmt: skip


def shutting(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """What to close for work at a place, and which valves would or do matter most."""
    from api.closing.commands import RUNS

    place = (None, None) if getattr(arguments, "at", None) is None else _place(arguments)
    progress.step(arguments.command, 0, 1)
    with _bench(arguments) as bench:
        return RUNS[arguments.command](bench, arguments, place, progress)


def read_request(path: Path) -> dict[str, Any]:
    """Read REQUEST.json; a file that is no JSON object is refused with its line."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CallError("request-missing", file=str(path)) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", 1)
        raise CallError("request-json", file=str(path), line=line, problem=str(error)) from None
    except RecursionError:
        raise CallError("request-json", file=str(path), line=1, problem="nested too deeply") from None
    if not isinstance(document, dict):
        raise CallError("request-json", file=str(path), line=1, problem="not an object")
    return document


def scheme(arguments: argparse.Namespace, progress: Progress) -> Any:
    """Plan a connection, by the warm server when there is one, and write its files."""
    document = read_request(arguments.request)
    if arguments.crs is not None:
        if not arguments.crs.strip():
            raise CallError("crs-empty")
        if isinstance(document.get("site"), dict):
            from api.positions import without_grid_file

            site = document["site"]
            for key in {"position", "polygon"} & set(site):
                site["crs"], site[key] = without_grid_file(arguments.crs, site[key])
    # a server that was started with other prices, rules or day would answer another question
    if (server := _server(arguments)) and server.books == _settings(arguments).books:
        return server.scheme(document, arguments.out)
    with _bench(arguments) as bench:
        return bench.scheme(document, arguments.out, progress=progress)


def life(arguments: argparse.Namespace, progress: Progress) -> Any:
    """Let schemes pass from state to state, or compute one again."""
    from api.life.commands import RUNS

    return RUNS[arguments.command](_settings(arguments), arguments, progress)


def renewal(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Assess or coordinate renewal and write list, map and tables."""
    with _bench(arguments) as bench:
        run = bench.renewal_assess if arguments.step == "assess" else bench.renewal_coordinate
        return run(arguments.parameters, arguments.out, progress=progress)


def serve(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Serve the page and the API until interrupted."""
    from api.serving.server import run_server

    progress.step("serve", 0, 1)
    run_server(_settings(arguments), port=arguments.port, local=arguments.local, new=arguments.new)
    return {"stopped": True}


COMMANDS: dict[str, Callable[[Any, Progress], Any]] = {
    "sample": sample, "import": import_, "mapping": mapping, "issues": issues, "versions": versions, "rollback": rollback,
    "approve": approve, "reject": reject, "diff": diff, "export": export, "copy": copy,
    "tapoffs": tapoffs, "tapoff": tapoff, "asbuilt": asbuilt, "site-card": site_card, "check": check,
    "calibrate": calibrate, "capacity": capacity, "outages": outages,
    "isolate": shutting, "valves": shutting, "model": model,
    "scheme": scheme, "catalogue": catalogue, "price": price, "schemes": life, "verify": life,
    "renewal": renewal, "serve": serve,
}  # fmt: skip
