"""The folium page of a scheme: its options as plain values, for maps knows nothing of design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maps.quicklook import connection_map

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from api.settings import Settings
    from design.wire import OptionDoc, SchemeDoc


def scheme_page(document: SchemeDoc, around: Mapping[str, Any], settings: Settings) -> str:
    """Give the page as one self-contained HTML text."""
    return connection_map(
        options=[_option(option) for option in document["options"]],
        surroundings=around,
        bounds=None,
        synthetic=document["provenance"]["synthetic"],
        title=document["name"] or document["id"],
        vendor=settings.vendor,
        fonts=settings.fonts,
    )


def write_page(document: SchemeDoc, around: Mapping[str, Any], settings: Settings, path: Path) -> None:
    """Write the page to `path`."""
    path.write_text(scheme_page(document, around, settings), encoding="utf-8")


def _option(option: OptionDoc) -> dict[str, Any]:
    place, check, pipe = option["connection"], option["check"], option["service_pipe"]
    line = option["route"]["geometry"]["coordinates"]
    return {
        "label": f"方案{option['rank']}",
        "feasible": option["feasible"],
        "chosen": option["rank"] == 1,
        "geometry": option["route"]["geometry"],
        "rows": [
            ("接口", f"{place['tapoff_id'] or place['pipe_id']}（{place['method_text']}）"),
            ("接户管", f"{pipe['series']}，{option['route']['length_m']:.1f} m"),
            ("水表", f"DN{option['meter']['dn']}"),
            (
                "高峰压力",
                f"{check['site_pressure_before_mpa']:.3f} → {check['site_pressure_after_mpa']:.3f} MPa",
            ),
            ("报价", f"{option['quote']['total_cny']} 元"),
        ],
        "points": [
            {"label": "接口", "position": line[0], "kind": "tie-in"},
            {"label": "用水点", "position": line[-1], "kind": "site"},
        ],
    }
