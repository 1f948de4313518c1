"""The jobs of the import page: suggest a mapping, check, and import, each done by the reading process of the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.intake.drafts import MAPPING

if TYPE_CHECKING:
    from api.intake.drafts import Draft, Drafts
    from api.intake.workers import Workers
    from gis.progress import Progress

KIND = "import"
# What a task leaves in the record of the draft.
LEAVES = {"suggest": "suggestion", "check": "check", "publish": "result"}


def question(draft: Draft, task: str, **more: Any) -> dict[str, Any]:
    """Give what the reading process is asked."""
    return {"task": task, "sources": str(draft.sources), "mapping": MAPPING, "title": draft.title(), **more}


def run_import(
    drafts: Drafts, workers: Workers, *, request: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """Do one task of a draft and keep what it gave; done twice it leaves the same, for a version is its content."""
    draft = drafts.find(request["draft"])
    asked = question(draft, request["task"], by=request.get("by"), accepted=request.get("accepted"))
    answer = workers.of(draft.draft_id).ask(asked, progress=progress)
    drafts.keep(draft, LEAVES[request["task"]], answer)
    return {"draft_id": draft.draft_id}
