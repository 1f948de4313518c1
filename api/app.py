"""The application: routes, problems, the page, and what opens and closes with it."""

from __future__ import annotations

import hashlib
import threading
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from api.intake.office import open_intake
from api.jobs.desk import Desk
from api.jobs.imports import KIND as IMPORT
from api.jobs.imports import run_import
from api.jobs.renewal import KIND as RENEWAL
from api.jobs.renewal import run_renewal
from api.jobs.runs import RUN_KINDS
from api.jobs.schemes import KIND as SCHEME
from api.jobs.schemes import plan_scheme
from api.network.versions import Differences
from api.routes import (
    capacity,
    checks,
    closing,
    field,
    imports,
    issues,
    jobs,
    mappings,
    network,
    outages,
    renewal,
    run_maps,
    schemes,
    tapoffs,
    tiles,
    versions,
)
from api.serving.front import Front, no_other, stay, tiles_of
from api.serving.guard import Guard
from api.serving.office import Office
from api.serving.shelf import Shelf
from api.store.state import open_state
from api.store.tile_file import TileFile
from api.wire import problems
from api.wire.address import API
from api.wire.models import Problem
from api.wire.scheme import PREFIX, schemas_of
from design.wire.scheme import SchemeDoc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from api.intake.office import Intake
    from api.jobs.desk import Work
    from api.jobs.runs import RunKind
    from api.serving.front import Follow, Opened
    from api.serving.office import Bench
    from api.store.state import State
    from gis.progress import Progress

API_VERSION = "1"
TITLE = "接水匠 Tapwright"
ROUTERS = (network.router, checks.router, closing.router, field.router, schemes.router, jobs.router, tiles.router, renewal.router,
           capacity.router, outages.router,
           run_maps.router,            versions.router, issues.router, tapoffs.router, imports.router, mappings.router)  # fmt: skip


def workspace_id(workspace: Path) -> str:
    """A name for a workspace folder that does not tell where it is."""
    return hashlib.blake2s(str(workspace.resolve()).encode(), digest_size=8).hexdigest()


def create_app(
    bench: Bench,
    *,
    workspace: Path,
    site: Path,
    software: str,
    follow: Follow = stay,
    opened: Opened = no_other,
) -> FastAPI:
    """
    Give the application of one workspace; `site` is the folder of the built page.

    Opening it starts the desk and warms the bench beside the first calls; closing it closes all that was opened.
    `follow` opens a network version that has become the current one meanwhile, `opened` any other, see `Front`.

    Raises
    ------
    StateError
        The workspace's state cannot be opened.
    """
    state = open_state(workspace)
    disk = TileFile(workspace / "cache" / "tiles.sqlite")
    current: list[Front] = []
    intake = open_intake(workspace)
    office = Office(
        bench=bench,
        state=state,
        desk=_desk(lambda: current[0], state, intake, workspace, software),
        intake=intake,
        shelf=Shelf(workspace),
        tiles=tiles_of(bench, disk),
        disk=disk,
        differences=Differences(workspace),
        workspace=workspace,
        workspace_id=workspace_id(workspace),
        software=software,
        warm=threading.Event(),
    )
    current.append(Front(office, follow, opened))
    app = _routed(lifespan=partial(_lifespan, current[0], office.desk))
    app.state.front = current[0]
    _add_page(app, site)
    app.add_middleware(Guard)
    return app


def _routed(*, lifespan: Any) -> FastAPI:
    app = FastAPI(
        title=TITLE, version=API_VERSION, openapi_url=f"{API}/openapi.json", docs_url=None,
        redoc_url=None, lifespan=lifespan, responses={"default": _PROBLEM},
    )  # fmt: skip
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    problems.install(app)
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    return app


def _add_page(app: FastAPI, site: Path) -> None:
    if (site / "index.html").is_file():
        app.mount("/", StaticFiles(directory=site, html=True), name="page")
        return

    def unbuilt() -> Response:
        return problems.problem_response(problems.own_problem("page-missing", 503))

    app.get("/", include_in_schema=False, response_model=None)(unbuilt)


def bare_app() -> FastAPI:
    """The routes without a workspace behind them: enough to describe them."""
    return _routed(lifespan=None)


_PROBLEM: dict[str, Any] = {
    "description": "RFC 9457 problem",
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": f"{PREFIX}Problem"}}},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of the routes, with the scheme document and the one shape of every error."""
    if app.openapi_schema is None:
        document = get_openapi(title=TITLE, version=app.version, routes=app.routes)
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        known = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            known.pop(name, None)
        known["Problem"] = Problem.model_json_schema(ref_template=PREFIX + "{model}")
        known.update(schemas_of(SchemeDoc))
        app.openapi_schema = document
    return app.openapi_schema


def _desk(front: Callable[[], Front], state: State, intake: Intake, workspace: Path, software: str) -> Desk:
    def scheme(job_id: str, document: dict[str, Any], progress: Progress) -> dict[str, Any]:
        return plan_scheme(
            front().office().bench, state, workspace, job_id=job_id, request=document, progress=progress
        )

    def renew(job_id: str, document: dict[str, Any], progress: Progress) -> dict[str, Any]:
        return run_renewal(
            front().office().bench, state, workspace, job_id=job_id, request=document, progress=progress
        )

    def bring(_: str, document: dict[str, Any], progress: Progress) -> dict[str, Any]:
        done = run_import(intake.drafts, intake.workers, request=document, progress=progress)
        front().look_again()
        return done

    def runs(kind: RunKind) -> Work:
        return lambda job_id, document, progress: kind.do(
            front().office().bench, workspace, job_id=job_id, request=document, progress=progress
        )

    whole = {kind.name: runs(kind) for kind in RUN_KINDS}
    works = {SCHEME: scheme, RENEWAL: renew, IMPORT: bring, **whole}
    return Desk(workspace, works, queued=frozenset({RENEWAL, *whole}), release=software)


@asynccontextmanager
async def _lifespan(front: Front, desk: Desk, _: FastAPI) -> AsyncIterator[None]:
    desk.start()
    front.warm_up()
    yield
    front.close()
