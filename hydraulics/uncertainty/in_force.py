"""A peak model with calibrated parameters in force."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hydraulics.model import write_model
from hydraulics.uncertainty.calibrated import calibrated_tables
from hydraulics.uncertainty.known import known_of

if TYPE_CHECKING:
    from pathlib import Path

    from gis.network import Network
    from hydraulics.model import PeakModel
    from hydraulics.uncertainty.calibrated import Calibration


def calibrated_model(
    model: PeakModel, network: Network, calibration: Calibration, scratch: Path
) -> PeakModel:
    """Write the model with a calibration's roughness and demand."""
    known = model.known or known_of(network, model.tables)
    tables = calibrated_tables(model.tables, known.groups, calibration)
    zh, en = model.description
    text = (
        f"{zh}；糙率与用水量经 {calibration.readings_count} 个实测压力率定",
        f"{en}; calibrated to {calibration.readings_count} readings",
    )
    written = write_model(tables, scratch, version=model.version, description=text)
    return replace(written, calibration=calibration, known=known, derived=model.derived)
