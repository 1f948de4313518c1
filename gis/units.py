"""Conversions between SI (inside) and what paper and people use (at the edges)."""

from __future__ import annotations

GRAVITY_KPA_PER_M = 9.80665  # rho * g for water; engineering-reference section 0: compare in kPa
SECONDS_PER_HOUR = 3600.0
SECONDS_PER_DAY = 86400.0


def mpa_from_head_m(head_m: float) -> float:
    """
    Pressure of a water column [MPa].

    >>> round(mpa_from_head_m(14.276), 4)
    0.14
    """
    return head_m * GRAVITY_KPA_PER_M / 1000.0


def head_m_from_mpa(pressure_mpa: float) -> float:
    """
    Water column of a pressure [m].

    >>> round(head_m_from_mpa(0.14), 3)
    14.276
    """
    return pressure_mpa * 1000.0 / GRAVITY_KPA_PER_M


def lps_from_m3s(flow_m3s: float) -> float:
    """Litres per second."""
    return flow_m3s * 1000.0


def m3s_from_lps(flow_lps: float) -> float:
    """Cubic metres per second."""
    return flow_lps / 1000.0


def m3h_from_m3s(flow_m3s: float) -> float:
    """Cubic metres per hour."""
    return flow_m3s * SECONDS_PER_HOUR


def m_from_mm(length_mm: float) -> float:
    """Metres."""
    return length_mm / 1000.0


def mm_from_m(length_m: float) -> float:
    """Millimetres."""
    return length_m * 1000.0
