"""The parameters and names of the sample city (data/sample/*.toml), and its streams of random numbers."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.files.shipped import shipped_table

# Element types are by convention: numpy's own stubs lose them in most of the arithmetic done here.
FloatArray = NDArray[Any]
IntArray = NDArray[Any]
BoolArray = NDArray[Any]

STREET_CLASSES = ("expressway", "arterial", "secondary", "branch", "lane")
EXPRESSWAY, ARTERIAL, SECONDARY, BRANCH, LANE = range(5)


@cache
def parameters() -> dict[str, Any]:
    """What makes the city look as it does: data/sample/city.toml."""
    return _read("city.toml")


@cache
def names() -> dict[str, Any]:
    """Words that place names are made of: data/sample/names.toml."""
    return _read("names.toml")


def _read(file: str) -> dict[str, Any]:
    return shipped_table("gis", "sample", file)


def stream(seed: int, stage: str) -> np.random.Generator:
    """Random numbers of one stage: adding draws to one stage leaves every other as it was."""
    return np.random.default_rng([seed, zlib.crc32(stage.encode())])


def street_values(key: str) -> FloatArray:
    """One number of [street.*] by street class, shape (5,)."""
    streets = parameters()["street"]
    return np.array([float(streets[name][key]) for name in STREET_CLASSES])


def drawn(rng: np.random.Generator, shares: dict[str, float], count: int) -> NDArray[Any]:
    """`count` keys of a table of shares."""
    keys = list(shares)
    weights = np.array([shares[k] for k in keys], dtype=np.float64)
    picked = rng.choice(len(keys), size=count, p=weights / weights.sum())
    return np.array(keys, dtype=object)[picked]


def known_if(mask: BoolArray, values: NDArray[Any]) -> NDArray[np.object_]:
    """Values where the mask holds, None elsewhere."""
    result = np.full(len(values), None, dtype=object)
    result[mask] = values[mask]
    return result


def between(rng: np.random.Generator, limits: list[float], count: int) -> FloatArray:
    """Numbers drawn evenly between two limits, shape (count,)."""
    return rng.uniform(limits[0], limits[1], count)


def within_group(sizes: IntArray) -> IntArray:
    """0, 1, ... restarting for every group: the rank of each row after np.repeat(x, sizes)."""
    total = int(sizes.sum())
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.arange(total, dtype=np.int64) - starts
