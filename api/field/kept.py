"""Calibrations are kept beside the network: `calibration/<version>.json` in the workspace, with the readings they rest on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.spare.folder import write_whole
from hydraulics.uncertainty.calibrated import Calibration
from hydraulics.uncertainty.readings import Reading

if TYPE_CHECKING:
    from gis.stores.address import Address

FOLDER = "calibration"


@dataclass(frozen=True)
class Kept:
    """A calibration of one version, the readings it was made of, and whether checks use it."""

    calibration: Calibration
    readings: tuple[Reading, ...]
    in_use: bool
    document: dict[str, Any]


def kept_calibration(workspace: Address, version: str) -> Kept | None:
    """Give what is kept of a version; None where nothing is, or in a database workspace, which keeps no files."""
    if not isinstance(workspace, Path):
        return None
    return _read(workspace / FOLDER / f"{version}.json")


def latest_readings(workspace: Path) -> tuple[Reading, ...]:
    """Give the readings of the newest calibration of any version."""
    files = sorted((workspace / FOLDER).glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
    kept = _read(files[-1]) if files else None
    return () if kept is None else kept.readings


def calibration_in_use(workspace: Address, version: str) -> Calibration | None:
    """Give the parameters that checks of a version use."""
    kept = kept_calibration(workspace, version)
    return kept.calibration if kept is not None and kept.in_use else None


def keep(workspace: Path, version: str, kept: Kept) -> None:
    """Keep a calibration in place of the former one."""
    (workspace / FOLDER).mkdir(exist_ok=True)
    document = {
        "in_use": kept.in_use, "calibration": kept.calibration.doc(), "readings": [one.doc() for one in kept.readings],
        "document": kept.document,
    }  # fmt: skip
    write_whole(workspace / FOLDER / f"{version}.json", json.dumps(document, ensure_ascii=False, indent=1))


def _read(file: Path) -> Kept | None:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Kept(
        Calibration.from_doc(document["calibration"]), tuple(Reading.from_doc(row) for row in document["readings"]),
        bool(document["in_use"]), document["document"],
    )  # fmt: skip
