"""Shapes on the wire, for reading bodies and for the API's description."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.store.decisions import Decision


class Body(BaseModel):
    """A body: unknown keys are refused, for a misspelt option must not be taken for the default."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class CheckBody(Body):
    """An extra demand at a node of the model or at the nearest fed pipe of a position."""

    node: str | None = Field(None, max_length=200)
    at: Annotated[list[float], Field(min_length=2, max_length=2)] | str | None = None
    flow_lps: float = Field(ge=0, le=1e5)
    required_pressure_m: float | None = Field(None, ge=0, le=200)
    nodes: bool = False
    scenario: Literal["peak", "peak-fire", "source-out", "low-tank", "all"] = "peak"
    mode: Literal["dda", "pda"] = Field("dda", description="demand in full, or as far as the pressure allows")
    fire_lps: float | None = Field(None, gt=0, le=200)


class IsolationBody(Body):
    """Work at a node, on a pipe, or on the nearest fed pipe of a position, with valves that do not turn."""

    node: str | None = Field(None, max_length=200)
    pipe: str | None = Field(None, max_length=200)
    at: Annotated[list[float], Field(min_length=2, max_length=2)] | str | None = None
    failed_valves: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] = []
    by_pressure: bool = True
    starts: str | None = Field(None, max_length=40, description="when the water goes, ISO")
    lasts_hours: float | None = Field(None, gt=0, le=720)


class RunBody(Body):
    """A renewal run: the list alone, or matched with renovations, road works and paving bans."""

    kind: Literal["assess", "coordinate"] = "coordinate"
    parameters: dict[str, Any] | None = None


class CapacityBody(Body):
    """A capacity map by one or several required pressures."""

    required_pressures_m: list[float] | None = Field(None, min_length=1, max_length=8)
    no_worse_m: float = Field(0.5, ge=0, le=1000)
    cap_lps: float = Field(500.0, gt=0, le=100_000)


class OutageBody(Body):
    """Outages by a required pressure: a demand below it is drawn in part."""

    required_pressure_m: float | None = Field(None, gt=0, le=1000)


class DecisionBody(Body):
    """What a person decides about a candidate, and how far its project is; `none` takes a decision back."""

    decision: Literal["pin", "defer", "dismiss", "none"]
    reason: str | None = Field(None, max_length=500)
    until: str | None = Field(None, max_length=10, description="ISO date on which a deferred pipe comes back")
    status: str | None = Field(
        None, max_length=40, description="stage of the project; only the next one may follow"
    )


class Problem(BaseModel):
    """RFC 9457 problem."""

    type: str = Field(examples=["urn:tapwright:problem:position"])
    title: str
    title_en: str
    status: int
    detail: str
    detail_en: str
    incident: str | None = None
    rival: str | None = Field(None, description="of a conflict: the scheme that is in the way")
    errors: list[dict[str, str]] | None = None


class Health(BaseModel):
    """Whether the server is there, and for which workspace and version."""

    status: Literal["ok"]
    workspace: str = Field(description="the same as in server.json of the workspace")
    network_version: str
    register_mark: str = Field(description="how far the tap-off register is read")
    synthetic: bool
    software: str
    warm: bool


class NetworkInfo(BaseModel):
    """What the network is."""

    model_config = ConfigDict(extra="allow")
    version: str
    source: str
    synthetic: bool
    crs: str | None
    bounds: list[float] | None
    counts: dict[str, int]
    empty: bool = Field(False, description="nothing has been imported yet")


class Tapoff(BaseModel):
    """A reserved tap-off near a place."""

    model_config = ConfigDict(extra="allow")
    id: str
    dn: int | None
    status: str
    pipe_id: str | None
    pipe_dn: int | None
    distance_m: float
    route_length_m: float | None
    position: list[float]
    cover_depth_m: float | None
    valve_id: str | None
    peak_pressure_mpa: float | None
    confidence: str
    origin: str = Field(
        "surveyed", description="`derived`: found in the drawing, in no register; confirm on site"
    )
    reserved_until: str | None = None
    last_visit: str | None = None
    dn_confidence: str = Field("unknown", description="surveyed | as-built | inferred | filled | unknown")
    pipe_dn_confidence: str | None = None
    elevation_confidence: str | None = Field(None, description="of the ground the pressure counts from")


class SiteCard(BaseModel):
    """What lies around a place."""

    model_config = ConfigDict(extra="allow")
    position: list[float]
    elevation_m: float | None
    pipes: list[dict[str, Any]]
    peak_pressure_mpa: float | None
    pressure: dict[str, Any] | None = Field(
        description="whose pressure it is: nearest pipe with water, interpolated between its ends"
    )
    tapoffs: list[Tapoff]
    valves: list[dict[str, Any]]
    running: dict[str, Any] = Field(
        description="fed or not, from which source, through which pump or valve, what is shut near by"
    )
    network_version: str
    synthetic: bool


class Progress(BaseModel):
    """How far a stage has come."""

    stage: str
    done: int
    total: int


class Job(BaseModel):
    """Long work as it stands."""

    id: str
    kind: Literal["scheme", "renewal", "import", "capacity", "outages"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: Progress | None
    result: str | None = Field(description="address of what it made, once done")
    problem: Problem | None
    created: str


class SchemeSummary(BaseModel):
    """A line of the list of schemes."""

    id: str
    name: str
    feasible: bool
    summary: str
    summary_en: str
    total_cny: str | None
    network_version: str
    created: str
    state: str | None = Field(None, description="draft, accepted, expired, withdrawn, superseded or built")
    until: str | None = Field(None, description="last day of the reservation")
    days_left: int | None = None
    option: int | None = Field(None, description="which option was accepted")
    by: str | None = None
    position: list[float] | None = Field(None, description="lon, lat of what it holds, or held last")
    stored: bool = Field(True, description="false: planned on the command line, its files lie elsewhere")


class SchemeFile(BaseModel):
    """A file of a scheme that can be fetched."""

    name: str
    size_bytes: int
    sha256: str | None = Field(None, description="as sealed in scheme.json; null for scheme.json itself")


class AcceptBody(Body):
    """Which option is accepted, by whom, until when; `override` says why although it does not hold what is asked."""

    by: str = Field(max_length=80)
    option: int = Field(1, ge=1, le=50)
    until: str | None = Field(None, max_length=10, description="ISO date of the last day")
    days: int | None = Field(None, ge=0, le=10_000)
    reason: str | None = Field(None, max_length=2000)
    override: str | None = Field(None, max_length=2000)


class ExtendBody(Body):
    """Until when it is held instead."""

    by: str = Field(max_length=80)
    until: str | None = Field(None, max_length=10)
    days: int | None = Field(None, ge=0, le=10_000)
    reason: str | None = Field(None, max_length=2000)


class WithdrawBody(Body):
    """Who lets a scheme go, and why."""

    by: str = Field(max_length=80)
    reason: str = Field(max_length=2000)


class SchemeLife(BaseModel):
    """How a scheme stands, and its events, newest first."""

    model_config = ConfigDict(extra="allow")
    id: str
    name: str
    state: str
    since: str
    by: str
    until: str | None
    days_left: int | None
    option: int | None
    claim: dict[str, Any] | None
    history: list[dict[str, Any]]


class Decided(BaseModel):
    """The decision that holds and all before it, newest first."""

    current: Decision | None
    history: list[Decision]


class RenewalRun(BaseModel):
    """Which run a list comes from."""

    id: str
    kind: Literal["assess", "coordinate"]
    network_version: str
    created: str
    files: list[str]


class Renewal(BaseModel):
    """The latest run's document, its candidates carrying the decision that holds."""

    run: RenewalRun | None = Field(description="null before the first run")
    document: dict[str, Any]
    decisions: dict[str, Decision]


class FigureClassDoc(BaseModel):
    """One class of a legend; `key` is `range` with bounds in L/s, or a word: `no-water`, `at-cap`."""

    place: int = Field(alias="class")
    key: str
    colour: str
    above_lps: float | None
    up_to_lps: float | None
    count: int


class RunMap(BaseModel):
    """How a run is drawn: where its tiles are, its classes, the gravest first, and west, south, east, north [degrees]."""

    tiles: str
    classes: list[FigureClassDoc]
    bounds: list[float] | None
