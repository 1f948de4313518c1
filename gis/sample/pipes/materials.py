"""Which pipe was laid when: year, material by year and size, lining, roughness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.sample.settings import FloatArray, IntArray, parameters, stream
from gis.sample.town.land import Cells, Parcels
from gis.sample.town.streets import Streets


def street_years(streets: Streets, cells: Cells, seed: int) -> tuple[IntArray, IntArray]:
    """Year each street was opened and year the main in it was laid (later where it has been renewed)."""
    p, rng = parameters()["age"], stream(seed, "street-years")
    year_of = np.full(streets.side_edge.shape[0] + 1, 9999, dtype=np.int64)
    year_of[cells.number] = cells.built_year
    oldest = np.minimum(year_of[streets.low_cell], year_of[streets.high_cell])
    # A main street was there before the youngest block beside it; one date a line and stretch looks planned.
    opened = oldest - rng.integers(0, 4, len(oldest))
    renewed = (opened < 1995) & (rng.random(len(oldest)) < p["renewed_share"])
    laid = np.where(renewed, rng.integers(1999, 2024, len(oldest)), opened)
    return np.clip(opened, 1952, p["newest_year"]), np.clip(laid, 1952, p["newest_year"])


def community_years(parcels: Parcels, seed: int) -> IntArray:
    """Year the pipes of each parcel's yard were laid: when it was built, later where they have been renewed."""
    p, rng = parameters()["age"], stream(seed, "yard-years")
    renewed = (parcels.built_year < 1998) & (rng.random(len(parcels.cell)) < 0.6 * p["renewed_share"])
    return np.where(renewed, rng.integers(2003, 2024, len(parcels.cell)), parcels.built_year)


def material_of(dn: IntArray, year: IntArray, draw_share: FloatArray) -> NDArray[np.object_]:
    """Material codes: one of the rows of [[material]] that fit size and year, by their weights and a draw in 0..1."""
    table = parameters()["material"]
    weights = np.column_stack([
        row["weight"]
        * ((dn >= row["dn"][0]) & (dn <= row["dn"][1]) & (year >= row["years"][0]) & (year <= row["years"][1]))
        for row in table
    ]).astype(np.float64)  # fmt: skip
    weights = np.column_stack([weights, np.where(weights.sum(axis=1) > 0, 0.0, 1.0)])
    cumulative = np.cumsum(weights, axis=1)
    picked = (cumulative < (draw_share * cumulative[:, -1])[:, None]).sum(axis=1)
    # What no row covers: grey iron of odd sizes in old days, ductile iron since.
    codes = np.array([*(row["code"] for row in table), "DI"], dtype=object)[np.minimum(picked, len(table))]
    codes[(codes == "DI") & (year < 1990)] = "GCI"
    return codes


def roughness_c(material: NDArray[np.object_], year: IntArray) -> FloatArray:
    """Hazen-Williams C by material and age today."""
    table = parameters()["roughness"]
    today = int(parameters()["today"][:4])
    result = np.empty(len(material))
    for code in np.unique(material.astype(str)):
        rows = material == code
        p = table[code]
        result[rows] = np.maximum(p["new"] - p["loss_per_year"] * (today - year[rows]), p["least"])
    return result


def lining_of(material: NDArray[np.object_], year: IntArray, draw_share: FloatArray) -> NDArray[np.object_]:
    """Lining codes, empty where the register does not say."""
    iron, late = material == "GCI", year >= 1984
    lined = (material == "DI") | ((material == "ST") & (year >= 1995)) | (iron & late & (draw_share < 0.35))
    unlined = (iron & ~lined & (draw_share < 0.9)) | (material == "GS")
    silent = draw_share > 0.94
    return np.where(silent, "", np.where(lined, "lined", np.where(unlined, "unlined", ""))).astype(object)
