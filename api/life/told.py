"""How a scheme and its events are told: the documents of the command line and of the HTTP API."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.claims.events import Claim, SchemeEvent
    from gis.claims.standing import SchemeStanding


def about_of(scheme: Mapping[str, Any]) -> dict[str, Any]:
    """What is noted of a scheme document beside what its options take."""
    options, provenance = scheme["options"], scheme["provenance"]
    return {
        "name": scheme["name"], "feasible": scheme["feasible"], "total_cny": options[0]["quote"]["total_cny"],
        "feasible_options": [bool(one["feasible"]) for one in options],
        "network_version": provenance["network_version"],
        "reserved": [one["scheme_id"] for one in provenance.get("reserved", [])],
        "replaces": scheme["request"].get("replaces"),
    }  # fmt: skip


def card(standing: SchemeStanding, today: dt.date) -> dict[str, Any]:
    """A scheme as it stands."""
    about, claim = standing.about or {}, standing.claim
    left = None
    if standing.is_live and standing.until is not None:
        left = (dt.date.fromisoformat(standing.until) - today).days
    return {
        "id": standing.scheme_id, "name": about.get("name") or "", "state": standing.state, "since": standing.since, "planned": standing.planned,
        "by": standing.by, "until": standing.until, "days_left": left, "option": standing.option,
        "options": len(standing.claims) or None, "feasible": about.get("feasible"), "total_cny": about.get("total_cny"),
        "network_version": about.get("network_version"), "other": standing.other, "override": standing.override,
        "claim": None if claim is None else claim_document(claim),
    }  # fmt: skip


def claim_document(claim: Claim) -> dict[str, Any]:
    """What is held of the network."""
    return {
        "kind": claim.kind, "tapoff_id": claim.tapoff_id, "pipe_id": claim.pipe_id, "node_id": claim.node_id,
        "fraction": claim.fraction, "flow_lps": round(claim.flow_m3s * 1000.0, 6), "position": list(claim.position),
    }  # fmt: skip


def event_line(event: SchemeEvent) -> dict[str, Any]:
    """An event: who, when, what and why."""
    return {
        "event_id": event.event_id, "scheme_id": event.scheme_id, "action": event.action, "day": event.day,
        "recorded": event.recorded, "by": event.by, "reason": event.reason, "until": event.until,
        "option": event.option, "other": event.other, "override": event.override,
        "claim": None if event.claim is None else claim_document(event.claim),
    }  # fmt: skip
