"""Known: how sure the GIS is of what a model is made of, by the model's own links and nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.uncertainty.groups import groups_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from gis.network import Network
    from hydraulics.results import FloatArray
    from hydraulics.tables import ModelTables
    from hydraulics.uncertainty.groups import Groups

_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Known:
    """
    What is known of a model's pipes and nodes; what is cut off comes after all else.

    Attributes
    ----------
    groups
        Pipes that share their roughness.
    words
        Every word of confidence, in the order that the codes count.
    pipe_row
        Shape (links,): row of the pipe in its layer, -1 for devices and pieces.
    length_m
        Shape (links,): of the pipe by its layer; NaN without one.
    dn, roughness
        Shape (links,): code of the word for the size and for the roughness; -1 without one.
    elevation
        Shape (nodes,): code of the word for the ground.
    """

    groups: Groups
    words: tuple[str, ...]
    pipe_row: NDArray[np.int64]
    length_m: FloatArray
    dn: NDArray[np.int16]
    roughness: NDArray[np.int16]
    elevation: NDArray[np.int16]

    def pipes(self, links: Sequence[int], ids: Sequence[str]) -> pd.DataFrame:
        """Give the pipes among some links, each once, in the order of their layer; `ids` are those of all links."""
        import pandas as pd  # loading it is a tenth of a cold start: only who asks waits

        rows, first = np.unique(self.pipe_row[links], return_index=True)
        chosen = np.asarray(links)[first[rows >= 0]]
        return pd.DataFrame({
            "pipe_id": [ids[link] for link in chosen], "length_m": self.length_m[chosen],
            "dn_confidence": self._said(self.dn[chosen]), "roughness_confidence": self._said(self.roughness[chosen]),
        })  # fmt: skip

    def ground(self, nodes: Sequence[int]) -> list[str]:
        """Give the words for the ground at some nodes."""
        return [self.words[code] for code in self.elevation[list(nodes)].tolist()]

    def _said(self, codes: NDArray[np.int16]) -> list[str | None]:
        return [self.words[code] if code >= 0 else None for code in codes.tolist()]


def known_of(network: Network, tables: ModelTables) -> Known:
    """Look up in the layers what is known of a model."""
    import pandas as pd

    rest = tables.cut_off
    links = tables.link_ids + (() if rest is None else rest.link_ids)
    nodes = tables.node_ids + (() if rest is None else rest.node_ids)
    pipes, grounds = network.pipes, network.nodes
    rows = _rows(pipes["pipe_id"], links)
    ground = _at(grounds["elevation_confidence"].astype(str), _rows(grounds["node_id"], nodes), _UNKNOWN)
    columns = [_at(pipes[name], rows, None) for name in ("dn_confidence", "roughness_confidence")]
    codes, words = pd.factorize(np.concatenate([*columns, ground]))
    dn, roughness, elevation = np.split(codes.astype(np.int16), [len(links), 2 * len(links)])
    return Known(
        groups_of(network, tables), tuple(str(word) for word in words), rows,
        np.append(pipes["length_m"].to_numpy(dtype=np.float64), np.nan)[rows], dn, roughness, elevation,
    )  # fmt: skip


def _rows(ids: pd.Series, wanted: tuple[str, ...]) -> NDArray[np.int64]:
    import pandas as pd

    return np.asarray(pd.Index(ids).get_indexer(pd.Index(wanted)), dtype=np.int64)


def _at(words: pd.Series, rows: NDArray[np.int64], without: str | None) -> NDArray[np.object_]:
    """Give the word of each row, `without` for row -1."""
    every = np.empty(len(words) + 1, dtype=object)
    every[:-1], every[-1] = words.to_numpy(dtype=object), without
    found: NDArray[np.object_] = every[rows]
    return found
