"""The standing list: what people decided about pipes, merged with each new assessment and never lost by it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, cast

from design.errors import RequestError
from design.renewal.reports.labels import text_pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from design.renewal.assessment.condition import Assessment

DecisionKind = Literal["pin", "defer", "dismiss", "none"]
State = Literal["open", "pinned", "deferred", "returned", "dismissed"]
DECISION_KINDS: tuple[DecisionKind, ...] = ("pin", "defer", "dismiss", "none")


@dataclass(frozen=True)
class Stage:
    """One stage of a renewal project and the stages that may follow it."""

    code: str
    label_zh: str
    label_en: str
    following: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """
    What a person decided about one pipe.

    `defer` has the day it comes back in `until`, `dismiss` its reason; `none` only carries a stage.
    """

    kind: DecisionKind = "none"
    reason: str = ""
    until: date | None = None
    by: str = ""
    decided_on: date | None = None
    stage: str = "candidate"


@dataclass(frozen=True)
class StandingEntry:
    """
    One pipe of the standing list.

    Attributes
    ----------
    state
        `open`, `pinned`, `deferred` (until its day), `returned` (deferred, now due again) or `dismissed`.
    certainty
        Of the new assessment; `none` where it no longer lists the pipe, `gone` where the pipe is no longer in service.
    listed
        Whether the new assessment lists the pipe.
    rank
        Place in the assessment's order, from 1; None where it does not list the pipe.
    """

    pipe_id: str
    state: State
    certainty: str
    listed: bool
    rank: int | None
    decision: Decision | None
    stage: str


@cache
def stages() -> dict[str, Stage]:
    """Stages by code, in order (data/renewal/stages.csv)."""
    with files("design").joinpath("data", "renewal", "stages.csv").open(encoding="utf-8") as stream:
        return {
            row["code"]: Stage(
                row["code"], row["label_zh"], row["label_en"], tuple(filter(None, row["next"].split("|")))
            )
            for row in csv.DictReader(stream)
        }


def parse_decision(pipe_id: str, document: Mapping[str, Any], *, before: Decision | None = None) -> Decision:
    """
    A decision from its document: kind, reason, until, by, decided_on, stage; what is not given stays as `before`.

    Raises
    ------
    RequestError
        Unknown kind, dismissal without a reason, deferral without a day, or a stage that may not follow the present one.
    """
    old = before or Decision()
    kind = document.get("kind", old.kind)
    if kind not in DECISION_KINDS:
        raise RequestError(
            "renewal-decision-kind", pipe_id=pipe_id, kind=str(kind), allowed=" | ".join(DECISION_KINDS)
        )
    reason = str(document.get("reason") or "").strip()
    if kind == "dismiss" and not reason:
        raise RequestError("renewal-decision-reason", pipe_id=pipe_id)
    until = _day(document.get("until"), pipe_id)
    if kind == "defer" and until is None:
        raise RequestError("renewal-decision-until", pipe_id=pipe_id)
    stage = str(document.get("stage", old.stage))
    if stage != old.stage:
        check_transition(pipe_id, old.stage, stage)
    decided_on = _day(document.get("decided_on"), pipe_id)
    return Decision(
        cast("DecisionKind", kind), reason, until, str(document.get("by") or ""), decided_on, stage
    )


def _day(value: Any, pipe_id: str) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise RequestError("renewal-decision-until", pipe_id=pipe_id) from None


def check_transition(pipe_id: str, stage: str, target: str) -> None:
    """Refuse a stage that does not exist or may not follow the present one, by RequestError."""
    for code in (stage, target):
        if code not in stages():
            raise RequestError("renewal-stage-unknown", stage=code, allowed=" | ".join(stages()))
    following = stages()[stage].following
    if target not in following:
        allowed = "、".join(stages()[code].label_zh for code in following) or "—"
        raise RequestError(
            "renewal-stage", pipe_id=pipe_id, stage=stages()[stage].label_zh, target=stages()[target].label_zh,
            allowed=allowed,
        )  # fmt: skip


def apply_decisions(assessment: Assessment, decisions: Mapping[str, Decision]) -> list[StandingEntry]:
    """
    The standing list: pinned pipes, the others in the assessment's order, then deferred and dismissed ones.

    Every decision is in the result exactly once, so none is lost when an assessment no longer lists its pipe.
    """
    entries = [*_listed(assessment, decisions), *_unlisted(assessment, decisions)]
    order = {"pinned": 0, "returned": 1, "open": 1, "deferred": 2, "dismissed": 3}
    return sorted(entries, key=lambda e: (order[e.state], e.rank is None, e.rank or 0, e.pipe_id))


def _listed(assessment: Assessment, decisions: Mapping[str, Decision]) -> Iterator[StandingEntry]:
    listed = assessment.candidates()
    rows = zip(listed["pipe_id"], listed["certainty"], strict=True)
    for rank, (pipe_id, certainty) in enumerate(rows, start=1):
        decision = decisions.get(pipe_id)
        yield StandingEntry(
            pipe_id, _state(decision, assessment.on), certainty, True, rank, decision, _stage(decision)
        )


def _unlisted(assessment: Assessment, decisions: Mapping[str, Decision]) -> Iterator[StandingEntry]:
    listed = set(assessment.candidates()["pipe_id"])
    certainties = dict(zip(assessment.pipes["pipe_id"], assessment.pipes["certainty"], strict=True))
    for pipe_id, decision in decisions.items():
        if pipe_id not in listed:
            certainty = certainties.get(pipe_id, "gone")
            state = _state(decision, assessment.on)
            yield StandingEntry(pipe_id, state, certainty, False, None, decision, _stage(decision))


def _stage(decision: Decision | None) -> str:
    return decision.stage if decision else "candidate"


def _state(decision: Decision | None, on: date) -> State:
    if decision is None or decision.kind == "none":
        return "open"
    if decision.kind == "defer":
        return "deferred" if decision.until is None or on < decision.until else "returned"
    return "pinned" if decision.kind == "pin" else "dismissed"


def standing_rows(entries: list[StandingEntry]) -> list[dict[str, Any]]:
    """The standing list as JSON-able rows with labels in both languages."""
    return [_row(entry) for entry in entries]


def _row(entry: StandingEntry) -> dict[str, Any]:
    decision, stage = entry.decision, stages()[entry.stage]
    state_zh, state_en = text_pair(f"standing.{entry.state}")
    return {
        "pipe_id": entry.pipe_id, "state": entry.state, "state_zh": state_zh, "state_en": state_en,
        "certainty": entry.certainty, "listed": entry.listed, "rank": entry.rank, "stage": entry.stage,
        "stage_zh": stage.label_zh, "stage_en": stage.label_en, "decision": decision and decision_document(decision),
    }  # fmt: skip


def decision_document(decision: Decision) -> dict[str, Any]:
    """A decision as `parse_decision` reads it."""
    return {
        "kind": decision.kind, "reason": decision.reason,
        "until": decision.until and decision.until.isoformat(), "by": decision.by,
        "decided_on": decision.decided_on and decision.decided_on.isoformat(), "stage": decision.stage,
    }  # fmt: skip
