"""The sheet of prices in the quote workbook: lines, tax by rate, who pays what, the second method; all live formulas."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from design.documents.figures import capital_cny, pretty_unit
from design.documents.scheme_data import rounding_words
from design.documents.sheets.workbook import MONEY, Formula, Sheet

if TYPE_CHECKING:
    from design.documents.words import Words
    from design.wire.works import QuoteDoc, QuoteLineDoc

HEADS = (
    "number",
    "code",
    "name",
    "quantity",
    "unit",
    "price",
    "amount",
    "payer",
    "ledger",
    "basis",
    "tax-rate",
)
WIDTHS = (6, 18, 36, 11, 8, 13, 15, 11, 11, 40, 9)
_CENT, _ZERO = Decimal("0.01"), Decimal("0.00")
_FORMATS = {4: "#,##0.00##", 6: "#,##0.00##", 7: MONEY, 11: "0.##%"}
_LEDGERS = ("outside-red-line", "inside-red-line", "third-party", "secondary-supply")
_PAYERS = ("utility", "customer")


@dataclass(frozen=True)
class _Block:
    """Where the lines stand: first and last row, and the last of those that are no fee."""

    first: int
    last: int
    last_item: int

    def column(self, letter: str, *, items_only: bool = False) -> str:
        """A column of the block as a fixed range."""
        return f"${letter}${self.first}:${letter}${self.last_item if items_only else self.last}"


def write_lines(sheet: Sheet, quote: QuoteDoc, words: Words) -> None:
    """Lines and everything that is added up from them."""
    sheet.row(
        [
            words("catalogue"),
            None,
            f"{words.text(quote, 'catalogue')} · {words.text(quote, 'catalogue_note')}",
        ]
    )
    if (policy := quote.get("policy")) is not None:
        title = policy["title"] if words.language == "zh" else policy["title_en"]
        sheet.row([words("policy"), None, f"{title} · {policy['source']}"])
    sheet.row([words("regional-factor"), None, quote.get("regional_factor", "1")])
    money = quote.get("currency", "CNY")
    told = {} if money == "CNY" else {key: words(f"{key}-in", currency=money) for key in ("price", "amount")}
    sheet.head([told.get(key) or words(key) for key in HEADS], freeze=True)
    items = [line for line in quote["lines"] if line.get("kind", "item") == "item"]
    fees = [line for line in quote["lines"] if line.get("kind", "item") == "fee"]
    first = sheet.next_row
    block = _Block(first, first + len(items) + len(fees) - 1, first + len(items) - 1)
    for number, line in enumerate([*items, *fees], 1):
        _line(sheet, line, quote, words, number=number, block=block)
    _totals(sheet, quote, words, block)


def rate_of(line: QuoteLineDoc, quote: QuoteDoc) -> Decimal:
    """Tax rate of a line; a document from before lines had one taxes all alike."""
    return Decimal(line.get("tax_rate", quote["tax_rate"]))


def _line(
    sheet: Sheet, line: QuoteLineDoc, quote: QuoteDoc, words: Words, *, number: int, block: _Block
) -> None:
    row, zh = sheet.next_row, words.language == "zh"
    quantity, price = Decimal(line["quantity"]), Decimal(line["price_cny"])
    ledger = words(f"ledger-{line['ledger']}")
    paid: Decimal | Formula = price
    if (rate := line.get("rate")) is not None:
        base = f'SUMIF({block.column("I", items_only=True)},"{ledger}",{block.column("G", items_only=True)})'
        of_ledger = [
            ln for ln in quote["lines"] if ln.get("kind") != "fee" and ln["ledger"] == line["ledger"]
        ]
        works = sum((Decimal(ln["amount_cny"]) for ln in of_ledger), _ZERO)
        paid = _live(f"ROUND({base}*{rate},2)", _cents(works * Decimal(rate)), line["price_cny"])
    sheet.row(
        [number, line["code"], line["name"] if zh else line.get("name_en", line["name"]), quantity,
         pretty_unit(line["unit"]), paid, _live(f"ROUND(D{row}*F{row},2)", _cents(quantity * price), line["amount_cny"]),
         words(f"payer-{line['payer']}"), ledger, line["basis"] if zh else line.get("basis_en", line["basis"]),
         rate_of(line, quote)],
        boxed=True, formats=_FORMATS,
    )  # fmt: skip


def _totals(sheet: Sheet, quote: QuoteDoc, words: Words, block: _Block) -> None:
    """Net, tax by rate, total, and the two sides."""
    amounts, payers, rates = (block.column(letter) for letter in "GHK")
    by_rate, mine = _by_rate(quote), words("payer-customer")
    whole, own = _net(quote), _net(quote, "customer")
    net = _sum_row(sheet, words("net"), f"SUM({amounts})", whole, quote["net_cny"])
    taxes = []
    for rate, (base, _) in by_rate.items():
        formula = f"ROUND(SUMIF({rates},F{sheet.next_row},{amounts})*F{sheet.next_row},2)"
        taxes.append(_sum_row(sheet, words("tax"), formula, _cents(base * rate), rate=rate))
    added = "+".join(f"G{row}" for row in [net, *taxes])
    whole += sum((_cents(base * rate) for rate, (base, _) in by_rate.items()), _ZERO)
    total = _sum_row(sheet, words("total"), added, whole, quote["total_cny"])
    parts = [_sum_row(sheet, words("customer-net"), f'SUMIF({payers},"{mine}",{amounts})', own)]
    for rate, (_, base) in by_rate.items():
        row = sheet.next_row
        formula = f'ROUND(SUMIFS({amounts},{payers},"{mine}",{rates},F{row})*F{row},2)'
        parts.append(_sum_row(sheet, words("customer-tax"), formula, _cents(base * rate), rate=rate))
    own += sum((_cents(base * rate) for rate, (_, base) in by_rate.items()), _ZERO)
    added = "+".join(f"G{row}" for row in parts)
    customer = _sum_row(sheet, words("customer-total"), added, own, quote["customer_total_cny"])
    rest = f"G{total}-G{customer}"
    _sum_row(sheet, words("utility-total"), rest, whole - own, quote["utility_total_cny"])
    if words.language == "zh" and quote.get("currency", "CNY") == "CNY":
        sheet.row([None, None, words("in-words"), f"人民币{capital_cny(quote['total_cny'])}"])
    sheet.row([None, None, words("rounding"), rounding_words(quote, words)])
    _sides(sheet, quote, words, block)
    _second_method(sheet, quote, words, total)


def _live(formula: str, result: Decimal, amount_cny: str) -> Decimal | Formula:
    """The formula where it gives the document's amount, else the bare amount."""
    wanted = Decimal(amount_cny)
    return Formula(formula, wanted) if result == wanted else wanted


def _sum_row(
    sheet: Sheet, label: str, formula: str, result: Decimal, amount_cny: str | None = None, *, rate: Decimal | None = None
) -> int:  # fmt: skip
    value = _live(formula, result, f"{result:f}" if amount_cny is None else amount_cny)
    return sheet.row(
        [None, None, label, None, None, rate, value], bold=True, boxed=True, formats={6: "0.##%", 7: MONEY}
    )


def _sides(sheet: Sheet, quote: QuoteDoc, words: Words, block: _Block) -> None:
    """Who bears what of each ledger without tax: what is free to the customer is shown as the utility's."""
    sheet.row([])
    sheet.row([None, None, words("who-pays")], bold=True)
    used = {line["ledger"] for line in quote["lines"]}
    for ledger in (one for one in _LEDGERS if one != "secondary-supply" or one in used):
        for payer in _PAYERS:
            side, book = words(f"payer-{payer}"), words(f"ledger-{ledger}")
            chosen = [ln for ln in quote["lines"] if (ln["ledger"], ln["payer"]) == (ledger, payer)]
            borne = sum((Decimal(ln["amount_cny"]) for ln in chosen), Decimal("0.00"))
            formula = f'SUMIFS({block.column("G")},{block.column("I")},"{book}",{block.column("H")},"{side}")'
            sheet.row(
                [None, None, f"{book} · {side}", None, None, None, Formula(formula, borne)], boxed=True, formats={7: MONEY}
            )  # fmt: skip


def _second_method(sheet: Sheet, quote: QuoteDoc, words: Words, total_row: int) -> None:
    """The one-fee list beside the quote, and the difference."""
    sheet.row([])
    sheet.row([None, None, words("list-title")], bold=True)
    fee = quote.get("one_fee")
    if fee is None:
        sheet.row([None, None, words("one-fee-none")])
        return
    figures = [("one-fee-base", fee["base_cny"]), ("one-fee-more", fee["extra_length_m"]),
               ("one-fee-extra", fee["extra_cny_m"]), ("one-fee-surface", fee["restoration_cny"])]  # fmt: skip
    rows = []
    for key, value in figures:
        cells = [None, None, words(key), None, None, None, Decimal(value)]
        rows.append(sheet.row(cells, boxed=True, formats={7: MONEY}))
    base, more, extra, surface = rows
    formula = f"ROUND(G{base}+G{more}*G{extra}+G{surface},2)"
    listed = _sum_row(sheet, words("one-fee-total"), formula, Decimal(fee["total_cny"]))
    compared = f"G{total_row}"
    if left_out := Decimal(fee.get("left_out_cny", "0")):
        cells = [None, None, words("one-fee-left-out"), None, None, None, left_out]
        compared = f"(G{total_row}-G{sheet.row(cells, boxed=True, formats={7: MONEY})})"
    _sum_row(sheet, words("list-difference"), f"G{listed}-{compared}", Decimal(fee["difference_cny"]))
    sheet.row([None, None, words("list-source"), f"{fee['source']} · {fee['includes']}"])


def _by_rate(quote: QuoteDoc) -> dict[Decimal, tuple[Decimal, Decimal]]:
    """Amounts by tax rate above zero, dearest first: of all lines, of the customer's."""
    found: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for line in quote["lines"]:
        rate, amount = rate_of(line, quote), Decimal(line["amount_cny"])
        if rate:
            whole, mine = found.get(rate, (Decimal("0.00"), Decimal("0.00")))
            found[rate] = (whole + amount, mine + (amount if line["payer"] == "customer" else 0))
    return dict(sorted(found.items(), reverse=True))


def _net(quote: QuoteDoc, payer: str | None = None) -> Decimal:
    amounts = (Decimal(ln["amount_cny"]) for ln in quote["lines"] if payer in {None, ln["payer"]})
    return sum(amounts, _ZERO)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
