"""What a person may choose from when mapping columns: layers, attributes, units, code words."""

from __future__ import annotations

from functools import cache
from typing import Any

from gis.intake.cells.values import UNITS
from gis.intake.mapping import EXTRA_ATTRIBUTES, SURVEY_WAYS
from gis.schema import Attribute, Layer, codes, layers

LENGTHS = ("m", "mm", "cm", "dm", "km", "in", "ft", "us-ft")
FLOWS = ("m3/s", "l/s", "m3/h", "m3/d", "gpm")
PRESSURES = ("MPa", "kPa", "bar", "mH2O")
VOLUMES = ("m3", "kl")
_EXTRA = {
    "start_depth_m": ("起点埋深", "Depth at the start"),
    "end_depth_m": ("终点埋深", "Depth at the end"),
    "cover_depth_m": ("埋深", "Depth"),
}


@cache
def dictionary() -> dict[str, Any]:
    """Give layers with their attributes in order, and the units that fit each."""
    return {
        "layers": [_layer(layer) for layer in layers().values()],
        "surveys": {way: list(names) for way, names in SURVEY_WAYS.items()},
    }


def _layer(layer: Layer) -> dict[str, Any]:
    known = {attribute.name for attribute in layer.attributes}
    extra = [name for name in EXTRA_ATTRIBUTES.get(layer.name, ()) if name not in known]
    return {
        "name": layer.name, "label": layer.label_zh, "label_en": layer.label_en, "geometry": layer.geometry, "id": layer.id_column,
        "attributes": [*(_attribute(layer.name, one) for one in layer.attributes), *(_extra(name) for name in extra)],
    }  # fmt: skip


def _attribute(layer: str, attribute: Attribute) -> dict[str, Any]:
    return {
        "name": attribute.name, "label": attribute.label_zh, "label_en": attribute.label_en, "type": attribute.value_type,
        "units": _units(attribute), "required": attribute.required,
        "codes": {code: [one.label_zh, one.label_en] for code, one in codes(layer, attribute.name).items()},
    }  # fmt: skip


def _extra(name: str) -> dict[str, Any]:
    label, label_en = _EXTRA[name]
    return {"name": name, "label": label, "label_en": label_en, "type": "number", "units": list(LENGTHS), "required": False, "codes": {}}  # fmt: skip


def _units(attribute: Attribute) -> list[str]:
    """Units a column of the attribute may be in; sizes are lengths too."""
    if attribute.name == "dn" or attribute.name.endswith("_dn"):
        return ["mm", "in", "m"]
    for group in (LENGTHS, FLOWS, PRESSURES, VOLUMES):
        if attribute.unit in group:
            return [unit for unit in group if unit in UNITS]
    return []
