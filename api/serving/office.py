"""Office: all that the server holds open between calls."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from api.intake.office import Intake
    from api.jobs.desk import Desk
    from api.network.versions import Differences
    from api.pressure.scenario import Wanted
    from api.serving.shelf import Shelf
    from api.serving.tiles import HeldTiles
    from api.store.state import State
    from api.store.tile_file import TileFile
    from gis.network import Network
    from gis.progress import Progress


class Bench(Protocol):
    """What the routes need of `api.workbench.Workbench`; tests give a small one of their own."""

    @property
    def network(self) -> Network: ...

    @property
    def register_mark(self) -> str: ...

    @property
    def today(self) -> date: ...

    def info(self) -> dict[str, Any]: ...

    def warm_up(self, progress: Progress) -> None: ...

    def tapoffs(
        self, position: tuple[float, float], *, count: int, within_m: float, status: str | None
    ) -> list[dict[str, Any]]: ...

    def site_card(self, position: tuple[float, float]) -> dict[str, Any]: ...

    def pipe_pressures_mpa(self) -> NDArray[Any]: ...

    def isolate(
        self,
        *,
        node: str | None,
        pipe: str | None,
        position: tuple[float, float] | None,
        failed: Sequence[str],
        by_pressure: bool,
        starts: str | None,
        lasts_hours: float | None,
    ) -> dict[str, Any]: ...

    def check(
        self,
        *,
        node: str | None,
        position: tuple[float, float] | None,
        flow_lps: float,
        required_pressure_m: float | None,
        want_nodes: bool,
        wanted: Wanted,
    ) -> dict[str, Any]: ...

    def scheme(self, request: Mapping[str, Any], out: Path, *, progress: Progress) -> Any: ...

    def renewal_assess(
        self, parameters: Mapping[str, Any] | None, out: Path, *, progress: Progress
    ) -> dict[str, Any]: ...

    def renewal_coordinate(
        self, parameters: Mapping[str, Any] | None, out: Path, *, progress: Progress
    ) -> dict[str, Any]: ...

    def capacity(self, request: Mapping[str, Any], out: Path, *, progress: Progress) -> dict[str, Any]: ...

    def outages(self, request: Mapping[str, Any], out: Path, *, progress: Progress) -> dict[str, Any]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Office:
    """
    The workbench, the state people made, the desk where long work is done, and who we are.

    `warm` is set once the first question need not wait any more; `workspace_id` tells a caller
    that this server holds the workspace it means, without naming the folder.
    """

    bench: Bench
    state: State
    desk: Desk
    shelf: Shelf
    intake: Intake
    tiles: HeldTiles
    disk: TileFile | None
    differences: Differences
    workspace: Path
    workspace_id: str
    software: str
    warm: threading.Event

    @cached_property
    def pipe_ids(self) -> frozenset[str]:
        """Ids of all pipes of the version."""
        return frozenset(self.bench.network.pipes["pipe_id"].astype(str))

    @cached_property
    def pipe_places(self) -> dict[str, tuple[float, float]]:
        """Lon, lat in the middle of every pipe; empty for a network without a coordinate system."""
        return self.tiles.server.places("pipes")

    @cached_property
    def style(self) -> dict[str, dict[str, Any]]:
        """The map style in each language."""
        from maps.styling.style import map_style

        version, bounds, text = (
            self.bench.network.stamp,
            self.tiles.server.bounds(),
            self.tiles.server.label_text(),
        )
        return {
            "zh": map_style(version, bounds, "zh", label_text=text),
            "en": map_style(version, bounds, "en", label_text=text),
        }
