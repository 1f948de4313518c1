"""Renewal as one GeoPackage: a layer for each frame, and a table with what it was made from."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio

from gis.files.whole import replaced_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_layers(layers: Mapping[str, gpd.GeoDataFrame], doc: Mapping[str, Any], path: Path) -> Path:
    """
    Write frames as layers of one GeoPackage, wholly or not at all.

    Frames are those of design/renewal/reports/layers.py; rows without a place keep their attributes with a null geometry. The table
    `run` holds the provenance of `doc` as keys and JSON values.
    """
    with replaced_whole(path) as part:
        for name, frame in layers.items():
            _write_layer(frame, name, part)
        made = doc["provenance"]
        run = pd.DataFrame(
            {"key": list(made), "value": [json.dumps(value, ensure_ascii=False) for value in made.values()]}
        )
        pyogrio.write_dataframe(run, part, layer="run", append=part.exists())
    return path


def _write_layer(frame: gpd.GeoDataFrame, name: str, path: Path) -> None:
    kinds = set(frame.geometry.geom_type.dropna())
    geometry_type = kinds.pop() if len(kinds) == 1 else "Unknown"
    with warnings.catch_warnings():
        # A local plane, or a register without any place, has no CRS, and that is right.
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
        pyogrio.write_dataframe(
            frame, path, layer=name, driver="GPKG", append=path.exists(), geometry_type=geometry_type
        )
