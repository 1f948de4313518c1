"""What a pressure rests on: how sure sizes, roughness and ground are along the way the water takes to the tie-in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from design.rules.ruleset import Finding, RuleSet, finding
from gis.messages import Text
from gis.schema import codes, layers
from hydraulics.tables import PipeState
from hydraulics.uncertainty.known import known_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.city import City
    from design.wire.scheme import ReliesDoc
    from hydraulics.results import TieIn
    from hydraulics.uncertainty.known import Known

ORDER = ("surveyed", "as-built", "inferred", "filled", "unknown")
DOUBTED = ("inferred", "filled")  # what nobody has seen; `unknown` is what a source did not say
SHOWN = 5
MOST_STILL = 2000  # nodes without flow that are walked through for the next with one


@dataclass(frozen=True)
class Reliance:
    """
    How sure the figures behind a pressure are.

    Attributes
    ----------
    path_m, pipe_count
        The main way of the water from its source to the tie-in.
    dn_m, roughness_m
        Length of that way by confidence.
    doubtful_pipes
        Pipes on it whose size was filled in or inferred, the longest first.
    elevation
        Confidence of the ground at the tie-in, the worse of two ends; it goes into the pressure one to one.
    assumed
        Pumps, valves and tanks on that way whose records do not suffice: something was assumed of them.
    """

    path_m: float
    pipe_count: int
    dn_m: Mapping[str, float]
    roughness_m: Mapping[str, float]
    doubtful_pipes: tuple[str, ...]
    elevation: str
    assumed: tuple[str, ...] = ()

    @property
    def doubted_m(self) -> float:
        """Length of the way with a size that nobody has seen [m]."""
        return sum(self.dn_m.get(word, 0.0) for word in DOUBTED)

    def doc(self) -> ReliesDoc:
        """As the answers give it."""
        document: ReliesDoc = {
            "path_length_m": round(self.path_m, 1), "path_pipes": self.pipe_count,
            "dn_m": {word: round(length_m, 1) for word, length_m in self.dn_m.items()},
            "roughness_m": {word: round(length_m, 1) for word, length_m in self.roughness_m.items()},
            "elevation_confidence": self.elevation, "doubtful_pipes": list(self.doubtful_pipes[:SHOWN]),
        }  # fmt: skip
        if self.assumed:
            document["assumed_devices"] = list(self.assumed[:SHOWN])
        return document


@dataclass(frozen=True)
class WaterWay:
    """
    The main way of the water to a tie-in, followed back from it.

    `own` is the tapped pipe, if any; `first_node` the node next to the tie-in, `to_first_m` away along that pipe;
    `links` lead from there to the source; `ends` are the nodes whose ground tells that of the tie-in.
    """

    own: tuple[int, ...]
    first_node: int
    to_first_m: float
    links: tuple[int, ...]
    ends: tuple[int, ...]


def water_way(city: City, tie_in: TieIn) -> WaterWay | None:
    """Follow the water back from a tie-in; None where none comes."""
    session, feeding = city.session, city.feeding
    index, to_first_m = session.index, 0.0
    if tie_in.node_id is not None:
        first = city.node_row(tie_in.node_id)
        own, ends = [], [first]
    else:
        link = session.link_position[tie_in.pipe_id or ""]
        ends = [int(index.link_start[link]), int(index.link_end[link])]
        first = max(ends, key=lambda end: float(np.nan_to_num(session.base.head_m[end], nan=-np.inf)))
        own = [link]
        share = tie_in.fraction if first == ends[0] else 1.0 - tie_in.fraction
        to_first_m = share * float(index.link_length_m[link])
    still, node = still_way(city, first)
    if feeding.source[node] < 0:
        return None
    return WaterWay(tuple(own), first, to_first_m, (*still, *feeding.way(node)), tuple(ends))


def reliance(city: City, tie_in: TieIn) -> Reliance | None:
    """How sure the figures along the water's way to a tie-in are; None where none comes."""
    way = water_way(city, tie_in)
    if way is None:
        return None
    ends = way.ends
    pipes = known_in(city).pipes([*way.own, *way.links], city.session.index.link_ids)
    length_m = pipes["length_m"].to_numpy(dtype=float)
    doubted = pipes["dn_confidence"].isin(DOUBTED).to_numpy(dtype=bool)
    longest = np.argsort(-length_m[doubted], kind="stable")
    return Reliance(
        float(length_m.sum()), len(pipes), _by_word(pipes, "dn_confidence"), _by_word(pipes, "roughness_confidence"),
        tuple(pipes["pipe_id"].to_numpy()[doubted][longest]), elevation_confidence(city, *ends), _assumed(city, way),
    )  # fmt: skip


def _assumed(city: City, way: WaterWay) -> tuple[str, ...]:
    """Devices on the way, its source included, of which the model assumes something."""
    model, index = city.session.model.tables, city.session.index
    if not model.doubts:
        return ()
    links = [*way.own, *way.links]
    nodes = {way.first_node, *index.link_start[links].tolist(), *index.link_end[links].tolist()}
    passed = {index.node_ids[node] for node in nodes} | {index.link_ids[link] for link in links}
    seats = city.once("device-nodes", lambda: _device_nodes(city))
    return tuple(dict.fromkeys(
        issue.subject for issue in model.doubts if {issue.subject, f"{issue.subject}.1", seats.get(issue.subject)} & passed
    ))  # fmt: skip


def _device_nodes(city: City) -> dict[str, str]:
    """Device to the node it stands on."""
    found: dict[str, str] = {}
    for name in ("pumps", "valves", "sources"):
        table = city.network.layer(name)
        found |= dict(
            zip(table[layers()[name].id_column].astype(str), table["node_id"].astype(str), strict=True)
        )
    return found


def still_way(city: City, node: int) -> tuple[list[int], int]:
    """Give the links from a node where nothing flows, such as the end of a stub, to the next where something does."""
    flowing = city.feeding.source
    index, before, queue = city.session.index, {node: (-1, -1)}, deque([node])
    starts, order = city.once("links-at-nodes", lambda: _links_at_nodes(city))
    closed = city.session.model.tables.pipe_state == PipeState.CLOSED
    while queue and len(before) < MOST_STILL:
        here = queue.popleft()
        if flowing[here] >= 0:
            links, back = [], here
            while before[back][0] >= 0:
                links.append(before[back][1])
                back = before[back][0]
            return links[::-1], here
        for link in order[starts[here] : starts[here + 1]] % len(index.link_ids):
            if link < len(closed) and not closed[link]:
                other = int(index.link_start[link] + index.link_end[link]) - here
                if other not in before:
                    before[other] = (here, int(link))
                    queue.append(other)
    return [], node


def _links_at_nodes(city: City) -> tuple[np.ndarray, np.ndarray]:
    """Where the links of each node begin in an order of all their ends; modulo the number of links gives the link."""
    index = city.session.index
    ends = np.concatenate([index.link_start, index.link_end])
    order = np.argsort(ends, kind="stable")
    return np.searchsorted(ends[order], np.arange(len(index.node_ids) + 1)), order


def _by_word(pipes: pd.DataFrame, column: str) -> dict[str, float]:
    sums = pipes["length_m"].astype(float).groupby(pipes[column].fillna("unknown").to_numpy()).sum()
    return {word: float(sums[word]) for word in ORDER if word in sums}


def elevation_confidence(city: City, *nodes: int) -> str:
    """Give the worse confidence of the ground at nodes of the model, by their places in it."""
    words = known_in(city).ground(nodes)
    return max(words, key=lambda word: ORDER.index(word) if word in ORDER else len(ORDER))


def known_in(city: City) -> Known:
    """Give what the GIS says of the pipes and nodes of the city's model."""
    model = city.session.model
    return model.known or city.once(("known", model.inp), lambda: known_of(city.network, model.tables))


def reliance_finding(known: Reliance, rules: RuleSet) -> Finding:
    """Warn where a pressure rests on sizes or ground that nobody has seen."""
    rule = rules.value("data-confidence")
    doubtful = known.doubted_m > rule.value or known.elevation in DOUBTED or bool(known.assumed)
    word = codes("nodes", "elevation_confidence")[known.elevation]
    pipes = "、".join(known.doubtful_pipes[:SHOWN]) or "—"
    devices = "、".join(known.assumed[:SHOWN])
    said = Text("design", "finding.data-confidence-assumed", {"devices": devices, "path_m": known.path_m})
    return finding(
        rule, "data-confidence", said=said if known.assumed else None, measured=known.doubted_m, limit=rule.value, unit=rule.unit,
        verdict="warn" if doubtful else "pass", path_m=known.path_m, pipes=pipes, elevation=word.label_zh,
        elevation_en=word.label_en,
    )  # fmt: skip
