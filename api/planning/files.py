"""The files of a scheme, all drawn from one document, so that paper, drawing, table and map say the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shapely

from api.errors import CallError
from api.files.outputs import digest_of, sums_of
from api.planning.page import write_page
from api.planning.paper import paper, sheet_ground
from gis.crs import from_lonlat
from hydraulics.inp.written import ServiceLine, write_after, write_before

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import geopandas as gpd

    from api.serving.held import Held
    from design.scheme import ConnectionScheme
    from design.wire.scheme import SchemeDoc
    from gis.messages import Language
    from gis.network import Network
    from gis.progress import Progress

RULES_USED = "rules-used.toml"
DRAWN_LAYERS = (
    "waters", "railways", "streets", "parcels", "buildings", "utilities", "pipes", "valves", "hydrants", "tapoffs",
)  # fmt: skip
MARGIN_M = 60.0
FORMS = "permits"


def write_files(
    held: Held, scheme: ConnectionScheme, document: SchemeDoc, folder: Path, *, progress: Progress
) -> None:
    """Write all files of a scheme into a folder."""
    if not held.settings.fonts.is_dir():
        raise CallError("site-not-built", path=str(held.settings.fonts))
    around = surroundings(held.network, scheme)
    writers: list[tuple[str, Callable[[Path], None]]] = [
        *paper(held, scheme, document, around),
        ("quote.xlsx", lambda path: _quote(document, path)),
        ("quote.en.xlsx", lambda path: _quote(document, path, language="en")),
        ("plan.dxf", lambda path: _dxf(held.network, document, around, path)),
        ("plan.en.dxf", lambda path: _dxf(held.network, document, around, path, language="en")),
        ("map.html", lambda path: write_page(document, around, held.settings, path)),
        ("scheme.gpkg", lambda path: _gpkg(held.network, document, path)),
        (FORMS, lambda path: _forms(document, path.parent)),
        ("model-before.inp", lambda path: write_before(held.city.session.model, path)),
        ("model-after.inp", lambda path: _after(held, scheme, path)),
    ]
    if held.settings.rules is not None:
        own = held.settings.rules.read_bytes()
        writers.append((RULES_USED, lambda path: _copy(own, path)))
    writers.append(("scheme.json", lambda path: _sealed(document, path)))
    for done, (name, write) in enumerate(writers):
        progress.step("files", done, len(writers))
        write(folder / name)
    progress.step("files", len(writers), len(writers))


def surroundings(network: Network, scheme: ConnectionScheme) -> dict[str, gpd.GeoDataFrame]:
    """Give the layers around all options, cut to a window: what plan, drawing and map show."""
    lines = [option.routed.line for option in scheme.options]
    near = shapely.box(*shapely.total_bounds(lines)).buffer(MARGIN_M, join_style="mitre")
    window = shapely.envelope(shapely.union(near, sheet_ground(scheme)))
    around = {}
    for name in DRAWN_LAYERS:
        table = network.layer(name)
        around[name] = table.iloc[sorted(table.sindex.query(window, predicate="intersects"))]
    return around


def _copy(content: bytes, path: Path) -> None:
    """The utility's own rules stay with the scheme, so that it can be computed again."""
    path.write_bytes(content)


def _forms(document: SchemeDoc, folder: Path) -> None:
    from design.documents.forms.permit_forms import write_forms

    write_forms(document, folder)


def _sealed(document: SchemeDoc, path: Path) -> None:
    """Write the document last, with the hashes of the files beside it and its own."""
    document["files"] = sums_of(path.parent)
    document["digest"] = digest_of(document)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8")


def _quote(document: SchemeDoc, path: Path, *, language: Language = "zh") -> None:
    from design.documents.sheets.quote_xlsx import write_quote

    write_quote(document, path, language=language)


def to_xy(network: Network) -> Callable[[float, float], tuple[float, float]]:
    """Give the way back from the document's positions to the network's plane."""
    return lambda lon, lat: (lon, lat) if network.crs is None else from_lonlat(network.crs, lon, lat)


def _dxf(
    network: Network, document: SchemeDoc, around: Mapping[str, Any], path: Path, *, language: Language = "zh"
) -> None:  # fmt: skip
    from design.documents.dxf.drawing import write_dxf

    write_dxf(document, path, surroundings=around, to_xy=to_xy(network), language=language)


def _gpkg(network: Network, document: SchemeDoc, path: Path) -> None:
    from design.documents.gpkg.scheme_gpkg import write_gpkg

    write_gpkg(document, path, crs=network.crs, to_xy=to_xy(network))


def _after(held: Held, scheme: ConnectionScheme, path: Path) -> None:
    best, session = scheme.best, held.city.session
    service = ServiceLine(
        site_elevation_m=scheme.site.elevation_m,
        length_m=best.service.length_m,
        inner_diameter_m=best.service.inner_diameter_m,
        roughness_c=best.service.roughness_c,
        local_loss_m=best.service.local_m,
        friction_m=best.service.friction_m,
    )
    flow_m3s = scheme.demand.design_flow_m3s
    write_after(session.model, path, tie_in=best.point.tie_in, flow_m3s=flow_m3s, service=service)
