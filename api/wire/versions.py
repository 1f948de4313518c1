"""Shapes on the wire of network versions and of the tap-off register."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.wire.models import Body


class ConsentBody(Body):
    """Who agrees or refuses, and why."""

    by: str = Field(max_length=80)
    reason: str = Field(max_length=2000)


class CurrentBody(Body):
    """Why an older version becomes the current one again, and who wants it."""

    reason: str = Field(max_length=2000)
    by: str | None = Field(None, max_length=80)


class VisitBody(Body):
    """What a visit to a tap-off saw; `day` is today when left out."""

    by: str = Field(max_length=80)
    found: bool
    valve: Literal["turns", "stuck"] | None = None
    pressure_mpa: float | None = Field(None, ge=0, le=4)
    note: str | None = Field(None, max_length=2000)
    day: str | None = Field(None, max_length=10, description="ISO date")


class StatusBody(Body):
    """What a tap-off is from `day` on; a reservation has its last day in `until`."""

    by: str = Field(max_length=80)
    status: Literal["free", "reserved", "used", "blocked", "not-found"]
    until: str | None = Field(None, max_length=10, description="ISO date")
    note: str | None = Field(None, max_length=2000)
    day: str | None = Field(None, max_length=10, description="ISO date")


class UndoBody(Body):
    """Which entry was wrong, who says so and why."""

    by: str = Field(max_length=80)
    entry_id: str = Field(max_length=80)
    reason: str = Field(max_length=2000)


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


class AsBuiltBody(Body):
    """Which option of a scheme was built, when, and who says so."""

    by: str = Field(max_length=80)
    option: int = Field(1, ge=1, le=50)
    built_on: str | None = Field(None, max_length=10, description="ISO date; today when left out")


class AsBuilt(BaseModel):
    """What a built connection is called in the version that has it."""

    model_config = ConfigDict(extra="allow")
    version: str
    already: bool
    scheme_id: str
    pipe_id: str
    tie_in_node_id: str
    site_node_id: str
    customer_id: str
    valve_id: str | None
    tapoff_id: str | None
    cut: dict[str, Any] | None
    length_m: float
    doubts: list[str]
