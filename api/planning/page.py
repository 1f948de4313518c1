"""The folium page of a scheme: its options as plain values, for maps knows nothing of design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.map_options import map_options
from maps.quick.quicklook import connection_map

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from api.settings import Settings
    from design.wire.scheme import SchemeDoc


def write_page(document: SchemeDoc, around: Mapping[str, Any], settings: Settings, path: Path) -> None:
    """Write the page as one self-contained HTML file."""
    page = connection_map(
        options=map_options(document),
        surroundings=around,
        bounds=None,
        synthetic=document["provenance"]["synthetic"],
        title=document["name"] or document["id"],
        vendor=settings.vendor,
        fonts=settings.fonts,
    )
    path.write_text(page, encoding="utf-8")
