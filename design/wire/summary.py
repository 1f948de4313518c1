"""The scheme in one sentence: can the site be supplied, from where, at what pressure, for how much; else what fails and by how much."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gis.messages import Text
from gis.units import mpa_from_head_m

if TYPE_CHECKING:
    from design.option import SchemeOption
    from design.points import ConnectionPoint
    from design.scheme import ConnectionScheme
    from gis.errors import Param
    from gis.messages import Language

_BETWEEN = {"zh": "；", "en": "; "}


def summary_of(scheme: ConnectionScheme, language: Language) -> str:
    """Give the sentence of a scheme's first option."""
    best = scheme.options[0]
    failed = [one.text.render(language) for one in best.findings if one.verdict == "fail"]
    told: dict[str, Param | Text] = {
        "where": _named(best.point), "dn": best.service.dn, "length_m": f"{best.routed.route.length_m:.1f}",
        "pressure_mpa": f"{mpa_from_head_m(best.site_pressure_after_m):.3f}",
        "required_mpa": f"{mpa_from_head_m(scheme.site.required_head_m):.3f}",
        "total_cny": f"{best.quote.total_cny:,}", "failed": _BETWEEN[language].join(failed) or "—",
        "shortage_m": shortage(best.margin_m), "margin_m": f"{best.margin_m:.1f}",
    }  # fmt: skip
    if best.second is not None:
        told |= _second(best, best.second)
    return Text("design", f"scheme.{_kind(best)}", told).render(language)


def shortage(margin_m: float) -> str:
    """
    Missing head [m] of a negative margin, rounded up: what fails never reads as lacking nothing.

    The margin is taken to the millimetre, so that a last binary digit asks for no decimetre more.
    """
    lacking_m = round(max(-margin_m, 0.0), 3)
    return f"{math.ceil(round(lacking_m * 10.0, 2)) / 10.0:.1f}"


def _kind(best: SchemeOption) -> str:
    """Which sentence: what fails decides, the first inlet's pressure before the second inlet, before all the rest."""
    if best.feasible:
        return "feasible"
    if best.margin_m < 0.0:
        return "infeasible"
    counts = any(one.verdict == "fail" and one.text.key == "finding.second-inlet" for one in best.findings)
    if best.second is None or not counts:
        return "infeasible-checks"
    return "infeasible-second" if best.second.margin_m < 0.0 else "infeasible-second-checks"


def _second(first: SchemeOption, second: SchemeOption) -> dict[str, Param | Text]:
    """What the second inlet gives alone, while the main of the first is shut."""
    return {
        "main": first.point.pipe_id or _named(first.point), "second_where": _named(second.point),
        "second_dn": second.service.dn, "second_length_m": f"{second.routed.route.length_m:.1f}",
        "second_mpa": f"{mpa_from_head_m(second.site_pressure_after_m):.3f}",
        "second_short_m": shortage(second.margin_m),
    }  # fmt: skip


def _named(point: ConnectionPoint) -> str:
    return str(point.tapoff_id if point.kind == "tapoff" else point.pipe_id)
