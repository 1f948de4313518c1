"""`tapwright calibrate`: fit the model to readings, keep it with the version, say plainly how good it is."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from api.errors import CallError
from api.field.kept import Kept, keep, kept_calibration, latest_readings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.settings import Settings
    from gis.network import Network
    from gis.progress import Progress
    from hydraulics.demand.basis import PeakBasis
    from hydraulics.session import Session
    from hydraulics.uncertainty.calibrate import Fit
    from hydraulics.uncertainty.readings import Reading

_DOUBTFUL = 3.0  # standard deviations by which a reading misses the fitted model


def calibrate_workspace(
    settings: Settings, readings: Path | None, *, fresh: bool, switch: bool | None, plots: Path | None = None,
    progress: Progress,
) -> dict[str, Any]:  # fmt: skip
    """
    Calibrate the current version, or turn its calibration on or off, or tell what is kept.

    New readings come to those kept, also those of an earlier version whose nodes are still there, unless `fresh`; one
    of the same node, load and date takes the place of the former. A calibration that leaves the readings unexplained is
    kept but not used until somebody switches it on; one that somebody switched off stays off.

    Raises
    ------
    CallError
        `calibration-none`, and what `read_readings` refuses.
    """
    from gis.store import open_store

    workspace = settings.workspace
    network = open_store(workspace).open(None)
    kept = kept_calibration(workspace, network.version)
    if readings is not None:
        earlier = () if fresh else (kept.readings if kept else latest_readings(workspace))
        switched_off = kept is not None and kept.calibration.is_sound and not kept.in_use
        kept = _calibrated(network, readings, earlier, progress, basis=settings.peak_basis)
        kept = replace(kept, in_use=kept.in_use and not switched_off)
        keep(workspace, network.version, kept)
    if kept is None:
        raise CallError("calibration-none", version=network.version)
    if switch is not None:
        kept = replace(kept, in_use=switch)
        keep(workspace, network.version, kept)
    if plots is not None:
        from api.pressure.plots import write_residual_plots

        write_residual_plots(kept.document, plots, fonts=settings.fonts)
    return {**kept.document, "in_use": kept.in_use}


def _calibrated(
    network: Network, path: Path, earlier: Sequence[Reading], progress: Progress, *, basis: PeakBasis
) -> Kept:
    """Fit the version's own model; what is promised but not built draws nothing when somebody reads a gauge."""
    from api.field.readings_file import read_readings
    from hydraulics.model import build_peak_model
    from hydraulics.session import Session
    from hydraulics.uncertainty.calibrate import calibrate
    from hydraulics.uncertainty.groups import groups_of

    with (
        tempfile.TemporaryDirectory(prefix="tapwright-") as folder,
        Session(build_peak_model(network, Path(folder) / "model", basis=basis)) as session,
    ):
        found = read_readings(path, session)
        new = {(one.node_id, one.load, one.date) for one in found}
        known = [
            one for one in earlier
            if (one.node_id, one.load, one.date) not in new
            and all(_stands(session, node) for node in (one.node_id, one.flow_node_id) if node)
        ]  # fmt: skip
        groups = groups_of(network, session.model.tables)
        fit = calibrate(session, groups, [*known, *found], scratch=Path(folder) / "fit", progress=progress)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        fit = replace(fit, calibration=replace(fit.calibration, made=made, source=path.name))
        return Kept(
            fit.calibration, fit.readings, fit.calibration.is_sound, _document(network.version, session, fit)
        )


def _stands(session: Session, node_id: str) -> bool:
    place = session.node_position.get(node_id)
    return (
        place is not None
        and bool(np.isfinite(session.base.pressure_m[place]))
        and bool(session.index.is_junction[place])
    )


def _document(version: str, session: Session, fit: Fit) -> dict[str, Any]:
    one = fit.calibration
    parameters = [
        {
            "name": name, "kind": kind, "factor": round(what.factor, 4), "prior_share": round(what.prior_share, 4),
            "share": round(what.share, 4), "identified": what.is_identified,
            "at_bound": what.is_at_bound,
        }
        for kind, name, what in [*(("roughness", n, f) for n, f in one.roughness.items()), ("demand", "demand", one.demand)]
    ]  # fmt: skip
    residuals = [
        {
            "node_id": read.node_id, "name": read.name, "date": read.date, "demand_factor": read.demand_factor,
            "flow_node_id": read.flow_node_id, "flow_lps": round(read.flow_m3s * 1000.0, 4),
            "read_m": round(read.pressure_m, 3), "before_m": round(before, 3), "after_m": round(after, 3),
            "residual_m": round(after - read.pressure_m, 3), "accuracy_m": read.accuracy_m,
            "is_doubtful": bool(abs(after - read.pressure_m) > _DOUBTFUL * read.accuracy_m),
        }
        for read, before, after in zip(fit.readings, fit.before_m.tolist(), fit.after_m.tolist(), strict=True)
    ]  # fmt: skip
    return {
        "network_version": version, "scenario": session.model.scenario, "made": one.made, "source": one.source,
        "readings": one.readings_count, "sound": one.is_sound, "rms_before_m": round(one.rms_before_m, 3),
        "rms_after_m": round(one.rms_after_m, 3), "worst_after_m": round(one.worst_after_m, 3),
        "parameters": parameters, "alike": [list(pair) for pair in fit.alike], "residuals": residuals,
    }  # fmt: skip
