"""What accepted schemes hold: how long, at which place of the model, and how that is told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gis.claims.events import Claim
from gis.files.shipped import shipped_table
from gis.units import m3s_from_lps
from hydraulics.results import TieIn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.claims.standing import SchemeStanding


@dataclass(frozen=True)
class Terms:
    """How long a reservation holds, and how near a claim must find a main again: data/life.toml."""

    default_days: int
    longest_days: int
    found_again_m: float


@cache
def reservation_terms() -> Terms:
    """The shipped terms."""
    table = shipped_table("design", "life.toml")
    return Terms(**table["reservation"])


@dataclass(frozen=True)
class Reservation:
    """An accepted scheme that is not built yet: who, until when, and what it takes."""

    scheme_id: str
    name: str
    until: str | None
    claim: Claim

    @property
    def tie_in(self) -> TieIn:
        """Where its water will leave the model."""
        return tie_in_of(self.claim)

    def doc(self) -> dict[str, Any]:
        """As provenance carries it: enough to compute with again."""
        claim = self.claim
        return {
            "scheme_id": self.scheme_id, "name": self.name, "until": self.until, "kind": claim.kind,
            "tapoff_id": claim.tapoff_id, "node_id": claim.node_id, "pipe_id": claim.pipe_id,
            "fraction": claim.fraction, "flow_lps": round(claim.flow_m3s * 1000.0, 6),
            "needed_head_m": claim.needed_head_m, "position": list(claim.position),
        }  # fmt: skip


def reservation_of(standing: SchemeStanding) -> Reservation | None:
    """What a live scheme holds; None for one that tells no claim."""
    if standing.claim is None:
        return None
    name = str((standing.about or {}).get("name") or "")
    return Reservation(standing.scheme_id, name, standing.until, standing.claim)


def reservation_from(document: Mapping[str, Any]) -> Reservation:
    """Give a reservation as provenance carries it back; KeyError, TypeError or ValueError where it does not."""
    x, y = document["position"]
    head = document["needed_head_m"]
    claim = Claim(
        document["kind"], document["tapoff_id"], document["pipe_id"], document["node_id"],
        float(document["fraction"]), m3s_from_lps(float(document["flow_lps"])),
        None if head is None else float(head), (float(x), float(y)),
    )  # fmt: skip
    return Reservation(document["scheme_id"], document["name"], document["until"], claim)


def claims_of(scheme: Mapping[str, Any]) -> tuple[Claim, ...]:
    """
    What each option of a scheme document would take, in order of rank.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is no scheme document.
    """
    flow_m3s = m3s_from_lps(float(scheme["demand"]["design_flow_lps"]))
    return tuple(
        _claim(option, flow_m3s) for option in sorted(scheme["options"], key=lambda one: one["rank"])
    )


def _claim(option: Mapping[str, Any], flow_m3s: float) -> Claim:
    place, check = option["connection"], option["check"]
    x, y = place["position"]
    second = (option.get("inlets") or {}).get("second") or {}
    needed_m = float(check["tie_in_head_after_m"]) - float(check["margin_m"])
    return Claim(
        place["kind"], place["tapoff_id"], place["pipe_id"], place["node_id"], float(place["fraction"]),
        flow_m3s, round(needed_m, 4), (float(x), float(y)), second.get("tapoff_id"),
    )  # fmt: skip


def tie_in_of(claim: Claim) -> TieIn:
    """Where a claim's water leaves the model."""
    if claim.node_id is not None:
        return TieIn(node_id=claim.node_id)
    return TieIn(pipe_id=claim.pipe_id, fraction=claim.fraction)
