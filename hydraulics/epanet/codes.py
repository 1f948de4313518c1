"""The numbers by which EPANET 2.2 names its values, options and states (epanet2_enums.h, types.h)."""

from __future__ import annotations

from enum import IntEnum


class NodeValue(IntEnum):
    """What can be read of a node (EN_NodeProperty)."""

    ELEVATION = 0
    EMITTER = 3
    TANK_LEVEL = 8
    DEMAND = 9
    HEAD = 10
    TANK_DIAMETER = 17
    MIN_LEVEL = 20
    MAX_LEVEL = 21
    CAN_OVERFLOW = 26


class LinkValue(IntEnum):
    """What can be read of a link (EN_LinkProperty)."""

    DIAMETER = 0
    LENGTH = 1
    ROUGHNESS = 2
    MINOR_LOSS = 3
    INITIAL_STATUS = 4
    INITIAL_SETTING = 5
    FLOW = 8
    STATUS = 11
    SETTING = 12
    STATE = 16  # EN_PUMP_STATE gives the raw state of every link, not of pumps only
    PUMP_POWER = 18


class State(IntEnum):
    """Raw link states of the solver (types.h of EPANET 2.2)."""

    PUMP_OFF_CURVE = 0
    SHUT_BY_TANK = 1
    CLOSED = 2
    OPEN = 3
    ACTIVE = 4
    PUMP_BEYOND_CURVE = 5
    FLOW_NOT_HELD = 6
    PRESSURE_NOT_HELD = 7


class Warned(IntEnum):
    """What EN_runH warns of when it has an answer all the same."""

    UNBALANCED = 1
    UNSTABLE = 2
    CUT_OFF = 3
    PUMPS = 4
    VALVES = 5
    NEGATIVE = 6


class LinkKind(IntEnum):
    """EN_LinkType."""

    CHECK_VALVE_PIPE = 0
    PIPE = 1
    PUMP = 2
    PRV = 3
    PSV = 4
    PBV = 5
    FCV = 6
    TCV = 7
    GPV = 8


class Option(IntEnum):
    """EN_Option."""

    TRIALS = 0
    ACCURACY = 1
    EMITTER_EXPONENT = 3
    DEMAND_MULTIPLIER = 4
    HEAD_ERROR = 5
    HEADLOSS_FORM = 7
    SPECIFIC_GRAVITY = 12
    VISCOSITY = 13
    CHECK_FREQUENCY = 15
    MAX_CHECK = 16
    DAMP_LIMIT = 17


class TimeValue(IntEnum):
    """EN_TimeParameter."""

    DURATION = 0
    HYDRAULIC_STEP = 1
    PATTERN_STEP = 3
    PATTERN_START = 4
    NOW = 11  # EN_HTIME


class Statistic(IntEnum):
    """EN_AnalysisStatistic."""

    ITERATIONS = 0
    RELATIVE_ERROR = 1


class Count(IntEnum):
    """EN_CountType."""

    NODES = 0
    TANKS = 1
    LINKS = 2
    PATTERNS = 3
    CURVES = 4
    CONTROLS = 5
    RULES = 6


class FlowUnits(IntEnum):
    """EN_FlowUnits; those before LPS bring feet, psi and horsepower with them."""

    CFS = 0
    GPM = 1
    MGD = 2
    IMGD = 3
    AFD = 4
    LPS = 5
    LPM = 6
    MLD = 7
    CMH = 8
    CMD = 9

    @property
    def is_us_customary(self) -> bool:
        """Say whether lengths are in feet."""
        return self < FlowUnits.LPS

    @property
    def lps_factor(self) -> float:
        """Litres a second of one unit, with EPANET's own rounded constants so that nothing is lost there and back."""
        return _PER_CFS[FlowUnits.LPS] / _PER_CFS[self]


_PER_CFS = {
    FlowUnits.CFS: 1.0, FlowUnits.GPM: 448.831, FlowUnits.MGD: 0.64632, FlowUnits.IMGD: 0.5382,
    FlowUnits.AFD: 1.9837, FlowUnits.LPS: 28.317, FlowUnits.LPM: 1699.0, FlowUnits.MLD: 2.4466,
    FlowUnits.CMH: 101.94, FlowUnits.CMD: 2446.6,
}  # fmt: skip
