"""Pipes that share their roughness: of one material, lining and age, or of one coefficient where that is all there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hydraulics.uncertainty.figures import spread

if TYPE_CHECKING:
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
    labels = _labels(network.pipes, rows, tables.roughness_factor[:count], tables.options.formula)
    codes, names = pd.factorize(pd.Series(labels), sort=True)
    group = np.full(links, -1, dtype=np.int64)
    group[:count] = codes
    known = spread()
    sure = _words(network.pipes, "roughness_confidence", rows)
    shares = np.array([known.roughness_share[word] for word in sure])
    # A group is as sure as its pipes are by length.
    length_m = np.maximum(tables.length_m[:count], 1e-6)
    weight_m = np.bincount(codes, weights=length_m, minlength=len(names))
    by_group = np.sqrt(np.bincount(codes, weights=length_m * shares**2, minlength=len(names)) / weight_m)
    bore = np.zeros(links)
    bore[:count] = [known.bore_share[word] for word in _words(network.pipes, "dn_confidence", rows)]
    rest = () if tables.cut_off is None else tables.cut_off.node_ids
    nodes = _rows(network.nodes["node_id"], tables.node_ids + rest)
    ground = [known.elevation_m[word] for word in _words(network.nodes, "elevation_confidence", nodes)]
    return Groups(tuple(str(name) for name in names), group, by_group, bore, np.array(ground))


def _rows(ids: pd.Series, wanted: tuple[str, ...]) -> NDArray[np.int64]:
    """Row of each wanted id, -1 where there is none; a piece of a cut pipe is found by the pipe it was."""
    table = pd.Index(ids.astype(str))
    table = table[~table.duplicated()]
    whole = [name.rpartition("~")[0] or name for name in wanted]
    rows = table.get_indexer(pd.Index(wanted))
    return np.where(rows >= 0, rows, table.get_indexer(pd.Index(whole))).astype(np.int64)


def _words(table: pd.DataFrame, column: str, rows: NDArray[np.int64]) -> list[str]:
    known = spread().elevation_m
    values = np.append(table[column].fillna("unknown").astype(str).to_numpy(dtype=object), "unknown")
    return [word if word in known else "unknown" for word in values[rows]]


def _labels(
    pipes: pd.DataFrame, rows: NDArray[np.int64], roughness_factor: FloatArray, formula: str
) -> list[str]:
    letter = {"H-W": "C", "D-W": "mm", "C-M": "n"}[formula]
    material = np.append(pipes["material"].fillna("unknown").astype(str).to_numpy(dtype=object), "unknown")[
        rows
    ]
    lining = np.append(pipes["lining"].fillna("unknown").astype(str).to_numpy(dtype=object), "unknown")[rows]
    year = np.append(pipes["install_year"].to_numpy(dtype=float, na_value=np.nan), np.nan)[rows]
    return [
        f"{letter}={rough:.4g}" if what == "unknown" else f"{what}/{lined}/{_decade(when)}"
        for what, lined, when, rough in zip(material, lining, year, roughness_factor, strict=True)
    ]


def _decade(when_year: float) -> str:
    return "?" if np.isnan(when_year) else f"{int(when_year) // _DECADE_YEARS * _DECADE_YEARS}s"
