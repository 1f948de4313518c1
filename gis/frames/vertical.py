"""Height datums: what a source's levels count from, said, assumed or converted, never guessed silently."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from gis.errors import GisInputError
from gis.issues import DataIssue
from gis.schema import data_rows, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

NATIONAL = "1985"
LEVELS = {
    "nodes": ("elevation_m",), "terrain": ("elevation_m",), "sources": ("head_m", "bottom_m"),
    "pumps": ("outlet_head_m",),
}  # fmt: skip


@dataclass(frozen=True)
class VerticalDatum:
    """
    What heights count from.

    Attributes
    ----------
    code
        One of data/vertical_datums.csv, or `local` for a city's own.
    to_1985_m
        What is added to get 1985 heights; None where that is not known (ellipsoidal heights differ from place to place).
    assumed
        Nobody said it.
    """

    code: str
    name_zh: str
    name_en: str
    to_1985_m: float | None = field(default=None, repr=False)
    assumed: bool = False

    def record(self) -> dict[str, Any]:
        """What a version keeps: the datum its levels are in after import, and which they came in."""
        if self.code in {NATIONAL, "unknown"} or self.to_1985_m is None:
            return {
                "code": self.code,
                "name_zh": self.name_zh,
                "name_en": self.name_en,
                "assumed": self.assumed,
            }
        national = _known()[NATIONAL]
        return {
            "code": NATIONAL, "name_zh": national.name_zh, "name_en": national.name_en, "assumed": False,
            "from_zh": self.name_zh, "from_en": self.name_en,
        }  # fmt: skip

    def as_found(self) -> dict[str, Any]:
        """What a version keeps whose levels are left as the source has them, as those of a model file are."""
        return {"code": self.code, "name_zh": self.name_zh, "name_en": self.name_en, "assumed": self.assumed}


@cache
def _known() -> dict[str, VerticalDatum]:
    return {
        row["code"]: VerticalDatum(
            row["code"],
            row["label_zh"],
            row["label_en"],
            float(row["to_1985_m"]) if row["to_1985_m"] else None,
        )
        for row in data_rows("vertical_datums.csv")
    }


@cache
def _words() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in data_rows("vertical_datums.csv"):
        for word in (row["code"], row["label_zh"], row["label_en"], *row["words"].split("|")):
            found.setdefault(plain_text(word), row["code"])
    return found


def default_datum(*, in_china: bool) -> VerticalDatum:
    """Give what is assumed when nobody says: the 1985 national datum in China, elsewhere nothing."""
    datum = _known()[NATIONAL if in_china else "unknown"]
    return VerticalDatum(datum.code, datum.name_zh, datum.name_en, datum.to_1985_m, assumed=True)


def parse_vertical(text: str | None) -> VerticalDatum | None:
    """
    Give the datum of a code or name, or of `name:offset` with the metres to add for 1985 heights; None stays None.

    >>> parse_vertical("1956黄海高程系").to_1985_m, parse_vertical("吴淞高程:-1.63").to_1985_m
    (-0.029, -1.63)

    Raises
    ------
    GisInputError
        `vertical-unknown`.
    """
    if text is None or not text.strip():
        return None
    name, colon, offset = text.replace("：", ":").rpartition(":")
    if colon and not name.casefold().startswith("epsg") and name.strip():
        return _local(name.strip(), offset)
    code = _words().get(plain_text(text))
    if code is None:
        raise GisInputError("vertical-unknown", value=text[:60], known="、".join(_known()))
    return _known()[code]


def _local(name: str, offset: str) -> VerticalDatum:
    try:
        to_1985_m = float(offset)
    except ValueError:
        to_1985_m = math.nan
    if not math.isfinite(to_1985_m) or abs(to_1985_m) > 200.0:
        raise GisInputError("vertical-offset", name=name[:40])
    code = _words().get(plain_text(name), "local")
    return VerticalDatum(
        code, name[:40], _known()[code].name_en if code in _known() else name[:40], to_1985_m
    )


def in_national_datum(tables: Mapping[str, pd.DataFrame], datum: VerticalDatum) -> list[DataIssue]:
    """
    Put the levels of layers into the 1985 datum where the way there is known, in place; gives what was done.

    Ellipsoidal heights and a datum without its offset stay as they are, with a warning.
    """
    if datum.assumed or datum.code == NATIONAL:
        return []
    names = {"datum": datum.name_zh, "datum_en": datum.name_en}
    if datum.to_1985_m is None:
        return [DataIssue("heights-not-converted", "warning", "nodes", "*", None, names)]
    count = 0
    for layer, columns in LEVELS.items():
        table = tables.get(layer)
        for column in columns if table is not None else ():
            if table is not None and column in table:
                table[column] = pd.to_numeric(table[column], errors="coerce") + datum.to_1985_m
                count += int(table[column].notna().sum())
    return [
        DataIssue(
            "heights-converted", "repaired", "nodes", "*", None, {**names, "count": count}, "heights-moved"
        )
    ]
