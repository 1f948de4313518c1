"""The drawing sheets of the book in order: plan, profile, node details, each with its number, title, scale and paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.book.front import crs_words
from design.documents.draft.details import detail_sheets
from design.documents.draft.profile import profile_sheets
from design.documents.draft.scales import chainage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.documents.pictures import PlanPicture
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc, SchemeDoc


def sheet_rows(
    scheme: SchemeDoc, option: OptionDoc | None, words: Words, plans: Sequence[PlanPicture]
) -> list[dict[str, Any]]:
    """Title, number, scale and paper of every sheet; `plan` names its picture, `draft` is its drawing."""
    found = [
        _row(plan_title(words, plan.sheet, plan.sheets, plan.span_m, inlet=plan.inlet), plan.paper, f"1:{plan.scale}", plan=f"plan-{n}")
        for n, plan in enumerate(plans)
    ]  # fmt: skip
    if option is not None:
        found += [
            _row(
                profile.title, profile.sheet.paper, f"1:{profile.sheet.scale}", draft=profile.draft.document()
            )
            for profile in profile_sheets(option, words)
        ]
        found += [
            _row(words("drawing-details"), paper, words("as-shown"), draft=draft.document())
            for draft, paper in detail_sheets(option, words)
        ]
    for number, row in enumerate(found, 1):
        row |= {"number": f"{scheme['id']}-{number:02d}", "count": len(found), "at": number}
    return found


def plan_title(words: Words, sheet: int, sheets: int, span_m: tuple[float, float], *, inlet: int = 0) -> str:
    """Title of a plan sheet; of a long route with its match number and chainages, of a second inlet with its name."""
    if sheets < 2:
        return words("section-plan")
    if sheet == 0:
        return words("drawing-key-plan", count=sheets)
    mark = f"{words('second-inlet')} · " if inlet else ""
    return mark + words(
        "drawing-plan-part", number=sheet, count=sheets, start=chainage(span_m[0]), end=chainage(span_m[1])
    )


def shortened(text: str, *, most: int) -> str:
    """
    A name for a place where only so many signs stand, with a mark where it goes on; the cover has it whole.

    >>> shortened("某市第一人民医院", most=6), shortened("医院", most=6)
    ('某市第一人…', '医院')
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def title_block(scheme: SchemeDoc, words: Words) -> dict[str, str]:
    """What the strip of every sheet tells alike."""
    made = scheme["provenance"]
    return {
        "project": shortened(scheme["name"] or scheme["id"], most=90), "crs": crs_words(scheme, words), "version": made["network_version"],
        "date": made["created"][:10], "scheme": scheme["id"],
    }  # fmt: skip


def _row(
    title: str, paper: str, scale: str, *, plan: str = "", draft: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"title": title, "paper": paper, "scale": scale, "plan": plan, "draft": draft}
