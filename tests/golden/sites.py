"""The sites: twelve on the sample city (seed 7, 2,000 pipes), six on Sant Boi; chosen to differ, not to be easy."""

from __future__ import annotations

from typing import Any

TODAY = "2026-11-21"


def _site(lon: float, lat: float, storeys: int, **more: Any) -> dict[str, Any]:
    return {"position": [lon, lat], "storeys": storeys, **more}


def _homes(dwellings: int) -> dict[str, Any]:
    return {"type": "residential", "dwellings": dwellings}


SAMPLE: dict[str, dict[str, Any]] = {
    "homes": {"site": _site(117.02448, 36.65903, 6), "use": _homes(60)},
    "office": {"site": _site(117.02788, 36.66076, 6), "use": {"type": "office", "area_m2": 5000}},
    "mixed-fire": {
        "site": _site(117.02, 36.66, 11), "use": [_homes(480), {"type": "office", "area_m2": 3000}], "fire": {"outdoor_lps": 15.0},
    },
    "small-shop": {"site": _site(117.02448, 36.65903, 2), "use": {"design_flow_lps": 0.35}},
    "hotel-fire": {"site": _site(117.02026, 36.65788, 6), "use": {"type": "hotel", "beds": 200}, "fire": {"outdoor_lps": 30.0}},
    "hospital": {"site": _site(117.01569, 36.66314, 5), "use": {"type": "hospital", "beds": 300}},
    "tower": {"site": _site(117.02788, 36.66076, 33), "use": _homes(260)},
    "hill": {"site": _site(117.02448, 36.65903, 6, elevation_m=62.0), "use": _homes(60)},
    "school": {"site": _site(117.02077, 36.6655, 4), "use": {"type": "school", "students": 1200}},
    "far": {"site": _site(117.034, 36.669, 6), "use": _homes(200)},
    "too-much": {"site": _site(117.02284, 36.66196, 6), "use": {"design_flow_lps": 40.0}},
    "green": {"site": _site(117.01772, 36.65859, 6), "use": _homes(120)},
}  # fmt: skip

SANTBOI: dict[str, dict[str, Any]] = {
    "carrer-north": {"site": _site(2.02482, 41.34655, 4), "use": _homes(24)},
    "carrer-wide-main": {"site": _site(2.02479, 41.34923, 4), "use": _homes(24)},
    "just-enough": {"site": _site(2.02482, 41.34655, 8), "use": _homes(24), "supply": {"mode": "direct"}},
    "short-of-pressure": {"site": _site(2.02994, 41.33684, 4), "use": _homes(24)},
    "small-main": {"site": _site(2.03527, 41.33497, 4), "use": _homes(24)},
    "office-block": {"site": _site(2.02598, 41.34642, 5), "use": {"type": "office", "area_m2": 2500}},
}

NAMES = {"sample": "㙟庄𠮷苑䶮𬭁", "santboi": "Sant Boi"}


def request(group: str, name: str) -> dict[str, Any]:
    """The request of a site, named after it with rare characters."""
    site = {"sample": SAMPLE, "santboi": SANTBOI}[group][name]
    return {"name": f"{NAMES[group]} {name}", "applicant": "Golden", "options": {"count": 2}, **site}
