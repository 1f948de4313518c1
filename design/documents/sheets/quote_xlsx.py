"""The quote 报价单 as a workbook whose amounts are live formulas, with comparison, pressures, findings and provenance."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from design.documents.comparing import properties
from design.documents.english import english, readable
from design.documents.figures import pretty_unit
from design.documents.reading import chosen_option
from design.documents.scheme_data import pressure_points, provenance_rows
from design.documents.sheets.quote_sheet import WIDTHS, write_lines
from design.documents.sheets.workbook import MONEY, Sheet, new_workbook, save_workbook, texts
from design.documents.words import Words

if TYPE_CHECKING:
    from pathlib import Path

    from design.documents.sheets.workbook import CellValue
    from design.wire.scheme import OptionDoc, SchemeDoc
    from design.wire.works import PickingDoc
    from gis.messages import Language

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

    def said(text: str) -> str:
        if language == "zh" or text == scheme["name"]:
            return text
        return readable(english(text)) or english(text)

    def sheet(key: str, *widths: float) -> Sheet:
        return Sheet(book.create_sheet(words(f"sheet-{key}")), widths=widths, footer=footer, said=said)

    sheets = [sheet("quote", *WIDTHS)]
    _title(sheets[0], scheme, words)
    if option is None:
        sheets[0].row([words("no-option")])
    else:
        write_lines(sheets[0], option["quote"], words)
    sheets.append(sheet("compare", 22, 10, 36, 36, 36))
    _compare(sheets[-1], scheme, words)
    if option is not None:
        if option.get("picking_list"):
            sheets.append(sheet("picking", 6, 34, 40, 8, 12, 60))
            _picking(sheets[-1], option["picking_list"], words)
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
            [row.label, words.unit(row.unit), *cells],
            boxed=True,
            formats=dict.fromkeys(range(3, len(cells) + 3), shape),
        )


def _picking(sheet: Sheet, rows: list[PickingDoc], words: Words) -> None:
    """What the store hands out, with room to tick it off."""
    sheet.head(
        [words(key) for key in ("number", "name", "spec", "unit", "quantity", "used-for")], freeze=True
    )
    zh = words.language == "zh"
    for row in rows:
        name, uses = (row["name"], row["used_for"]) if zh else (row["name_en"], row["used_for_en"])
        sheet.row(
            [row["no"], name, row["spec"], row["unit"], Decimal(row["quantity"]), "；".join(uses)], boxed=True,
            formats={5: "#,##0.###"},
        )  # fmt: skip


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
