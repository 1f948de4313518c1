"""Commands about the whole network: calibration, capacity maps, outages of every pipe."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from api.settings import Settings, read_settings

if TYPE_CHECKING:
    import argparse

    from api.workbench import Workbench
    from gis.progress import Progress


def _settings(arguments: argparse.Namespace) -> Settings:
    return read_settings(workspace=arguments.workspace)


def _bench(arguments: argparse.Namespace) -> closing[Workbench]:
    from api.workbench import Workbench

    return closing(Workbench.open(_settings(arguments)))


def calibrate(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Fit the model of the current version to readings, or turn its calibration on or off."""
    from api.field.calibration import calibrate_workspace

    switch = None if arguments.switch is None else arguments.switch == "on"
    return calibrate_workspace(
        _settings(arguments), arguments.readings, fresh=arguments.fresh, switch=switch, plots=arguments.plots,
        progress=progress,
    )  # fmt: skip


def capacity(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Spare capacity of every junction and tap-off, as tables and a map."""
    from api.pressure.capacity import write_capacity
    from api.workbench import DEFAULT_LIMIT_M

    with _bench(arguments) as bench:
        return write_capacity(
            bench, arguments.out, required_pressures_m=arguments.required_pressure_m or [DEFAULT_LIMIT_M],
            no_worse_m=arguments.no_worse_m, cap_lps=arguments.cap_lps, reserved=arguments.reserved,
            tapoffs_out=arguments.tapoffs_out, map_out=arguments.map, processes=arguments.processes, plots=arguments.plots,
            progress=progress,
        )  # fmt: skip


def outages(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """What the network loses without each pipe, as a table."""
    from api.pressure.outages import write_outages
    from api.workbench import DEFAULT_LIMIT_M

    wanted_m = arguments.required_pressure_m
    with _bench(arguments) as bench:
        return write_outages(
            bench.city.session, bench.network, arguments.out, required_pressure_m=DEFAULT_LIMIT_M if wanted_m is None else wanted_m,
            progress=progress, plots=arguments.plots, fonts=bench.settings.fonts,
        )  # fmt: skip
