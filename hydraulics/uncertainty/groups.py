"""Pipes that share their roughness: of one material, lining and age, or of one coefficient where that is all there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.uncertainty.figures import spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from gis.network import Network
    from hydraulics.results import FloatArray
    from hydraulics.tables import ModelTables

_DECADE_YEARS = 10


@dataclass(frozen=True)
class Groups:
    """
    What is known of a model's pipes and nodes.

    Attributes
    ----------
    names
        One a group: `DI/lined/1990s`, or `C=100` (mm or n in other formulas).
    group
        Shape (links,): group of every pipe, -1 for devices.
    roughness_share
        Shape (groups,): standard deviation of the logarithm of the coefficient.
    bore_share
        Shape (links,): relative standard deviation of the bore.
    elevation_sd_m
        Shape (nodes,): of the ground.
    """

    names: tuple[str, ...]
    group: NDArray[np.int64]
    roughness_share: FloatArray
    bore_share: FloatArray
    elevation_sd_m: FloatArray


def groups_of(network: Network, tables: ModelTables) -> Groups:
    """Sort the pipes of a model into groups and say how sure each figure is."""
    links, count = len(tables.link_ids), tables.pipe_count
    rows = _rows(network.pipes["pipe_id"], tables.link_ids[:count])
    codes, names = _grouped(
        network.pipes, rows, tables.roughness_factor[:count], formula=tables.options.formula
    )
    group = np.full(links, -1, dtype=np.int64)
    group[:count] = codes
    known = spread()
    shares = _by_word(network.pipes["roughness_confidence"], rows, known.roughness_share)
    # A group is as sure as its pipes are by length.
    length_m = np.maximum(tables.length_m[:count], 1e-6)
    weight_m = np.bincount(codes, weights=length_m, minlength=len(names))
    by_group = np.sqrt(np.bincount(codes, weights=length_m * shares**2, minlength=len(names)) / weight_m)
    bore = np.zeros(links)
    bore[:count] = _by_word(network.pipes["dn_confidence"], rows, known.bore_share)
    rest = () if tables.cut_off is None else tables.cut_off.node_ids
    nodes = _rows(network.nodes["node_id"], tables.node_ids + rest)
    ground_m = _by_word(network.nodes["elevation_confidence"], nodes, known.elevation_m)
    return Groups(names, group, by_group, bore, ground_m)


def _rows(ids: pd.Series, wanted: tuple[str, ...]) -> NDArray[np.int64]:
    """Row of each wanted id, -1 where there is none; a piece of a cut pipe is found by the pipe it was."""
    names = [str(name) for name in ids.tolist()]
    row_of = dict(zip(reversed(names), range(len(names) - 1, -1, -1), strict=True))  # the first of equal ones
    found = [row_of.get(name, -1) for name in wanted]
    rows = np.array(found, dtype=np.int64)
    for place in np.flatnonzero(rows < 0):
        rows[place] = row_of.get(wanted[place].rpartition("~")[0], -1)
    return rows


def _by_word(words: pd.Series, rows: NDArray[np.int64], figures: Mapping[str, float]) -> FloatArray:
    """The figure of each row's word; that of `unknown` for a word without one and for row -1."""
    import pandas as pd  # half of a cold start: only who asks waits

    codes, known = pd.factorize(words)
    by_code = np.array([figures.get(str(word), figures["unknown"]) for word in (*known, "unknown")])
    return np.asarray(by_code[np.append(codes, -1)[rows]], dtype=np.float64)


def _grouped(
    pipes: pd.DataFrame, rows: NDArray[np.int64], roughness_factor: FloatArray, *, formula: str
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Group of every model pipe, and the groups' names in order."""
    import pandas as pd

    letter = {"H-W": "C", "D-W": "mm", "C-M": "n"}[formula]
    (material, materials), (lining, linings) = (_coded(pipes[name], rows) for name in ("material", "lining"))
    year = np.append(pipes["install_year"].to_numpy(dtype=float, na_value=np.nan), np.nan)[rows]
    decades, decade = np.unique(year // _DECADE_YEARS * _DECADE_YEARS, return_inverse=True)
    figures, figure = np.unique(roughness_factor, return_inverse=True)
    # Without a material the coefficient is all there is; with one it does not part a group.
    is_bare = np.array([name == "unknown" for name in materials])[material]
    sizes = (len(materials), len(linings), len(decades), len(figures))
    parts = (np.where(is_bare, 0, lining), np.where(is_bare, 0, decade), np.where(is_bare, figure, 0))
    codes, keys = pd.factorize(np.ravel_multi_index((material, *parts), sizes))
    labels = [
        f"{letter}={figures[rough]:.4g}" if materials[what] == "unknown" else f"{materials[what]}/{linings[lined]}/{_decade(decades[when])}"
        for what, lined, when, rough in zip(*(part.tolist() for part in np.unravel_index(keys, sizes)), strict=True)
    ]  # fmt: skip
    names = sorted(set(labels))
    at = {name: number for number, name in enumerate(names)}
    return np.array([at[label] for label in labels], dtype=np.int64)[codes], tuple(names)


def _coded(words: pd.Series, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    import pandas as pd

    codes, known = pd.factorize(words)
    names = (*(str(word) for word in known), "unknown")
    codes = np.where(codes < 0, len(names) - 1, codes)
    return np.append(codes, len(names) - 1)[rows].astype(np.int64), names


def _decade(first_year: float) -> str:
    return "?" if np.isnan(first_year) else f"{int(first_year)}s"
