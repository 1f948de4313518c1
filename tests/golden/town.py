"""Workspaces of the golden sites: the sample city, and Sant Boi from the real data beside the checkout."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tests.golden.sites import TODAY

if TYPE_CHECKING:
    from api.workbench import Workbench

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data" / "gis" / "giswater_santboi"


def sample_workspace(folder: Path) -> Path:
    """The 2,000-pipe sample city, seed 7, imported."""
    from api.network.imports import import_into
    from gis.sample.city import write_sample

    write_sample(folder / "sources", seed=7, pipes=2000)
    import_into(folder / "w", [folder / "sources"])
    return folder / "w"


def santboi_workspace(folder: Path) -> Path:
    """Sant Boi with its terrain, imported with the mapping of the import tests."""
    from api.network.imports import import_into

    sources = [SHARED / "santboi_ws.gpkg", SHARED / "dem_5m_epsg25831.asc"]
    import_into(folder / "w", sources, mapping=ROOT / "tests/gis/mappings/santboi.toml")
    return folder / "w"


def opened(workspace: Path) -> Workbench:
    """A workbench that judges by the rules and prices of the day the facts were reviewed."""
    from dataclasses import replace

    from api.settings import read_settings
    from api.workbench import Workbench

    settings = read_settings(workspace=str(workspace))
    return Workbench.open(replace(settings, fixed_day=date.fromisoformat(TODAY)))
