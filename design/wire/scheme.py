"""
The scheme document: the one shape that JSON, PDF, XLSX, DXF, the map and the HTTP API all read.

Keys are the contract with other systems; units are in the key names; money is a decimal string.
Positions are lon, lat in CGCS2000 (or plain x, y for a network without a CRS), nine decimals.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from design.wire.demand import DemandDoc, FindingDoc, OverrideDoc
from design.wire.route import RejectedRouteDoc, WayDoc
from design.wire.supply import (
    BudgetDoc,
    DevicesDoc,
    InletsDoc,
    LocalLossDoc,
    SupplyModeDoc,
    TieInMethodDoc,
)
from design.wire.weighing import ScoreDoc
from design.wire.works import AssemblyDoc, PermitDoc, PickingDoc, QuoteDoc


class ConnectionDoc(TypedDict):
    kind: Literal["tapoff", "new-tap"]
    tapoff_id: str | None
    pipe_id: str | None
    pipe_dn: int
    pipe_material: str
    node_id: str | None
    fraction: float
    dn: int
    position: list[float]
    method: str
    method_text: str
    cover_depth_m: float | None
    valve_id: str | None
    status: str | None
    confidence: str
    origin: str | None
    distance_m: float


class SurfaceDoc(TypedDict):
    surface: str
    length_m: float
    road_name: NotRequired[str]
    road_class: NotRequired[str]


class StationDoc(TypedDict):
    """A place along the route: why it is marked, ground, cover and top of the pipe; heights null where no terrain is known."""

    at_m: float
    kind: Literal["tie-in", "site", "bend", "crossing", "street", "station"]
    ground_m: float | None
    cover_m: float
    pipe_top_m: float | None
    pipe_bottom_m: NotRequired[float | None]


class CrossingDoc(TypedDict):
    """A utility or water pipe that the route crosses; `gap_m` is the vertical clear distance, null without a depth."""

    utility_id: str
    kind: str
    detail: str
    at_m: float
    angle_deg: float
    cover_m: float | None
    height_m: NotRequired[float]
    gap_m: float | None
    limit_m: float | None


class NearUtilityDoc(TypedDict):
    """A utility beside the route: clear distance between outer faces and what the standard asks for."""

    utility_id: str
    kind: str
    detail: str
    at_m: float
    distance_m: float
    limit_m: float | None


class StreetCrossingDoc(TypedDict):
    road_name: str
    road_class: str
    at_m: float
    angle_deg: float


class RouteDoc(WayDoc):
    geometry: dict[str, Any]
    surfaces: list[SurfaceDoc]
    basis: Literal["streets", "pipes", "straight", "drawn"]
    basis_text: str
    profile: NotRequired[list[StationDoc]]
    crossings: NotRequired[list[CrossingDoc]]
    near_utilities: NotRequired[list[NearUtilityDoc]]
    street_crossings: NotRequired[list[StreetCrossingDoc]]


class WorksDoc(TypedDict):
    """What is dug and built along the route; `bends` are pairs of degrees and count, the meter stands at `outside_length_m`."""

    outside_length_m: float
    inside_length_m: float
    cover_depth_m: float
    trench_width_m: float
    trench_top_width_m: float
    trench_depth_m: float
    bedding_m: float
    bends: list[list[float]]
    thrust_blocks: int
    valve_wells: int


class PathPointDoc(TypedDict):
    """A node on the water's way from its source, so far along the pipes; the last one is the tie-in."""

    at_m: float
    id: str
    ground_m: float
    head_before_m: float
    head_after_m: float


class ScenarioWorstDoc(TypedDict):
    id: str
    pressure_before_m: float
    pressure_after_m: float


class ScenarioDoc(TypedDict):
    """The connection in one scenario; verdict `none` with a reason where the network has no such scenario."""

    name: str
    label: str
    label_en: str
    flow_lps: float
    limit_m: float
    pressure_before_m: float | None
    pressure_after_m: float | None
    worst: ScenarioWorstDoc | None
    newly_below: int
    converged: bool
    verdict: Literal["pass", "fail", "warn", "none"]
    reason: str | None
    reason_en: str | None


class FireDoc(TypedDict):
    """Fire flow at the connection and at the hydrants within reach."""

    fire_lps: float
    least_pressure_m: float
    reach_m: float
    connection: dict[str, Any]
    hydrants: list[dict[str, Any]]


class ClosingValveDoc(TypedDict):
    """A valve to close; `is_shut`: closed already, `feeds`: water can come through it."""

    id: str
    kind: str
    dn: int
    pipe_id: str
    node_id: str
    is_shut: bool
    feeds: bool


class OutageDoc(TypedDict):
    """What closing off a place takes: whom it leaves without water, whom with too little, and the valves for it."""

    valves: list[ClosingValveDoc]
    failed_valves: list[str]
    valves_known: bool
    pipe_ids: list[str]
    customers_out: int
    dwellings_out: int
    customers_low: int
    unserved_lps: float
    cut_off_lps: float
    notice_hours: float
    method: str


class ServicePipeDoc(TypedDict):
    dn: int
    material: str
    series: str
    outer_diameter_mm: float
    inner_diameter_mm: float
    velocity_mps: float
    headloss_m: float
    friction_m: float
    local_m: float
    local_method: Literal["fittings", "share"]
    local_losses: list[LocalLossDoc]
    roughness_c: float
    velocity_limit_mps: float
    lost: NotRequired[list[str]]
    lost_en: NotRequired[list[str]]
    clause: str


class MeterDoc(TypedDict):
    dn: int
    q3_m3h: float
    q4_m3h: float
    ratio_r: int
    type: str
    kind: str
    headloss_m: float
    clause: str
    q1_m3h: float
    q2_m3h: float
    flow_m3h: float
    fire_m3h: float
    fire_headloss_m: float | None
    least_m3h: float | None
    low_share: float | None
    confidence: str
    lost: list[str]
    lost_en: list[str]


class NeighbourDoc(TypedDict):
    node_id: str
    position: list[float] | None
    elevation_m: float
    pressure_before_m: float
    pressure_after_m: float
    pressure_before_mpa: float
    pressure_after_mpa: float


class ReliesDoc(TypedDict):
    """How sure the figures behind a pressure are, along the water's way to the tie-in; lengths by confidence."""

    path_length_m: float
    path_pipes: int
    dn_m: dict[str, float]
    roughness_m: dict[str, float]
    elevation_confidence: str
    doubtful_pipes: list[str]
    assumed_devices: NotRequired[list[str]]


class MeasureDoc(TypedDict):
    """The one reading that would narrow a range most: a pressure logger at the peak hour, or a level of the ground."""

    node_id: str
    quantity: Literal["pressure", "elevation"]
    when: str | None
    removes_share: float
    position: NotRequired[list[float] | None]


class RangeDoc(TypedDict):
    """What the pressure at the tie-in may really be, and whether that decides the question."""

    low_m: float
    high_m: float
    sd_m: float
    coverage_share: float
    verdict: Literal["safe", "unsafe", "measure-here"]
    by_cause_sd_m: dict[str, float]
    measure_at: MeasureDoc | None


class CheckDoc(TypedDict):
    engine: str
    scenario: str
    converged: bool
    pressure_required_mpa: float
    site_elevation_m: float
    site_elevation_origin: str
    site_pressure_before_mpa: float
    site_pressure_after_mpa: float
    margin_m: float
    tie_in_head_before_m: float
    tie_in_head_after_m: float
    tie_in_pressure_before_mpa: float
    tie_in_pressure_after_mpa: float
    neighbour_limit_mpa: float
    worst_neighbour: NeighbourDoc | None
    newly_below_limit: list[NeighbourDoc]
    most_affected: list[NeighbourDoc]
    relies_on: ReliesDoc | None
    range: NotRequired[RangeDoc | None]
    calibration: NotRequired[dict[str, Any] | None]
    supply_path: NotRequired[list[PathPointDoc]]


class OptionDoc(TypedDict):
    rank: int
    feasible: bool
    connection: ConnectionDoc
    route: RouteDoc
    works: NotRequired[WorksDoc]
    service_pipe: ServicePipeDoc
    meter: MeterDoc
    devices: DevicesDoc | None
    budget: BudgetDoc
    supply_mode: SupplyModeDoc | None
    inlets: InletsDoc
    tie_in_methods: list[TieInMethodDoc]
    check: CheckDoc
    scenarios: NotRequired[list[ScenarioDoc]]
    outage: NotRequired[OutageDoc | None]
    findings: list[FindingDoc]
    assemblies: list[AssemblyDoc]
    quote: QuoteDoc
    permits: list[PermitDoc]
    picking_list: NotRequired[list[PickingDoc]]
    workdays: int
    score: ScoreDoc | None
    pinned: NotRequired[dict[str, Any] | None]
    reasons: list[str]
    reasons_en: list[str]


class FixDoc(TypedDict):
    """What would make the first option pass: the change, its price alone and with the connection, and what it does."""

    kind: Literal["larger-tie-in", "parallel-main", "loop", "open-valve", "booster"]
    what: str
    what_en: str
    dn: int | None
    length_m: float | None
    extra_cny: str
    total_cny: str
    service_dn: int | None
    margin_m: float
    site_pressure_before_mpa: float
    site_pressure_after_mpa: float
    tie_in_head_after_m: float
    newly_below_before: int
    newly_below_after: int
    geometry: dict[str, Any] | None
    checked_by: str
    lines: list[dict[str, Any]]


class RejectedDoc(TypedDict):
    """A point of connection that lost, or one of its routes: then `route` says which and where."""

    connection: dict[str, Any]
    route: NotRequired[RejectedRouteDoc | None]
    score: ScoreDoc | None
    reason: str
    reason_en: str


class ProvenanceDoc(TypedDict):
    network_version: str
    tapoff_register: str
    network_source: str
    synthetic: bool
    crs: str | None
    vertical_datum: dict[str, Any]
    rules: list[str]
    prices: str
    weights: dict[str, Any]
    policy: NotRequired[str]
    reserved: list[dict[str, Any]]
    day: str
    engine: str
    software: str
    created: str


class SchemeDoc(TypedDict):
    id: str
    name: str
    feasible: bool
    summary: str
    summary_en: str
    request: dict[str, Any]
    demand: DemandDoc
    overrides: list[OverrideDoc]
    supply_mode: SupplyModeDoc | None
    options: list[OptionDoc]
    fixes: NotRequired[list[FixDoc]]
    rejected: list[RejectedDoc]
    provenance: ProvenanceDoc
    files: NotRequired[dict[str, str]]
    digest: NotRequired[str]
