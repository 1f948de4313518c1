"""The peak model that checks use: the version's own, with the parameters that readings gave it where those are in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.field.kept import calibration_in_use
from hydraulics.kept.model import kept_model
from hydraulics.uncertainty.in_force import calibrated_model

if TYPE_CHECKING:
    from pathlib import Path

    from api.settings import Settings
    from gis.network import Network
    from hydraulics.model import PeakModel


def model_in_force(settings: Settings, network: Network, scratch: Path) -> PeakModel:
    """Write the model of a version into `scratch`; the version's own is taken from beside it where it lies there."""
    model = kept_model(network, scratch, basis=settings.peak_basis)
    if not settings.calibrated:
        return model
    found = calibration_in_use(settings.workspace, network.version)
    return model if found is None else calibrated_model(model, network, found, scratch / "calibrated")
