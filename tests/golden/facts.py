"""The stable facts of a scheme: verdict, tie-in, sizes, pressures, sums, findings, drawings."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def facts_of(scheme: dict[str, Any]) -> dict[str, Any]:
    """What is compared, rounded to what can be read off the documents."""
    option = scheme["options"][0]
    tie, pipe, meter, check, quote = (
        option[key] for key in ("connection", "service_pipe", "meter", "check", "quote")
    )
    return {
        "feasible": scheme["feasible"],
        "flow_lps": round(scheme["demand"]["design_flow_lps"], 2),
        "tie": f"{tie['kind']} {tie['tapoff_id'] or tie['pipe_id']} {tie['method']} on DN{tie['pipe_dn']}",
        "pipe": pipe["series"],
        "length_m": round(option["route"]["length_m"], 1),
        "velocity_mps": round(pipe["velocity_mps"], 2),
        "meter": f"DN{meter['dn']} Q3 {meter['q3_m3h']:g}",
        "pressure_mpa": [_half_up(check[f"site_pressure_{key}_mpa"]) for key in ("before", "after")],
        "margin_m": round(check["margin_m"], 1),
        "sums_cny": [
            quote[key] for key in ("net_cny", "total_cny", "customer_total_cny", "utility_total_cny")
        ],
        "workdays": option["workdays"],
        "fail": sorted(f["rule"] for f in option["findings"] if f["verdict"] == "fail"),
        "warn": sorted(f["rule"] for f in option["findings"] if f["verdict"] == "warn"),
        "permits": sorted(p["kind"] for p in option["permits"]),
        "details": sorted({a["code"] for a in option["assemblies"]}),
    }


def _half_up(value: float) -> float:
    """Three places as they are printed: 0.2955 is 0.296."""
    return float(Decimal(str(value)).quantize(Decimal("0.001"), ROUND_HALF_UP))


def kept(group: str) -> dict[str, Any]:
    """The reviewed facts of a group of sites."""
    return dict(json.loads((HERE / f"{group}.json").read_text(encoding="utf-8")))


def keep(group: str, facts: dict[str, Any]) -> None:
    """Write the facts of a group, one site a block."""
    blocks = []
    for name, told in sorted(facts.items()):
        lines = [
            f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in told.items()
        ]
        blocks.append(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n }")
    (HERE / f"{group}.json").write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")
