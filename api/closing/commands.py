"""What the commands that close valves ask of the workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from api.workbench import Workbench
    from gis.progress import Progress

    Placed = tuple[tuple[float, float] | None, str | None]


def isolate(bench: Workbench, arguments: argparse.Namespace, place: Placed, _: Progress) -> dict[str, Any]:
    """Say what to close for work at a place; with --out the list of customers to tell."""
    position, crs = place
    return bench.isolate(
        node=arguments.node, pipe=arguments.pipe, position=position, crs=crs,
        failed=arguments.failed_valve, by_pressure=not arguments.quick, starts=arguments.starts,
        lasts_hours=arguments.hours, out=arguments.out,
    )  # fmt: skip


def valves(bench: Workbench, arguments: argparse.Namespace, _: Placed, progress: Progress) -> dict[str, Any]:
    """Say where one more valve would help most, or which of those that are there matter most."""
    return bench.valves(arguments.step, arguments.out, count=arguments.count, progress=progress)


RUNS: dict[str, Callable[[Workbench, argparse.Namespace, Placed, Progress], dict[str, Any]]] = {
    "isolate": isolate,
    "valves": valves,
}
