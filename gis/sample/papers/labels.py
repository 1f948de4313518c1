"""From our words to those of a Chinese utility: column headings and code values by the attribute dictionary."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.sample.settings import parameters
from gis.schema import codes, layers


def chinese_codes(layer: str, attribute: str, values: NDArray[np.object_]) -> NDArray[np.object_]:
    """Labels of code values; None and empty text stay as they are."""
    words = {code: entry.label_zh for code, entry in codes(layer, attribute).items()}
    return np.array([words[v] if v else v for v in values], dtype=object)


def chinese_table(layer: str, columns: dict[str, Any], geometry: Any) -> gpd.GeoDataFrame:
    """A layer with Chinese headings and code labels; `columns` are named as in the attribute dictionary."""
    spoken = {}
    for attribute in layers()[layer].attributes:
        if attribute.name in columns:
            values = columns[attribute.name]
            if attribute.value_type == "code":
                values = chinese_codes(layer, attribute.name, np.asarray(values, dtype=object))
            spoken[attribute.label_zh] = values
    return gpd.GeoDataFrame(pd.DataFrame(spoken), geometry=geometry, crs=parameters()["crs"])


def numbered(prefix: str, count: int, *, digits: int = 6) -> NDArray[np.object_]:
    """Ids such as DL000001."""
    return np.array([f"{prefix}{n:0{digits}d}" for n in range(1, count + 1)], dtype=object)
