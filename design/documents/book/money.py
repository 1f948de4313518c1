"""The quote as the book prints it: lines with who pays, sums, the one-fee list beside it when there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.english import readable
from design.documents.figures import capital_cny

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.words import Words
    from design.wire.works import QuoteDoc


def quote_data(quote: QuoteDoc, words: Words) -> dict[str, Any]:
    """Lines, sums and notes, all as strings."""
    start, end = quote["valid_from"], quote["valid_to"]
    valid = words("valid-range", start=start, end=end) if end else words("valid-open", start=start)
    return {
        "lines": [_line(line, words) for line in quote["lines"]],
        "net": money(quote["net_cny"]), "tax": money(quote["tax_cny"]), "tax_rate": _rates(quote),
        "total": money(quote["total_cny"]), "customer": money(quote["customer_total_cny"]),
        "utility": money(quote["utility_total_cny"]),
        "in_words": f"人民币{capital_cny(quote['total_cny'])}" if words.language == "zh" else "",
        "catalogue": f"{words.text(quote, 'catalogue')} · {words('valid')} {valid}",
        "note": _readable(words.text(quote, "catalogue_note"), words),
        "rounding": rounding_words(quote, words),
        "one_fee": one_fee(quote, words),
        "payers": payer_rows(quote, words),
        "policy": policy_words(quote, words),
    }  # fmt: skip


def _rates(quote: QuoteDoc) -> str:
    """The rates of tax in the quote, dearest first."""
    rates = [tax["rate"] for tax in quote.get("taxes", [])] or [quote["tax_rate"]]
    return " + ".join(percent(rate) for rate in rates)


def _line(line: Mapping[str, Any], words: Words) -> list[str]:
    """Name with its basis, the code of the standard list where it has one, figures, payer, ledger."""
    code = line["code"] if line["code"].isdigit() else ""
    return [
        words.text(line, "name"), " · ".join(part for part in (code, _readable(words.text(line, "basis"), words)) if part), line["quantity"],
        words.said(line["unit"]), money(line["price_cny"]), money(line["amount_cny"]), words(f"payer-{line['payer']}"),
        words(f"ledger-{line['ledger']}"),
    ]  # fmt: skip


def payer_rows(quote: Mapping[str, Any], words: Words) -> list[list[str]]:
    """Who bears what, without tax: a row a ledger, a column a payer."""
    told = quote.get("payers") or []
    ledgers = list(dict.fromkeys(entry["ledger"] for entry in told))
    nets = {(entry["ledger"], entry["payer"]): entry["net_cny"] for entry in told}
    return [
        [
            words(f"ledger-{ledger}"),
            *(money(nets.get((ledger, payer), "0.00")) for payer in ("customer", "utility")),
        ]
        for ledger in ledgers
    ]


def policy_words(quote: Mapping[str, Any], words: Words) -> str:
    """The policy that says who pays, and when it applies."""
    policy: Mapping[str, Any] = quote.get("policy") or {}
    return "; ".join(part for part in (words.text(policy, "title"), words.text(policy, "conditions")) if part)


def one_fee(quote: Mapping[str, Any], words: Words) -> dict[str, str] | None:
    """The lump sum of the one-fee list and how far the quote is from it; None when the scheme has none."""
    told: Mapping[str, Any] | None = quote.get("one_fee")
    if not isinstance(told, dict) or not told.get("total_cny"):
        return None
    return {
        "name": words.text(told, "name") or words("one-fee"), "total": money(str(told["total_cny"])),
        "difference": money(str(told["difference_cny"])) if told.get("difference_cny") is not None else "—",
        "basis": words.text(told, "basis") or words.text(told, "text"),
    }  # fmt: skip


def money(amount: str) -> str:
    """
    An amount with its thousands apart; what is no number stays as it is.

    >>> money("38760.17"), money("0.333"), money("-12")
    ('38,760.17', '0.333', '-12')
    """
    sign, whole = ("-", amount[1:]) if amount.startswith("-") else ("", amount)
    before, dot, after = whole.partition(".")
    return f"{sign}{int(before):,}{dot}{after}" if before.isdigit() else amount


def percent(rate: str) -> str:
    """
    A rate as a percentage.

    >>> percent("0.09"), percent("0.065")
    ('9 %', '6.5 %')
    """
    return f"{float(rate) * 100:g} %"


def rounding_words(quote: QuoteDoc, words: Words) -> str:
    """How the quote rounds, as a sentence."""
    return words("rounding-half-up") if quote["rounding"].startswith("ROUND_HALF_UP") else quote["rounding"]


def _readable(note: str, words: Words) -> str:
    """A note of the price list; in the English book without the parts of which only the Chinese is known."""
    return note if words.language == "zh" else readable(note)
