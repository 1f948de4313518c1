"""The notice list of a planned shut-off: CSV or XLSX, one row a customer, with when to tell them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from api.files.outputs import whole_file
from api.files.safe_csv import safe, write_csv
from gis.files.workbook import Sheet, write_workbook

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {
    "customer_id": "户号", "name": "户名", "address": "地址", "use": "用水性质", "dwellings": "户数", "pipe_id": "接水管段",
    "effect": "影响", "notify_by": "最迟通知时间", "starts": "停水开始", "ends": "恢复供水",
}  # fmt: skip
EFFECTS = {"no-water": "停水", "low-pressure": "水压降低"}
FORMS = (".csv", ".xlsx")
MOST_HOURS = 24.0 * 30


def schedule(starts: str | None, lasts_hours: float | None, *, notice_hours: float) -> dict[str, str | None]:
    """Say when the water goes, when it comes back, and until when customers must have been told."""
    if starts is None:
        return {"notify_by": None, "starts": None, "ends": None}
    try:
        begin = datetime.fromisoformat(starts)
    except ValueError:
        raise CallError("shut-off-start", value=starts) from None
    if lasts_hours is not None and not 0.0 < lasts_hours <= MOST_HOURS:
        raise CallError("shut-off-hours", value=lasts_hours)
    told = begin - timedelta(hours=notice_hours)
    end = None if lasts_hours is None else begin + timedelta(hours=lasts_hours)
    return {
        "notify_by": told.isoformat(" ", "minutes"), "starts": begin.isoformat(" ", "minutes"),
        "ends": None if end is None else end.isoformat(" ", "minutes"),
    }  # fmt: skip


def write_notices(rows: list[dict[str, Any]], times: dict[str, str | None], out: Path) -> None:
    """Write the list as the suffix of `out` says."""
    if out.suffix.lower() not in FORMS:
        raise CallError("notice-form", path=out.name)
    lines = [{**row, **times, "effect": EFFECTS[row["effect"]]} for row in rows]
    with whole_file(out) as draft:
        if out.suffix.lower() == ".xlsx":
            columns: Sheet = {label: [safe(line[name]) for line in lines] for name, label in COLUMNS.items()}
            write_workbook(draft, {"停水通知名单": columns})
            return
        with draft.open("w", encoding="utf-8-sig", newline="") as stream:
            write_csv(stream, list(COLUMNS.values()), [[line[name] for name in COLUMNS] for line in lines])
