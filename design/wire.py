"""
The scheme document: the one shape that JSON, PDF, XLSX, DXF, the map and the HTTP API all read.

Keys are the contract with other systems; units are in the key names; money is a decimal string.
Positions are lon, lat in CGCS2000 (or plain x, y for a network without a CRS), nine decimals.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from design.wire_demand import DemandDoc, FindingDoc, OverrideDoc


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


class RouteDoc(TypedDict):
    length_m: float
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
    clause: str


class MeterDoc(TypedDict):
    dn: int
    q3_m3h: float
    q4_m3h: float
    ratio_r: int
    type: str
    headloss_m: float
    clause: str


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
    supply_path: NotRequired[list[PathPointDoc]]


class PartDoc(TypedDict):
    """A part of a standard detail: its number on the drawing, and how many one detail has (a decimal string)."""

    no: int
    name: str
    name_en: str
    spec: str
    unit: str
    count: str
    from_store: bool


class AssemblyDoc(TypedDict):
    code: str
    kind: NotRequired[str]
    name: str
    name_en: NotRequired[str]
    drawing: str
    atlas: NotRequired[str]
    sheet: NotRequired[str]
    edition: NotRequired[str]
    count: int
    reason: str
    reason_en: NotRequired[str]
    source: NotRequired[str]
    confidence: NotRequired[str]
    dimensions_mm: NotRequired[dict[str, int]]
    parts: NotRequired[list[PartDoc]]


class QuoteLineDoc(TypedDict):
    code: str
    name: str
    quantity: str
    unit: str
    price_cny: str
    amount_cny: str
    payer: Literal["utility", "customer"]
    ledger: Literal["outside-red-line", "inside-red-line", "third-party"]
    basis: str


class QuoteDoc(TypedDict):
    catalogue: str
    catalogue_note: str
    valid_from: str
    valid_to: str | None
    rounding: str
    lines: list[QuoteLineDoc]
    net_cny: str
    tax_rate: str
    tax_cny: str
    total_cny: str
    customer_total_cny: str
    utility_total_cny: str


class PermitDoc(TypedDict):
    kind: str
    name: str
    authority: str
    area_m2: float
    length_m: float
    workdays: int
    basis: str


class ScoreDoc(TypedDict):
    """What an alternative is weighed at: parts in yuan, weighed; the least total is the best."""

    unit: str
    parts: dict[str, float]
    total: float


class OptionDoc(TypedDict):
    rank: int
    feasible: bool
    connection: ConnectionDoc
    route: RouteDoc
    works: NotRequired[WorksDoc]
    service_pipe: ServicePipeDoc
    meter: MeterDoc
    check: CheckDoc
    outage: NotRequired[OutageDoc | None]
    findings: list[FindingDoc]
    assemblies: list[AssemblyDoc]
    quote: QuoteDoc
    permits: list[PermitDoc]
    workdays: int
    score: ScoreDoc | None
    reasons: list[str]
    reasons_en: list[str]


class RejectedDoc(TypedDict):
    connection: dict[str, Any]
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
    options: list[OptionDoc]
    rejected: list[RejectedDoc]
    provenance: ProvenanceDoc
    files: NotRequired[dict[str, str]]
    digest: NotRequired[str]
