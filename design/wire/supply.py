"""What the scheme document says of supply behind the tie-in: devices, floors and zones, inlets, ways to tie in."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class LocalLossDoc(TypedDict):
    """A kind of fitting in the service pipe: h = count · K · v²/2g."""

    fitting: str
    name: str
    name_en: str
    count: int
    factor: float
    loss_m: float


class BackflowDoc(TypedDict):
    hazard: str
    device: str
    name: str
    name_en: str
    dn: int
    required: bool
    headloss_m: float
    reasons: list[str]
    reasons_en: list[str]
    clause: str
    source: str
    confidence: str


class DevicesDoc(TypedDict):
    """Devices of the inlet; `deducted` tells whether their loss counts against the head at the user connection."""

    backflow: BackflowDoc
    strainer_m: float
    meter_m: float
    loss_m: float
    deducted: bool
    deducted_m: float


class BudgetDoc(TypedDict):
    """From the head at the tie-in to what is left at the site, in metres of water; every loss positive."""

    tie_in_head_m: float
    site_elevation_m: float
    friction_m: float
    local_m: float
    at_connection_m: float
    meter_m: float
    backflow_m: float
    strainer_m: float
    prv_m: float
    behind_devices_m: float
    deducted: bool
    deducted_m: float
    required_m: float
    margin_m: float


class FloorDoc(TypedDict):
    """
    One storey: head asked for at the connection, head there is, and what is left at its fixtures.

    `fixture_pressure_mpa` may fall below nothing, `pressure_mpa` is the same held at 0; fixtures need `needed_mpa`.
    """

    floor: int
    required_head_m: float
    available_head_m: float
    fixture_pressure_mpa: float
    pressure_mpa: float
    needed_mpa: float
    static_pressure_mpa: float | None
    mode: str
    reduce: bool


class ZoneDoc(TypedDict):
    """Storeys supplied alike; `lift_m` is the head a pump must add above what the main gives."""

    zone: int
    from_floor: int
    to_floor: int
    mode: str
    lift_m: float
    head_at_base_m: float
    static_pressure_mpa: float | None
    reduce: bool
    text: str
    text_en: str


class EquipmentDoc(TypedDict):
    """What the building needs besides the service pipe: booster, break tank or fire tank, with its size."""

    kind: str
    name: str
    name_en: str
    flow_lps: float | None
    head_m: float | None
    volume_m3: float | None
    reason: str
    reason_en: str
    clause: str
    confidence: str


class SupplyModeDoc(TypedDict):
    """Which storeys the main supplies at the lowest pressure of the peak hour, and how the others are."""

    mode: str
    text: str
    text_en: str
    storey_height_m: float
    available_head_m: float
    static_head_m: float | None
    direct_floors: int
    floors: list[FloorDoc]
    zones: list[ZoneDoc]
    equipment: list[EquipmentDoc]
    source: str
    confidence: str


class SecondInletDoc(TypedDict):
    """The second inlet in the shapes the option itself has; `quote_net_cny` is its share of the quote without fees."""

    kind: str
    tapoff_id: str | None
    pipe_id: str | None
    pipe_dn: int
    route_length_m: float
    position: list[float]
    feasible: NotRequired[bool]
    connection: NotRequired[Any]
    route: NotRequired[Any]
    works: NotRequired[Any]
    service_pipe: NotRequired[Any]
    meter: NotRequired[Any]
    backflow: NotRequired[BackflowDoc | None]
    budget: NotRequired[BudgetDoc]
    tie_in_pressure_after_mpa: NotRequired[float]
    site_pressure_after_mpa: NotRequired[float]
    margin_m: NotRequired[float]
    outage: NotRequired[Any]
    findings: NotRequired[list[Any]]
    assemblies: NotRequired[list[Any]]
    permits: NotRequired[list[Any]]
    quote_net_cny: NotRequired[str]


class InletsDoc(TypedDict):
    """How many inlets are needed and from where the second one comes; null where none was found."""

    required: int
    reasons: list[str]
    reasons_en: list[str]
    second: SecondInletDoc | None


class TieInMethodDoc(TypedDict):
    """A way to tie in: whether it is allowed and chosen, why, and what its outage takes from others."""

    method: str
    name: str
    name_en: str
    allowed: bool
    chosen: bool
    outage: bool
    reason: str
    reason_en: str
    valves_to_close: int | None
    customers_out: int | None
