"""What a request asks of pipe, meter and policy, turned into rules of that one scheme, with the request as their source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from design.errors import RequestError
from design.sizing.series import all_sizes
from gis.messages import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from design.request import ConnectionRequest
    from design.rules.ruleset import RuleSet

_SERIES_DN_MAX = 9999


def rules_as_asked(request: ConnectionRequest, rules: RuleSet) -> RuleSet:
    """
    Rules with the switches, series and limits of a request.

    Raises
    ------
    RequestError
        `series-material`: series and material do not go together.
    """
    values, tables = dict(rules.values), dict(rules.tables)
    source = Text("design", "override.asked").render("zh")

    def put(rule_id: str, value: float | None) -> None:
        if value is not None:
            old = values[rule_id]
            values[rule_id] = replace(old, value=value, source=f"{source}；{old.source}")

    put("deduct-meter-loss", request.deduct_devices)
    put("meter-passes-fire", request.meter.passes_fire)
    asked = request.service
    put("service-loss-max", asked.max_headloss_m)
    put("local-loss-by-fitting", None if asked.local_loss is None else asked.local_loss == "fittings")
    if asked.series or asked.material:
        table = tables["service-series"]
        tables["service-series"] = replace(table, rows=_series_rows(request, rules), source=source)
    if asked.max_velocity_mps is not None:
        table = tables["service-velocity"]
        limit = asked.max_velocity_mps
        rows = tuple({**row, "velocity_mps": min(float(row["velocity_mps"]), limit)} for row in table.rows)
        tables["service-velocity"] = replace(table, rows=rows, source=f"{source}；{table.source}")
    return replace(rules, values=values, tables=tables)


def _series_rows(request: ConnectionRequest, rules: RuleSet) -> tuple[Mapping[str, Any], ...]:
    """The one series that was asked for, or the usual one of a material."""
    asked = request.service
    row = rules.table("material-series").row("material", asked.material)
    series = asked.series or (str(row["series"]) if row else "")
    materials = {size.material for size in all_sizes() if size.series == series}
    if not materials or (asked.material and asked.material not in materials):
        raise RequestError(
            "series-material", field="service.series", series=series or "—", material=asked.material or "—"
        )
    return ({"series": series, "dn_min": 0, "dn_max": _SERIES_DN_MAX},)
