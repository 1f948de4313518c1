"""Limits of model files, from data/model/limits.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class ModelLimits:
    """
    What a model file may hold; `roughness_factor` is the believable range of each head-loss formula.

    Attributes
    ----------
    usual_bore_from_m
        Middle bore from which a file in inches is taken to be one in millimetres.
    """

    longest_line_bytes: int
    longest_word_bytes: int
    longest_id_bytes: int
    most_links: int
    most_curve_points: int
    roughness_factor: dict[str, tuple[float, float]]
    lowest_m: float
    highest_m: float
    usual_bore_from_m: float


@cache
def load_model_limits() -> ModelLimits:
    """Read data/model/limits.toml."""
    text = files("hydraulics").joinpath("data", "model", "limits.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    rough = document["roughness"]
    return ModelLimits(
        **document["text"],
        **document["size"],
        roughness_factor={
            "H-W": tuple(rough["hw_c"]),
            "D-W": tuple(rough["dw_mm"]),
            "C-M": tuple(rough["cm_n"]),
        },
        **document["elevation"],
        **document["inches"],
    )
