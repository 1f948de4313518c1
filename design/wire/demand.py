"""What the scheme document says of demand, of rules applied and of overrides: parts of design/wire/scheme.py."""

from __future__ import annotations

from typing import Literal, TypedDict

Verdict = Literal["pass", "fail", "warn"]


class Clause(TypedDict):
    """A formula that was used: what was put in, what came out, and who says so."""

    name: str
    name_en: str
    formula: str
    inputs: dict[str, float | int | str]
    value: float
    unit: str
    clause: str
    source: str
    confidence: str


class FireDoc(TypedDict):
    """Fire demand; `computed_lps` is the table's outdoor flow, null where no building was named."""

    outdoor_lps: float
    indoor_lps: float
    computed_lps: float | None
    building: str
    duration_h: float
    volume_m3: float


class InletDoc(TypedDict):
    """What the inlet carries by the way of supply: direct | boost | tank | mixed."""

    mode: str
    assumed: bool
    direct_storeys: int
    flow_lps: float
    second_flow_lps: float
    refill_lps: float


class DayPartDoc(TypedDict):
    use: str
    use_en: str
    pattern: str
    hourly_m3h: list[float]


class DayProfileDoc(TypedDict):
    """Water of the greatest day by hour, 24 figures; `peak_hour` is the hour that begins then."""

    hourly_m3h: list[float]
    day_m3: float
    peak_hour: int
    peak_m3h: float
    peak_factor: float
    least_m3h: float
    parts: list[DayPartDoc]
    source: str
    confidence: str


class DemandDoc(TypedDict):
    """`computed_flow_lps` stands beside a stated design flow, else null."""

    design_flow_lps: float
    computed_flow_lps: float | None
    peak_hour_lps: float
    max_day_m3: float
    unforeseen_m3: float
    fire_flow_lps: float
    method: str
    even_use: bool
    fire: FireDoc
    inlet: InletDoc | None
    profile: DayProfileDoc | None
    clauses: list[Clause]


class FindingDoc(TypedDict):
    """One rule applied; `kind` tells apart findings of one rule, `override` who set it aside and why, else null."""

    rule: str
    kind: str
    name: str
    name_en: str
    clause: str
    measured: float
    limit: float
    unit: str
    verdict: Verdict
    text: str
    text_en: str
    source: str
    confidence: str
    override: OverrideDoc | None


class OverrideDoc(TypedDict):
    """A rule set aside for one scheme: what it was, what it is now, why and by whom; `was` null before it is known."""

    rule: str
    value: float | None
    verdict: str | None
    was: str | None
    reason: str
    by: str
