"""Policy 费用承担政策: who pays each ledger, from dated files; the utility's share is shown, never hidden."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from design.errors import DesignDataError
from gis.files.shipped import shipped_table

Payer = Literal["utility", "customer"]
_LEDGERS = ("outside-red-line", "inside-red-line", "third-party", "metering")
SECONDARY: Literal["secondary-supply"] = "secondary-supply"


@dataclass(frozen=True)
class Policy:
    """
    Payer by ledger; `forbidden` are names of fees that may never stand on a customer's line.

    `conditions` say whom the policy is for, as its source puts it: who qualifies is decided by people, not here.
    """

    policy_id: str
    title: str
    title_en: str
    source: str
    confidence: str
    valid_from: date | None
    valid_to: date | None
    payers: Mapping[str, Payer]
    forbidden: tuple[str, ...]
    conditions: str = ""
    conditions_en: str = ""

    def payer(self, ledger: str, *, metering: bool = False) -> Payer:
        """Who pays a line of that ledger."""
        return self.payers["metering" if metering else ledger]


def load_policy(policy_id: str | None, *, on: date, path: Path | None = None) -> Policy:
    """
    A policy by id, or the ordinary one of the day; `path` is a utility's own file, whose first one in force counts.

    Policies the own file does not name again stay those shipped.

    Raises
    ------
    DesignDataError
        Nobody knows the policy, it is not in force on that day, or it charges the customer for works outside the
        red line on a day when that is forbidden (国办函〔2020〕129号).
    """
    content = _bundled() if path is None else _read(path)
    known = {row["id"]: row for row in content["policy"]}
    chosen = policy_id or next(
        (row["id"] for row in content["policy"] if (row.get("ordinary") or path) and _in_force(row, on)), ""
    )
    if chosen not in known:
        raise DesignDataError("policy-unknown", policy=chosen or "-", known=", ".join(known))
    row = known[chosen]
    if not _in_force(row, on):
        raise DesignDataError(
            "policy-not-in-force", policy=chosen, on=on.isoformat(),
            valid_from=str(row.get("valid_from", "-")), valid_to=str(row.get("valid_to", "-")),
        )  # fmt: skip
    free_from = content["free_outside_from"]
    if on >= free_from and "customer" in {row["outside-red-line"], row["third-party"]}:
        raise DesignDataError("policy-charges-outside", policy=chosen, since=free_from.isoformat())
    return Policy(
        chosen, row["title"], row["title_en"], row["source"], row["confidence"], row.get("valid_from"),
        row.get("valid_to"), _payers(row), tuple(content["forbidden_fees"]),
        str(row.get("conditions", "")), str(row.get("conditions_en", "")),
    )  # fmt: skip


def policies(*, on: date) -> tuple[tuple[str, str, str], ...]:
    """Policies a person may choose on a day: (id, title, English title), the ordinary one first."""
    rows = [row for row in _bundled()["policy"] if _in_force(row, on)]
    rows.sort(key=lambda row: not row.get("ordinary"))
    return tuple((row["id"], row["title"], row["title_en"]) for row in rows)


def _payers(row: Mapping[str, Any]) -> dict[str, Payer]:
    """Payer by ledger; equipment of the building is its owner's where a policy does not name it."""
    return {**{ledger: row[ledger] for ledger in _LEDGERS}, SECONDARY: row.get(SECONDARY, "customer")}


def _in_force(row: Mapping[str, Any], on: date) -> bool:
    return row.get("valid_from", date.min) <= on <= row.get("valid_to", date.max)


@cache
def _bundled() -> dict[str, Any]:
    return shipped_table("design", "policies", "policies.toml")


def _read(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DesignDataError("policy-unreadable", policy=path.name, detail=str(error)) from error
    for row in content.get("policy", []):
        for key in ("id", "title", "source", *_LEDGERS):
            if key not in row or (key in _LEDGERS and row[key] not in {"utility", "customer"}):
                raise DesignDataError("policy-bad", policy=str(row.get("id", path.name)), field=key)
        if row.get(SECONDARY, "customer") not in {"utility", "customer"}:
            raise DesignDataError("policy-bad", policy=str(row.get("id", path.name)), field=SECONDARY)
        row.setdefault("title_en", row["title"])
        row.setdefault("confidence", "utility")
    known = {row["id"] for row in content.get("policy", [])}
    others = [{**row, "ordinary": False} for row in _bundled()["policy"] if row["id"] not in known]
    own = [*content.get("policy", []), *others]
    return {**_bundled(), **content, "policy": own, "free_outside_from": _bundled()["free_outside_from"]}
