"""Calibrations are kept beside the network, in a folder as in a database, with the readings they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.stores.notes import keep_note, newest_note, note_of
from hydraulics.uncertainty.calibrated import Calibration
from hydraulics.uncertainty.readings import Reading

if TYPE_CHECKING:
    from gis.stores.address import Address

KIND = "calibration"


@dataclass(frozen=True)
class Kept:
    """A calibration of one version, the readings it was made of, and whether checks use it."""

    calibration: Calibration
    readings: tuple[Reading, ...]
    in_use: bool
    document: dict[str, Any]


def kept_calibration(workspace: Address, version: str) -> Kept | None:
    """Give what is kept of a version; None where nothing is."""
    return _kept(note_of(workspace, KIND, version))


def latest_readings(workspace: Address) -> tuple[Reading, ...]:
    """Give the readings of the newest calibration of any version."""
    kept = _kept(newest_note(workspace, KIND))
    return () if kept is None else kept.readings


def calibration_in_use(workspace: Address, version: str) -> Calibration | None:
    """Give the parameters that checks of a version use."""
    kept = kept_calibration(workspace, version)
    return kept.calibration if kept is not None and kept.in_use else None


def keep(workspace: Address, version: str, kept: Kept) -> None:
    """Keep a calibration in place of the former one."""
    keep_note(workspace, KIND, version, {
        "in_use": kept.in_use, "calibration": kept.calibration.doc(), "readings": [one.doc() for one in kept.readings],
        "document": kept.document,
    })  # fmt: skip


def _kept(document: dict[str, Any] | None) -> Kept | None:
    if document is None:
        return None
    return Kept(
        Calibration.from_doc(document["calibration"]), tuple(Reading.from_doc(row) for row in document["readings"]),
        bool(document["in_use"]), document["document"],
    )  # fmt: skip
