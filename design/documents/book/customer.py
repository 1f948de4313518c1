"""The customer's page: can you get water, from where, what you pay, how long, what to bring; in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.book.data import headings
from design.documents.book.money import money
from design.documents.figures import figure
from design.documents.reading import chosen_option
from design.documents.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.wire.scheme import FixDoc, OptionDoc, SchemeDoc
    from gis.messages import Language

Rows = list[list[str]]
REASONS_SHOWN = 3


def customer_data(scheme: SchemeDoc, language: Language, *, contact: str) -> dict[str, Any]:
    """All that templates/customer.typ shows; `contact` is the utility's own line, empty where none is set."""
    words = Words(language)
    option, made = chosen_option(scheme), scheme["provenance"]
    return {
        "language": language,
        "words": headings(words),
        "name": scheme["name"] or scheme["id"],
        "feasible": scheme["feasible"],
        "verdict": words("customer-yes" if scheme["feasible"] else "customer-no"),
        "synthetic": made["synthetic"],
        "answers": _answers(scheme, option, words),
        "prices": _prices(option, words) if option and scheme["feasible"] else [],
        "bring": [words(f"customer-bring-{number}") for number in (1, 2, 3, 4)],
        "contact": contact or words("customer-contact-none"),
        "small": words("customer-small", date=made["created"][:10], id=scheme["id"]),
        "footer": " · ".join([scheme["id"], made["network_version"], made["prices"]]),
    }


def _answers(scheme: SchemeDoc, option: OptionDoc | None, words: Words) -> Rows:
    if option is None or not scheme["feasible"]:
        answer = [words("customer-can"), words("customer-no-text", reasons=_why_not(scheme, option, words))]
        fixes = (scheme.get("fixes") or [])[:1]
        return [answer, *([words("customer-fix"), _fix(fix, words)] for fix in fixes)]
    return [
        [words("customer-can"), _yes(option, words)],
        [words("customer-where"), _where(option, words)],
        [words("customer-cost"), _cost(option, words)],
        [words("customer-days"), _days(option, words)],
    ]


def _fix(fix: FixDoc, words: Words) -> str:
    """The cheapest way to make it possible, with all it takes."""
    return words(
        "customer-fix-text", what=words.text(fix, "what").rstrip("。."), total=money(fix["total_cny"])
    )


def _yes(option: OptionDoc, words: Words) -> str:
    storeys: Any = next(
        (
            f["limit"]
            for f in option["findings"]
            if f["rule"] == "direct-supply-storeys" and f["verdict"] != "pass"
        ),
        None,
    )
    told = (
        words("customer-storeys-all")
        if storeys is None
        else words("customer-storeys-some", storeys=f"{storeys:.0f}")
    )
    return words(
        "customer-yes-text", after=figure(option["check"]["site_pressure_after_mpa"], "MPa"), storeys=told
    )


def _why_not(scheme: SchemeDoc, option: OptionDoc | None, words: Words) -> str:
    if option is None:
        entries: list[Mapping[str, Any]] = list(scheme["rejected"][:REASONS_SHOWN])
        return "; ".join(words.text(entry, "reason") for entry in entries) or words("none")
    failed = [words.text(f, "text") for f in option["findings"] if f["verdict"] == "fail"]
    return "; ".join(failed[:REASONS_SHOWN]) or words("none")


def _where(option: OptionDoc, words: Words) -> str:
    roads = [run.get("road_name") for run in option["route"]["surfaces"] if run.get("road_name")]
    told = {
        "main": option["connection"]["pipe_dn"], "dn": option["service_pipe"]["dn"], "meter": option["meter"]["dn"],
        "length": f"{option['route']['length_m']:.0f}",
    }  # fmt: skip
    return (
        words("customer-where-text", road=roads[0], **told) if roads else words("customer-where-near", **told)
    )


def _cost(option: OptionDoc, words: Words) -> str:
    quote = option["quote"]
    free = float(quote["customer_total_cny"]) == 0.0
    return words(
        "customer-free-text" if free else "customer-cost-text", customer=money(quote["customer_total_cny"]),
        utility=money(quote["utility_total_cny"]),
    )  # fmt: skip


def _days(option: OptionDoc, words: Words) -> str:
    permits = ", ".join(words.text(p, "name") for p in option["permits"])
    if not permits:
        return words("customer-days-plain", days=option["workdays"])
    return words(
        "customer-days-text",
        days=option["workdays"],
        permits=permits if words.language == "en" else permits.replace(", ", "、"),
    )


def _prices(option: OptionDoc, words: Words) -> Rows:
    quote = option["quote"]
    return [
        [words("customer-you"), money(quote["customer_total_cny"])],
        [words("customer-we"), money(quote["utility_total_cny"])],
        [words("customer-days-head"), str(option["workdays"])],
    ]
