"""A peak model with calibrated parameters in force."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hydraulics.model import write_model
from hydraulics.uncertainty.calibrated import calibrated_tables
from hydraulics.uncertainty.groups import groups_of

if TYPE_CHECKING:
    from pathlib import Path

    from gis.network import Network
    from hydraulics.model import PeakModel
    from hydraulics.uncertainty.calibrated import Calibration


def calibrated_model(
    model: PeakModel, network: Network, calibration: Calibration, scratch: Path
) -> PeakModel:
    """Write the model with a calibration's roughness and demand."""
    tables = calibrated_tables(model.tables, groups_of(network, model.tables), calibration)
    zh, en = model.description
    text = (
        f"{zh}；糙率与用水量经 {calibration.readings_count} 个实测压力率定",
        f"{en}; calibrated to {calibration.readings_count} readings",
    )
    return replace(
        write_model(tables, scratch, version=model.version, description=text), calibration=calibration
    )
