"""The quote 报价单 as a workbook whose amounts are live formulas, with comparison, pressures, findings and provenance."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from design.documents.comparing import properties
from design.documents.figures import capital_cny, pretty_unit
from design.documents.reading import chosen_option
from design.documents.scheme_data import pressure_points, provenance_rows, rounding_words
from design.documents.words import Words
from design.documents.workbook import MONEY, Formula, Sheet, new_workbook, save_workbook, texts

if TYPE_CHECKING:
    from pathlib import Path

    from design.documents.workbook import CellValue
    from design.wire import OptionDoc, QuoteDoc, SchemeDoc
    from gis.messages import Language

_CENT = Decimal("0.01")
_QUOTE_FORMATS = {4: "#,##0.00##", 6: MONEY, 7: MONEY}
_NUMBER_FORMATS = {"m": "0.00##", "m/s": "0.00##", "MPa": "0.000#", "CNY": MONEY}
_COLOURS = {"pass": "1B7F3B", "fail": "C22727", "warn": "B26A00"}


def write_quote(scheme: SchemeDoc, path: Path, *, language: Language = "zh") -> None:
    """
    Write the workbook to `path`.

    Every number is a number; amounts and totals are formulas over the cells beside them with their values stored; what
    a person typed stays text and can become no formula.
    """
    words = Words(language)
    made, option = scheme["provenance"], chosen_option(scheme)
    book = new_workbook(created=made["created"], title=f"{words('sheet-quote')} {scheme['id']}")
    footer = f"{scheme['id']} · {made['network_version']} · {made['prices']} · {made['created']}"

    def sheet(key: str, *widths: float) -> Sheet:
        return Sheet(book.create_sheet(words(f"sheet-{key}")), widths=widths, footer=footer)

    sheets = [sheet("quote", 6, 18, 36, 11, 8, 13, 15, 11, 11, 40)]
    _title(sheets[0], scheme, words)
    if option is None:
        sheets[0].row([words("no-option")])
    else:
        _quote(sheets[0], option["quote"], words)
    sheets.append(sheet("compare", 22, 10, 36, 36, 36))
    _compare(sheets[-1], scheme, words)
    if option is not None:
        sheets += [sheet("pressure", 28, 14, 14, 14, 14, 10), sheet("findings", 26, 30, 12, 12, 9, 10, 60)]
        _pressures(sheets[-2], option, words)
        _findings(sheets[-1], option, words)
    sheets.append(sheet("provenance", 24, 90))
    for row in provenance_rows(scheme, words):
        sheets[-1].row(texts(row), boxed=True)
    save_workbook(book, path, sheets)


def _title(sheet: Sheet, scheme: SchemeDoc, words: Words) -> None:
    made = scheme["provenance"]
    sheet.row([words("sheet-quote")], bold=True, size=16)
    if made["synthetic"]:
        sheet.row(
            [f"{words('synthetic')} {words('synthetic-note')}"], bold=True, colours={1: _COLOURS["fail"]}
        )
    sheet.row([words("scheme-id"), None, scheme["id"]])
    sheet.row([words("project"), None, scheme["name"]])
    sheet.row([words("version"), None, made["network_version"]])


def _quote(sheet: Sheet, quote: QuoteDoc, words: Words) -> None:
    sheet.row([words("catalogue"), None, f"{quote['catalogue']} · {quote['catalogue_note']}"])
    heads = ("number", "code", "name", "quantity", "unit", "price", "amount", "payer", "ledger", "basis")
    sheet.head([words(key) for key in heads], freeze=True)
    first = sheet.next_row
    for number, line in enumerate(quote["lines"], 1):
        quantity, price = Decimal(line["quantity"]), Decimal(line["price_cny"])
        amount = f"ROUND(D{sheet.next_row}*F{sheet.next_row},2)"
        sheet.row(
            [number, line["code"], line["name"], quantity, pretty_unit(line["unit"]), price,
             _live({amount: _cents(quantity * price)}, line["amount_cny"]),
             words(f"payer-{line['payer']}"), words(f"ledger-{line['ledger']}"), line["basis"]],
            boxed=True, formats=_QUOTE_FORMATS,
        )  # fmt: skip
    _totals(sheet, quote, words, first=first, last=sheet.next_row - 1)


def _totals(sheet: Sheet, quote: QuoteDoc, words: Words, *, first: int, last: int) -> None:
    """Net, tax, total and who pays; each a formula as long as it gives the document's own figure."""
    rate = Decimal(quote["tax_rate"])
    amounts, payers, ledgers = (f"{c}{first}:{c}{last}" for c in "GHI")
    mine, others = words("payer-customer"), words("ledger-third-party")
    net, untaxed, customer, customer_untaxed = _sums(quote)
    row = sheet.next_row
    g_net, g_rate, g_tax, g_total, g_customer = (f"G{row + i}" for i in range(5))
    third = f'SUMIF({ledgers},"{others}",{amounts})'
    my_net = f'SUMIF({payers},"{mine}",{amounts})'
    my_third = f'SUMIFS({amounts},{payers},"{mine}",{ledgers},"{others}")'
    tax = {
        f"ROUND({g_net}*{g_rate},2)": _cents(net * rate),
        f"ROUND(({g_net}-{third})*{g_rate},2)": _cents((net - untaxed) * rate),
    }
    mine_total = {
        f"{my_net}+ROUND({my_net}*{g_rate},2)": customer + _cents(customer * rate),
        f"{my_net}+ROUND(({my_net}-{my_third})*{g_rate},2)": customer
        + _cents((customer - customer_untaxed) * rate),
    }
    total = Decimal(quote["net_cny"]) + Decimal(quote["tax_cny"])
    rest = Decimal(quote["total_cny"]) - Decimal(quote["customer_total_cny"])
    rows: list[tuple[str, CellValue]] = [
        (words("net"), _live({f"SUM({amounts})": net}, quote["net_cny"])),
        (words("tax-rate"), rate),
        (words("tax"), _live(tax, quote["tax_cny"])),
        (words("total"), _live({f"{g_net}+{g_tax}": total}, quote["total_cny"])),
        (words("customer-total"), _live(mine_total, quote["customer_total_cny"])),
        (words("utility-total"), _live({f"{g_total}-{g_customer}": rest}, quote["utility_total_cny"])),
    ]
    for label, value in rows:
        percent = value is rate
        sheet.row(
            [None, None, label, None, None, None, value],
            bold=True,
            boxed=True,
            formats={7: "0.##%" if percent else MONEY},
        )
    sheet.row([None, None, words("in-words"), f"人民币{capital_cny(quote['total_cny'])}"])
    sheet.row([None, None, words("rounding"), rounding_words(quote, words)])


def _sums(quote: QuoteDoc) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Net; its third-party part; the customer's net; the third-party part of that."""
    lines = [(Decimal(line["amount_cny"]), line["payer"], line["ledger"]) for line in quote["lines"]]
    zero = Decimal("0.00")
    return (
        sum((amount for amount, _, _ in lines), zero),
        sum((amount for amount, _, ledger in lines if ledger == "third-party"), zero),
        sum((amount for amount, payer, _ in lines if payer == "customer"), zero),
        sum((a for a, payer, ledger in lines if payer == "customer" and ledger == "third-party"), zero),
    )


def _live(formulas: dict[str, Decimal], amount_cny: str) -> CellValue:
    """The first formula that gives the document's amount; the bare amount when none does."""
    wanted = Decimal(amount_cny)
    return next((Formula(text, wanted) for text, result in formulas.items() if result == wanted), wanted)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _compare(sheet: Sheet, scheme: SchemeDoc, words: Words) -> None:
    chosen = chosen_option(scheme)
    ranks = [
        words("option", rank=o["rank"]) + (words("chosen") if o is chosen else "") for o in scheme["options"]
    ]
    sheet.head([words("item"), words("unit"), *ranks], freeze=True)
    for row in properties(words):
        cells = [row.read(option) for option in scheme["options"]]
        shape = _NUMBER_FORMATS.get(row.unit, "General")
        sheet.row(
            [row.label, pretty_unit(row.unit), *cells],
            boxed=True,
            formats=dict.fromkeys(range(3, len(cells) + 3), shape),
        )


def _pressures(sheet: Sheet, option: OptionDoc, words: Words) -> None:
    heads = ("point", "elevation", "before", "after", "required", "unit")
    sheet.head([words(key) for key in heads], freeze=True)
    for point, elevation, before, after, required, unit in pressure_points(option, words):
        shape = _NUMBER_FORMATS[unit]
        sheet.row(
            [point, elevation, before, after, required, unit],
            boxed=True,
            formats={2: "0.00#", 3: shape, 4: shape, 5: shape},
        )
    limit = option["check"]["neighbour_limit_mpa"]
    for key, nodes in (
        ("newly-below", option["check"]["newly_below_limit"]),
        ("most-affected", option["check"]["most_affected"]),
    ):
        sheet.row([words(key)], bold=True)
        for node in nodes:
            before, after = node["pressure_before_mpa"], node["pressure_after_mpa"]
            cells: list[CellValue] = [node["node_id"], node["elevation_m"], before, after, limit, "MPa"]
            sheet.row(cells, boxed=True, formats={2: "0.00#", 3: "0.000#", 4: "0.000#", 5: "0.000#"})


def _findings(sheet: Sheet, option: OptionDoc, words: Words) -> None:
    heads = ("item", "clause", "measured", "limit", "unit", "verdict", "explanation")
    sheet.head([words(key) for key in heads], freeze=True)
    for f in option["findings"]:
        text, verdict = (
            f["text"] if words.language == "zh" else f["text_en"],
            words(f"verdict-{f['verdict']}"),
        )
        sheet.row(
            [f["name"], f["clause"], f["measured"], f["limit"], pretty_unit(f["unit"]), verdict, text],
            boxed=True, colours={6: _COLOURS[f["verdict"]]},
        )  # fmt: skip
