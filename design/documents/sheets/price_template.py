"""A price list to fill in: every item a quote may ask for, the illustrative price beside an empty column for the own one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.documents.sheets.workbook import Sheet, new_workbook, save_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from design.pricing.catalogue import PriceCatalogue

HEADS = ("编码", "名称", "英文名", "单位", "综合单价", "来源", "生效日期", "失效日期", "示意价（仅供参照）")
ONE_FEE = ("meter_dn", "method", "base_cny", "base_length_m", "extra_cny_m", "includes", "source")


def write_template(catalogue: PriceCatalogue, path: Path) -> int:
    """Write the workbook to `path` and give the number of items; a price left blank stays the illustrative one."""
    day = catalogue.on.isoformat()
    book = new_workbook(created=f"{day}T00:00:00+00:00", title="价目表模板")
    about = Sheet(book.create_sheet("说明"), widths=(20, 60))
    for key, value in _about(catalogue):
        about.row([key, value])
    items = Sheet(book.create_sheet("价目"), widths=(28, 40, 40, 9, 14, 24, 13, 13, 18))
    items.head(HEADS, freeze=True)
    for item in catalogue.items.values():
        items.row(
            [item.code, item.name_zh, item.name_en, item.unit, None, None, None, None, item.price_cny],
            formats={9: "#,##0.00##"},
        )
    listed = Sheet(book.create_sheet("一费制"), widths=(12, 12, 14, 14, 14, 50, 30))
    listed.head(ONE_FEE, freeze=True)
    save_workbook(book, path, [about, items, listed])
    return len(catalogue.items)


def _about(catalogue: PriceCatalogue) -> Iterable[tuple[str, str]]:
    """Head of the list; what is left as it stands is what a scheme assumes."""
    yield "title", "（本单位价目名称）"
    yield "valid_from", catalogue.on.replace(month=1, day=1).isoformat()
    yield "valid_to", catalogue.on.replace(month=12, day=31).isoformat()
    yield "tax_rate", f"{catalogue.tax_rate:f}"
    yield "regional_factor", "1"
