"""
Mapping of a foreign price list and of planned works to ours, from a TOML file.

`[catalogue]` head, `[catalogue.columns]` field = column, `[catalogue.composites]` file, code, item, factor;
`[items]` our code = theirs; `[[planned]]` kind = pipes | pieces, file or layer, where, columns, values, types, defaults.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from design.errors import DesignDataError
from design.pricing.composites import composite_prices
from design.pricing.items import BadField, PriceItem, amount, item_of
from design.pricing.laying import PlannedPiece, PlannedPipe
from design.pricing.tables import read_price_table, records_of
from design.rules.ruleset import RuleSet

VECTORS = (".gpkg", ".shp", ".geojson", ".json", ".gdb")
PIPE_NUMBERS = ("outer_mm", "length_m", "cover_m", "depth_m")


def read_mapping(path: Path) -> dict[str, Any]:
    """
    A mapping file with the folder it lies in under `folder`.

    Raises
    ------
    DesignDataError
        `price-mapping-unreadable`.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DesignDataError("price-mapping-unreadable", file=path.name, detail=str(error)) from error
    return content


def imported_items(
    prices: Path, mapping: Mapping[str, Any]
) -> tuple[dict[str, Any], list[PriceItem], list[str]]:
    """
    Head and items of a foreign list: all of theirs by their own codes, composites worked out, then ours by their prices.

    Third the codes without any price: they are left out and told, for a list in use has such rows.

    Raises
    ------
    DesignDataError
        Rows that cannot be used, or an item of ours mapped to one they do not have.
    """
    head = {"id": prices.stem, "title": prices.stem, "source": prices.name, **mapping.get("catalogue", {})}
    columns, parts = head.pop("columns", {}), head.pop("composites", None)
    table = read_price_table(prices, columns)
    rows = [dict(row) for _, row in table.items]
    unpriced: list[str] = []
    try:
        composed = _composed(rows, parts, prices.parent)
        items: dict[str, PriceItem] = {}
        for row in rows:
            code = str(row.get("code") or "").strip()
            if row.get("price_cny") in {None, ""}:
                row["price_cny"] = composed.get(code)
            if code and row["price_cny"] is None:
                unpriced.append(code)
                continue
            items[code] = item_of(row, head)
    except BadField as bad:
        raise DesignDataError("catalogue-bad", catalogue=prices.name, item=bad.item, field=bad.field) from bad
    for ours, theirs in mapping.get("items", {}).items():
        if theirs not in items:
            raise DesignDataError("price-mapping-item", item=ours, theirs=theirs, catalogue=prices.name)
        items[ours] = replace(items[theirs], code=ours, source=f"{items[theirs].source} · {theirs}")
    return head, list(items.values()), unpriced


def _composed(rows: list[dict[str, Any]], parts: Mapping[str, str] | None, folder: Path) -> Mapping[str, Any]:
    if parts is None:
        return {}
    known = {
        str(row.get("code")).strip(): amount(row["price_cny"], str(row.get("code")), "price_cny")
        for row in rows
        if row.get("price_cny") not in {None, ""}
    }
    table = records_of(folder / parts["file"])
    return composite_prices(
        ({key: row.get(parts[key]) for key in ("code", "item", "factor")} for row in table), known
    )


def catalogue_toml(head: Mapping[str, Any], items: Iterable[PriceItem]) -> str:
    """A catalogue file of ours."""
    lines = ["[catalogue]"]
    lines += [f"{key} = {_toml(value)}" for key, value in head.items()]
    for item in items:
        fields = {
            "code": item.code, "name_zh": item.name_zh, "name_en": item.name_en, "unit": item.unit,
            "price_cny": f"{item.price_cny:f}", "taxed": "yes" if item.taxed else "no", "source": item.source,
            "confidence": item.confidence,
        }  # fmt: skip
        lines += ["", "[[item]]", *(f"{key} = {_toml(value)}" for key, value in fields.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value.isoformat() if hasattr(value, "isoformat") else f'"{value}"'
    kept = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in kept) + '"'


def read_planned(
    path: Path, mapping: Mapping[str, Any], rules: RuleSet
) -> tuple[list[PlannedPipe], list[PlannedPiece]]:
    """
    Planned pipes and pieces of a file (CSV, XLSX, GeoPackage, Shapefile) by the `[[planned]]` parts of a mapping.

    Without a mapping a table needs the columns pipe_id, item, outer_mm, length_m.

    Raises
    ------
    DesignDataError
        `planned-bad`: a row with its number, field and value; `planned-unreadable`.
    """
    pipes: list[PlannedPipe] = []
    pieces: list[PlannedPiece] = []
    for part in mapping.get("planned", [{"kind": "pipes"}]):
        for number, row in _rows(path, part):
            if part.get("kind", "pipes") == "pieces":
                pieces.append(_piece(row, number, path.name))
            else:
                pipes.append(_pipe(row, number, path.name, rules))
    return pipes, pieces


def _rows(path: Path, part: Mapping[str, Any]) -> Iterable[tuple[int, dict[str, Any]]]:
    """Rows of a part with their number, under our names, with what their type, the value lists and the defaults add."""
    types = _types(path.parent, part.get("types"))
    columns, values = part.get("columns", {}), part.get("values", {})
    for number, raw in enumerate(_table(path, part.get("layer")), 2):
        if any(str(raw.get(key)) != str(value) for key, value in part.get("where", {}).items()):
            continue
        row = {ours: raw.get(theirs) for ours, theirs in columns.items()} if columns else dict(raw)
        row = {**part.get("defaults", {}), **types.get(str(row.get("type")), {}), **_given(row)}
        row.setdefault("length_m", raw.get("geometry_length_m"))
        yield number, {key: values.get(key, {}).get(str(value), value) for key, value in row.items()}


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value not in {None, ""} and value == value}  # noqa: PLR0124


def _types(folder: Path, told: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """What a type of pipe or piece is, from a table beside the plan."""
    if told is None:
        return {}
    return {
        str(row.get(told["id"])): _given({ours: row.get(theirs) for ours, theirs in told["columns"].items()})
        for row in records_of(folder / told["file"])
    }


def _table(path: Path, layer: str | None) -> Iterable[dict[str, Any]]:
    if path.suffix.lower() not in VECTORS:
        return records_of(path)
    import pyogrio
    import shapely

    try:
        frame = pyogrio.read_dataframe(path, layer=layer) if layer else pyogrio.read_dataframe(path)
    except (OSError, ValueError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise DesignDataError("planned-unreadable", file=path.name, detail=str(error)) from error
    lengths = [None] * len(frame)
    if "geometry" in frame and frame.crs is not None and frame.crs.is_projected:
        lengths = shapely.length(frame.geometry.to_numpy()) * frame.crs.axis_info[0].unit_conversion_factor
    rows = frame.drop(columns="geometry", errors="ignore").to_dict("records")
    return [{**row, "geometry_length_m": length} for row, length in zip(rows, lengths, strict=True)]


def _pipe(row: Mapping[str, Any], number: int, name: str, rules: RuleSet) -> PlannedPipe:
    found: dict[str, float | None] = {}
    for key in PIPE_NUMBERS:
        found[key] = None if row.get(key) in {None, ""} else _number(row[key], number, key, name)
    for key in ("outer_mm", "length_m"):
        if not found[key]:
            raise _bad(name, number, key, row.get(key))
    if not str(row.get("item") or "").strip():
        raise _bad(name, number, "item", row.get("item"))
    cover = found["cover_m"] if found["cover_m"] is not None else rules.value("cover-large").value
    return PlannedPipe(
        str(row.get("pipe_id") or number), str(row["item"]).strip(), (found["outer_mm"] or 0.0) / 1000.0,
        found["length_m"] or 0.0, cover, str(row.get("surface") or "soil"), found["depth_m"],
        str(row["soil"]) if row.get("soil") else None,
    )  # fmt: skip


def _piece(row: Mapping[str, Any], number: int, name: str) -> PlannedPiece:
    if not str(row.get("item") or "").strip():
        raise _bad(name, number, "item", row.get("item"))
    count = _number(row.get("count", 1), number, "count", name)
    if count != int(count):
        raise _bad(name, number, "count", row.get("count"))
    return PlannedPiece(str(row.get("piece_id") or number), str(row["item"]).strip(), int(count))


def _number(value: Any, number: int, field: str, name: str) -> float:
    try:
        return float(amount(value, str(number), field))
    except BadField as bad:
        raise _bad(name, number, field, value) from bad


def _bad(name: str, number: int, field: str, value: Any) -> DesignDataError:
    return DesignDataError("planned-bad", file=name, row=number, field=field, value=repr(value))
