"""Where capacity maps are kept: `capacity/<version>-<model>/<scenario and rule>/` in the workspace."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.files.whole import write_whole
from hydraulics.spare.chunk import Chunk
from hydraulics.spare.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path

    from hydraulics.capacity import CapacityRule
    from hydraulics.model import PeakModel

FOLDER = "capacity"
FORMAT = 1
_PLAN, _MAP, _PICTURE, _STALE = "plan.json", "map.json", "model.npz", "stale.json"


@dataclass(frozen=True)
class MapFolder:
    """One map: of one model (version, promised demands, calibration), one scenario, one rule."""

    path: Path

    @property
    def picture(self) -> Path:
        """The model the map is of, shared by all rules."""
        return self.path.parent / _PICTURE

    def plan(self) -> Plan | None:
        """What was planned, None when nothing was or by another release."""
        document = _read(self.path / _PLAN)
        return Plan.from_doc(document) if document and document.get("format") == FORMAT else None

    def begin(self, plan: Plan) -> None:
        """Keep a plan; chunks of another one go."""
        self.path.mkdir(parents=True, exist_ok=True)
        if self.plan() != plan:
            for file in self.path.glob("*"):
                file.unlink(missing_ok=True)
            write_whole(self.path / _PLAN, json.dumps({"format": FORMAT, **plan.doc()}, ensure_ascii=False))

    def chunk_file(self, number: int) -> Path:
        """Where a chunk is kept."""
        return self.path / f"chunk-{number:05d}.csv"

    def chunk(self, number: int) -> Chunk | None:
        """Read a chunk; None when it was not found yet or its file is not whole."""
        try:
            return Chunk.from_text(self.chunk_file(number).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def keep(self, number: int, chunk: Chunk) -> None:
        """Keep a chunk, wholly or not at all."""
        write_whole(self.chunk_file(number), chunk.text())

    def stale_shares(self) -> list[float] | None:
        """How much of what a kept answer may be off earlier changes have used up, for each chunk."""
        document = _read(self.path / _STALE)
        return None if document is None else [float(figure) for figure in document["stale_share"]]

    def keep_stale(self, stale_shares: list[float]) -> None:
        """Keep that."""
        write_whole(self.path / _STALE, json.dumps({"stale_share": stale_shares}))

    def summary(self) -> dict[str, Any] | None:
        """What was published, None before that."""
        return _read(self.path / _MAP)

    def discard(self) -> None:
        """Throw away what was found: the next run begins anew."""
        for file in self.path.glob("*"):
            file.unlink(missing_ok=True)

    def publish(self, summary: dict[str, Any]) -> None:
        """The map is found, tried, and may be given out from now on."""
        write_whole(self.path / _MAP, json.dumps(summary, ensure_ascii=False))


def map_folder(root: Path, model: PeakModel, rule: CapacityRule) -> MapFolder:
    """Give the place of a map."""
    digest = hashlib.sha256(model.inp.read_bytes()).hexdigest()[:10]
    key = f"{model.scenario}-p{rule.required_pressure_m:g}-w{rule.no_worse_m:g}-c{rule.cap_m3s * 1000.0:g}"
    return MapFolder(root / FOLDER / f"{model.version}-{digest}" / key)


def earlier_map(root: Path, here: MapFolder) -> MapFolder | None:
    """Give the newest published map of another model by the same scenario and rule."""
    found = [
        MapFolder(file.parent)
        for file in (root / FOLDER).glob(f"*/{here.path.name}/{_MAP}")
        if file.parent != here.path and (file.parent.parent / _PICTURE).exists()
    ]
    return max(found, key=lambda one: (one.path / _MAP).stat().st_mtime_ns, default=None)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return document if isinstance(document, dict) else None
