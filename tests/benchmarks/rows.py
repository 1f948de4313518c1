"""Rows of the table of figures: what, size, ours, rival, the bar that must be met."""

from __future__ import annotations

import numpy as np


def row(what, size, ours_s, *, bar_s=None, rival_s=None, bar_ratio=None, **more):
    """One figure; `more` goes into the history beside it."""
    ratio = None if rival_s is None else rival_s / ours_s
    met = (
        None
        if bar_s is None and bar_ratio is None
        else (bar_s is None or ours_s <= bar_s) and (bar_ratio is None or ratio >= bar_ratio)
    )
    bars = [f"<= {bar_s} s"] * (bar_s is not None) + [f">= {bar_ratio}x"] * (bar_ratio is not None)
    return {
        "what": what, "size": size, "ours_s": ours_s, "rival_s": rival_s, "ratio": ratio, "bar": ", ".join(bars),
        "met": met, **more,
    }  # fmt: skip


def limited(what, size, figure, *, unit, most=None, **more):
    """A figure that is no time, such as memory or a ratio of two of ours: it stands in the column of its own unit."""
    return {
        "what": what, "size": size, "ours_s": None, "figure": round(figure, 3), "unit": unit, "rival_s": None,
        "ratio": None, "bar": "" if most is None else f"<= {most} {unit}",
        "met": None if most is None else figure <= most, **more,
    }  # fmt: skip


def percentile(seconds, share) -> float:
    """Percentile of seconds."""
    return float(np.percentile(seconds, share))
