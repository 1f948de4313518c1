"""
Recompute a quote from its workbook alone: `python recompute_quote.py quote.xlsx`.

Reads the formulas with openpyxl, works them out in decimals, and compares with the values stored beside them. Knows
nothing of the program that wrote the file; what it cannot read it refuses.
"""

import re
import sys
from decimal import ROUND_HALF_UP, Decimal

import openpyxl

RANGE = re.compile(r"\$?([A-Z])\$?(\d+):\$?([A-Z])\$?(\d+)")
ALLOWED = re.compile(
    r'(ROUND|SUMIFS?|SUM|cells\([^()]*\)|cell\([^()]*\)|number\([^()]*\)|"[^"]*"|[-+*,()\d. ])+'
)


def recompute(path: str) -> dict[str, Decimal]:
    """Give the totals by label; ValueError names the first cell whose stored value differs."""
    page = openpyxl.load_workbook(path).worksheets[0]
    stored = openpyxl.load_workbook(path, data_only=True).worksheets[0]

    def cell(at):
        raw = page[at].value
        if page[at].data_type != "f":
            return Decimal(str(raw)) if isinstance(raw, int | float) else raw
        text = RANGE.sub(r"cells('\1\2','\3\4')", raw[1:])
        text = re.sub(r"(?<!')\b([A-Z]\d+)\b(?!')", r"cell('\1')", text)
        text = re.sub(r"\b(\d+\.\d+)\b", r"number('\1')", text)
        if not ALLOWED.fullmatch(text):
            raise ValueError(f"{at}: {raw}")
        return eval(text, {"__builtins__": {}}, names)

    def cells(first, last):
        return [cell(c.coordinate) for row in page[f"{first}:{last}"] for c in row]

    def sumifs(values, *pairs):
        rows = zip(values, *pairs[::2], strict=True)
        return sum((row[0] for row in rows if list(row[1:]) == list(pairs[1::2])), Decimal(0))

    names = {
        "cell": cell, "cells": cells, "number": Decimal, "SUM": sum, "SUMIFS": sumifs, "SUMIF": lambda k, key, v: sumifs(v, k, key),
        "ROUND": lambda value, n: value.quantize(Decimal(1).scaleb(-n), ROUND_HALF_UP),
    }  # fmt: skip
    totals = {}
    for row in page.iter_rows():
        for c in row:
            if c.data_type == "f":
                found = cell(c.coordinate)
                if found != Decimal(str(stored[c.coordinate].value)):
                    raise ValueError(f"{c.coordinate}: {found} is not {stored[c.coordinate].value}")
                if row[0].value is None:
                    totals[f"{row[2].value} {row[5].value or ''}".strip()] = found
    return totals


if __name__ == "__main__":
    for label, amount in recompute(sys.argv[1]).items():
        print(f"{amount:>14} {label}")
