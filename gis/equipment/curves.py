"""Curves as one text: `0:60;50:52;80:40`, flow in L/s before the colon, head in m after it."""

from __future__ import annotations

import math
import re
import unicodedata
from itertools import pairwise

Curve = tuple[tuple[float, float], ...]
_LEAST_M, _STEEPEST = 1e-4, 20.0  # EPANET's own bounds of a pump law through three points


def curve_of(text: object) -> Curve | None:
    """
    Give the points of a curve by flow [L/s, m]; None for a text that is none.

    >>> curve_of("０：60；50 : 52"), curve_of("60 m"), curve_of(None)
    (((0.0, 60.0), (50.0, 52.0)), None, None)
    """
    if not isinstance(text, str) or not text.strip():
        return None
    plain = unicodedata.normalize("NFKC", text)
    found: list[tuple[float, float]] = []
    for part in re.split(r"[;\n|]+", plain.strip().strip(";|")):
        words = re.split(r"[:,\s]+", part.strip())
        try:
            flow_lps, head_m = (float(word) for word in words)
        except ValueError:
            return None
        if not (math.isfinite(flow_lps) and math.isfinite(head_m) and flow_lps >= 0.0):
            return None
        found.append((flow_lps, head_m))
    rising = all(one[0] < other[0] for one, other in pairwise(found))
    return tuple(found) if rising else None


def is_pump_curve(curve: Curve) -> bool:
    """Say whether EPANET can make a pump law of it: lift falls as flow grows, three points bend as a pump's do."""
    if any(head_m <= 0.0 for _, head_m in curve[:1]) or (len(curve) == 1 and curve[0][0] <= 0.0):
        return False
    if any(other[1] >= one[1] for one, other in pairwise(curve)):
        return False
    if len(curve) != 3 or curve[0][0] > 0.0:
        return True
    (_, shut_off_m), (flow_lps, head_m), (most_lps, least_m) = curve
    lost_m, most_lost_m = shut_off_m - head_m, shut_off_m - least_m
    if lost_m < _LEAST_M or most_lost_m <= lost_m:
        return False
    return 0.0 < math.log(most_lost_m / lost_m) / math.log(most_lps / flow_lps) <= _STEEPEST


def curve_text(curve: Curve) -> str:
    """Give the text of a curve, with all digits."""
    return ";".join(f"{flow_lps!r}:{head_m!r}" for flow_lps, head_m in curve)
