"""Shapes on the wire, for reading bodies and for the API's description."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Body(BaseModel):
    """A body: unknown keys are refused, for a misspelt option must not be taken for the default."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class CheckBody(_Body):
    """An extra demand at a node of the model or at the nearest fed pipe of a position."""

    node: str | None = Field(None, max_length=200)
    at: Annotated[list[float], Field(min_length=2, max_length=2)] | str | None = None
    flow_lps: float = Field(ge=0, le=1e5)
    required_pressure_m: float | None = Field(None, ge=0, le=200)
    nodes: bool = False


class RunBody(_Body):
    """A renewal run: the list alone, or matched with renovations, road works and paving bans."""

    kind: Literal["assess", "coordinate"] = "coordinate"
    parameters: dict[str, Any] | None = None


class DecisionBody(_Body):
    """What a person decides about a candidate, and how far its project is; `none` takes a decision back."""

    decision: Literal["pin", "defer", "dismiss", "none"]
    reason: str | None = Field(None, max_length=500)
    until: str | None = Field(None, max_length=10, description="ISO date on which a deferred pipe comes back")
    status: str | None = Field(
        None, max_length=40, description="stage of the project; only the next one may follow"
    )


class ConsentBody(_Body):
    """Who agrees or refuses, and why."""

    by: str = Field(max_length=80)
    reason: str = Field(max_length=2000)


class CurrentBody(_Body):
    """Why an older version becomes the current one again, and who wants it."""

    reason: str = Field(max_length=2000)
    by: str | None = Field(None, max_length=80)


class VisitBody(_Body):
    """What a visit to a tap-off saw; `day` is today when left out."""

    by: str = Field(max_length=80)
    found: bool
    valve: Literal["turns", "stuck"] | None = None
    pressure_mpa: float | None = Field(None, ge=0, le=4)
    note: str | None = Field(None, max_length=2000)
    day: str | None = Field(None, max_length=10, description="ISO date")


class StatusBody(_Body):
    """What a tap-off is from `day` on; a reservation has its last day in `until`."""

    by: str = Field(max_length=80)
    status: Literal["free", "reserved", "used", "blocked", "not-found"]
    until: str | None = Field(None, max_length=10, description="ISO date")
    note: str | None = Field(None, max_length=2000)
    day: str | None = Field(None, max_length=10, description="ISO date")


class UndoBody(_Body):
    """Which entry was wrong, who says so and why."""

    by: str = Field(max_length=80)
    entry_id: str = Field(max_length=80)
    reason: str = Field(max_length=2000)


class Problem(BaseModel):
    """RFC 9457 problem."""

    type: str = Field(examples=["urn:tapwright:problem:position"])
    title: str
    title_en: str
    status: int
    detail: str
    detail_en: str
    incident: str | None = None
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


class RegisterEntry(BaseModel):
    """A visit, a decision or an undoing as it was written down."""

    entry_id: str
    tapoff_id: str
    kind: Literal["visit", "status", "undo"]
    day: str
    recorded: str
    by: str
    found: bool | None
    valve: Literal["turns", "stuck"] | None
    pressure_mpa: float | None
    photo: str | None
    photo_hash: str | None
    note: str | None
    status: str | None
    until: str | None
    undoes: str | None
    scheme_id: str | None
    undone_by: str | None = Field(description="id of the entry that took this one back")


class TapoffCard(BaseModel):
    """A tap-off as it stands today, what the import said of it, and its history."""

    model_config = ConfigDict(extra="allow")
    id: str
    in_network: bool = Field(description="false: the current version lacks it, only the register knows it")
    network_version: str
    status: str | None
    imported_status: str | None = None
    reserved_until: str | None = None
    reserved_by: str | None = None
    last_visit: str | None = None
    origin: str | None = None
    confidence: str | None = None
    position: list[float] | None = None
    history: list[RegisterEntry]


class SiteCard(BaseModel):
    """What lies around a place."""

    model_config = ConfigDict(extra="allow")
    position: list[float]
    elevation_m: float | None
    pipes: list[dict[str, Any]]
    peak_pressure_mpa: float | None
    tapoffs: list[Tapoff]
    valves: list[dict[str, Any]]
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
    kind: Literal["scheme", "renewal"]
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


class Decision(BaseModel):
    """A decision on a candidate as it was made."""

    pipe_id: str
    decision: str
    reason: str | None
    until: str | None
    status: str | None
    author: str
    decided: str
    network_version: str


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


class Removal(BaseModel):
    """How many of a layer's things would disappear."""

    layer: str
    before: int
    removed: int


class Proposal(BaseModel):
    """An import that waits for a second person: who proposed it, on top of which version, and what would go."""

    by: str | None
    when: str
    base: str | None
    removals: list[Removal]


class NetworkVersion(BaseModel):
    """A network version; of a damaged one only `version`, `state`, `current` and `problem` are there."""

    model_config = ConfigDict(extra="allow")
    version: str
    state: Literal["published", "pending", "rejected", "damaged"]
    current: bool
    problem: str | None = None
    parent: str | None = None
    created: str | None = None
    source: str | None = None
    crs: str | None = None
    synthetic: bool | None = None
    counts: dict[str, int] | None = None
    length_m: float | None = None
    issue_counts: dict[str, int] | None = None
    proposal: Proposal | None = None


class HistoryEntry(BaseModel):
    """One proposal, consent or change of the current version."""

    when: str
    action: Literal["import", "propose", "approve", "reject", "rollback", "asbuilt", "copy"]
    version: str
    previous: str | None
    reason: str | None
    by: str | None
    details: dict[str, Any] | None


class LayerCounts(BaseModel):
    """How many things came, changed and went."""

    added: int
    changed: int
    removed: int


class ChangeProperties(BaseModel):
    """What happened to one thing; `before` and `after` hold the values of `fields`, or all of what came or went."""

    layer: str
    id: str
    change: Literal["added", "changed", "removed"]
    fields: list[str]
    before: dict[str, Any]
    after: dict[str, Any]


class ChangeFeature(BaseModel):
    """One changed thing where it lies (a removed one where it lay), in lon, lat."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: ChangeProperties


class ChangeFeatures(BaseModel):
    """GeoJSON of the changed things."""

    type: Literal["FeatureCollection"]
    features: list[ChangeFeature]


class ChangeLabels(BaseModel):
    """Names for a person: [zh, en]."""

    label: list[str]
    attributes: dict[str, list[str]]


class VersionDiff(BaseModel):
    """What changed between two versions."""

    old: str
    new: str
    layers: dict[str, LayerCounts]
    attributes: dict[str, dict[str, int]] = Field(description="in how many things each attribute changed")
    labels: dict[str, ChangeLabels]
    bounds: list[float] | None = Field(description="west, south, east, north of what changed")
    crs: str | None
    limit: int
    left_off: dict[str, dict[str, int]] = Field(
        description="changed things beyond the limit, by layer and kind"
    )
    features: ChangeFeatures
