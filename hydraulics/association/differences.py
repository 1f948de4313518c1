"""A model against the GIS: what is associated with what, and every difference a person should look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import shapely

from hydraulics.association.match import load_terms, told
from hydraulics.errors import ModelInputError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hydraulics.association.match import Terms, Told
    from hydraulics.results import FloatArray

Kind = Literal["diameter", "only-in-model", "only-in-gis", "closed-in-model", "closed-in-gis", "length"]
KINDS: tuple[Kind, ...] = (
    "only-in-model", "only-in-gis", "diameter", "closed-in-model", "closed-in-gis", "length",
)  # fmt: skip
_NOT_IN_GROUND = ("abandoned", "building")


@dataclass(frozen=True)
class Compared:
    """
    How a model and the GIS lie on each other.

    Attributes
    ----------
    associations
        One row a model pipe: its counterpart with most points, the share covered, the mean distance.
    differences
        One row a difference: kind, pipes, sizes, lengths, in the order of `KINDS`; geometry is where to look.
    model_covered_m, gis_covered_m
        Length of pipes that have a counterpart.
    """

    associations: gpd.GeoDataFrame
    differences: gpd.GeoDataFrame
    model_length_m: float
    gis_length_m: float
    model_covered_m: float
    gis_covered_m: float


def compared(model: gpd.GeoDataFrame, gis: gpd.GeoDataFrame, *, shut_pipes: set[str]) -> Compared:
    """
    Lay the pipes of a model over those of the GIS; both in the same plane, in metres.

    `shut_pipes` are pipes of the GIS behind closed valves. Service pipes of the GIS help to find counterparts, but
    none is missed in a model.

    Raises
    ------
    ModelInputError
        `compare-no-positions`: the model has no coordinates; `compare-apart`: the two do not lie on each other.
    """
    terms = load_terms()
    gis = gis[~gis["status"].isin(_NOT_IN_GROUND)].reset_index(drop=True)
    lines, gis_lines = model.geometry.to_numpy(), gis.geometry.to_numpy()
    if not (~(shapely.is_missing(lines) | shapely.is_empty(lines))).any():
        raise ModelInputError("compare-no-positions")
    bores = model["inner_diameter_m"].to_numpy(np.float64), gis["inner_diameter_m"].to_numpy(np.float64)
    forth = told(lines, bores[0], by=gis_lines, by_bore_m=bores[1], terms=terms)
    if not (forth.covered_share >= terms.covered_share).any():
        raise ModelInputError("compare-apart", away_m=round(_apart_m(lines, gis_lines)))
    back = told(gis_lines, bores[1], by=lines, by_bore_m=bores[0], terms=terms)
    pairs = _pairs(model, gis, forth, back, terms)
    rows = pd.concat([
        _only("only-in-model", model, forth, terms), _only("only-in-gis", gis, back, terms),
        _sizes(pairs, terms), _closed(pairs, shut_pipes), _lengths(pairs, terms),
    ], ignore_index=True)  # fmt: skip
    model_m, gis_m = model["length_m"].to_numpy(np.float64), gis["length_m"].to_numpy(np.float64)
    return Compared(
        _associations(model, gis, forth),
        _ordered(rows, model),
        float(model_m.sum()),
        float(gis_m.sum()),
        float((model_m * forth.covered_share).sum()),
        float((gis_m * back.covered_share).sum()),
    )


def _apart_m(lines: NDArray[np.object_], gis_lines: NDArray[np.object_]) -> float:
    """Distance between the middles of two drawings."""
    middles = [np.nanmean(shapely.get_coordinates(part), axis=0) for part in (lines, gis_lines)]
    return float(np.linalg.norm(middles[0] - middles[1]))


def _pairs(
    model: gpd.GeoDataFrame, gis: gpd.GeoDataFrame, forth: Told, back: Told, terms: Terms
) -> gpd.GeoDataFrame:
    """Pipes that lie on each other for long enough, with what is compared; the geometry is the model's."""
    here, there, points = forth.pairs()
    gis_rows, model_rows, gis_points = back.pairs()
    from_there = pd.Series(gis_points, index=pd.MultiIndex.from_arrays([model_rows, gis_rows]))
    both = pd.MultiIndex.from_arrays([here, there])
    share = points / terms.samples
    gis_share = from_there.reindex(both).fillna(0).to_numpy() / terms.samples
    kept = np.maximum(share, gis_share) >= terms.pair_share
    here, there = here[kept], there[kept]
    first, second = model.iloc[here].reset_index(drop=True), gis.iloc[there].reset_index(drop=True)
    return first[["geometry"]].assign(
        model_pipe_id=first["pipe_id"].astype(str), gis_pipe_id=second["pipe_id"].astype(str),
        model_bore_m=first["inner_diameter_m"].to_numpy(np.float64),
        gis_bore_m=second["inner_diameter_m"].to_numpy(np.float64),
        gis_dn=second["dn"].to_numpy(np.float64, na_value=np.nan),
        model_length_m=first["length_m"].to_numpy(np.float64), gis_length_m=second["length_m"].to_numpy(np.float64),
        model_closed=(first["status"] == "closed").to_numpy(), gis_closed=(second["status"] == "closed").to_numpy(),
        share=share[kept], gis_share=gis_share[kept], away_m=_mean_away_m(forth, here, there),
    )  # fmt: skip


def _mean_away_m(forth: Told, here: NDArray[np.int64], there: NDArray[np.int64]) -> FloatArray:
    own = forth.other[here] == there[:, None]
    return np.asarray(np.where(own, forth.away_m[here], 0.0).sum(axis=1) / own.sum(axis=1), dtype=np.float64)


def _only(kind: Kind, pipes: gpd.GeoDataFrame, side: Told, terms: Terms) -> gpd.GeoDataFrame:
    """Pipes without a counterpart."""
    missed = side.covered_share < terms.covered_share
    if kind == "only-in-gis":
        missed &= (pipes["role"] != "service").to_numpy()
    found = pipes[missed]
    which = "model" if kind == "only-in-model" else "gis"
    return found[["geometry"]].assign(**{
        "kind": kind, f"{which}_pipe_id": found["pipe_id"].astype(str),
        f"{which}_bore_m": found["inner_diameter_m"].to_numpy(np.float64),
        f"{which}_length_m": found["length_m"].to_numpy(np.float64), "share": side.covered_share[missed],
    })  # fmt: skip


def _sizes(pairs: gpd.GeoDataFrame, terms: Terms) -> gpd.GeoDataFrame:
    """Pairs whose bore in the model is neither the bore nor the nominal size in the GIS."""
    bore_m = pairs["model_bore_m"].to_numpy()
    away = [
        np.abs(bore_m - size)
        for size in (pairs["gis_bore_m"].to_numpy(), pairs["gis_dn"].to_numpy() / 1000.0)
    ]
    gap_m = np.fmin(*away)
    differs = (gap_m > terms.size_m) & (gap_m > terms.size_share * bore_m)
    return pairs[differs].assign(kind="diameter")


def _closed(pairs: gpd.GeoDataFrame, shut_pipes: set[str]) -> gpd.GeoDataFrame:
    """Pairs of which one is closed and the other open."""
    shut = pairs["gis_closed"] | pairs["gis_pipe_id"].isin(shut_pipes)
    here, there = pairs[pairs["model_closed"] & ~shut], pairs[shut & ~pairs["model_closed"]]
    return pd.concat([here.assign(kind="closed-in-model"), there.assign(kind="closed-in-gis")])


def _lengths(pairs: gpd.GeoDataFrame, terms: Terms) -> gpd.GeoDataFrame:
    """Pairs that are one pipe each and differ in length."""
    alike = pairs[(pairs["share"] >= terms.alike_share) & (pairs["gis_share"] >= terms.alike_share)]
    gap_m = (alike["model_length_m"] - alike["gis_length_m"]).abs()
    differs = (gap_m > terms.length_m) & (gap_m > terms.length_share * alike["gis_length_m"])
    return alike[differs].assign(kind="length")


def _ordered(rows: gpd.GeoDataFrame, model: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Differences by kind, the longest pipes first."""
    place = {kind: n for n, kind in enumerate(KINDS)}
    longest = rows[["model_length_m", "gis_length_m"]].max(axis=1)
    order = np.lexsort((-longest.fillna(0.0).to_numpy(), rows["kind"].map(place).to_numpy()))
    columns = [
        "kind", "model_pipe_id", "gis_pipe_id", "model_bore_m", "gis_bore_m", "model_length_m", "gis_length_m", "share",
        "away_m", "geometry",
    ]  # fmt: skip
    return (
        rows.reindex(columns=columns)
        .iloc[order]
        .reset_index(drop=True)
        .set_crs(model.crs, allow_override=True)
    )


def _associations(model: gpd.GeoDataFrame, gis: gpd.GeoDataFrame, forth: Told) -> gpd.GeoDataFrame:
    """Every model pipe with the pipe of the GIS it shares most points with."""
    here, there, points = forth.pairs()
    order = np.lexsort((-points, here))
    row, first = np.unique(here[order], return_index=True)
    best = np.full(len(model), -1, dtype=np.int64)
    best[row] = there[order][first]
    found = best >= 0
    away_m = np.full(len(model), np.nan)
    away_m[found] = _mean_away_m(forth, np.flatnonzero(found), best[found])
    ids, bores_m = gis["pipe_id"].astype(str).to_numpy(), gis["inner_diameter_m"].to_numpy(np.float64)
    return model[["pipe_id", "inner_diameter_m", "length_m", "geometry"]].assign(
        gis_pipe_id=np.where(found, ids[best], None), gis_bore_m=np.where(found, bores_m[best], np.nan),
        share=forth.covered_share, away_m=away_m,
    )  # fmt: skip
