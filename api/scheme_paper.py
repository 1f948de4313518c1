"""The printed documents of a scheme, in both languages: the book, the customer's page, and the pictures they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from design.documents.pictures import PlanPicture, SchemePictures
from design.documents.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from api.held import Held
    from design.option import SchemeOption
    from design.scheme import ConnectionScheme
    from design.wire.scheme import SchemeDoc
    from gis.messages import Language


def paper(
    held: Held, scheme: ConnectionScheme, document: SchemeDoc, around: Mapping[str, Any]
) -> list[tuple[str, Callable[[Path], None]]]:
    """Name and writer of every printed document; fonts are loaded once for all of them."""
    from design.documents.scheme_pdf import Press

    press = held.city.once("press", lambda: Press(held.settings.fonts))
    found: list[tuple[str, Callable[[Path], None]]] = []
    for language in ("zh", "en"):
        pictures = scheme_pictures(scheme, document, around, language)
        end = ".pdf" if language == "zh" else f".{language}.pdf"

        def book(path: Path, pictures: SchemePictures = pictures, language: Language = language) -> None:
            press.book(document, path, pictures=pictures, language=language)

        def page(path: Path, pictures: SchemePictures = pictures, language: Language = language) -> None:
            press.customer_page(
                document, path, pictures=pictures, contact=held.settings.contact, language=language
            )

        found += [(f"scheme{end}", book), (f"customer{end}", page)]
    return found


def sheet_ground(scheme: ConnectionScheme) -> Any:
    """The ground that the plan sheet of the proposed option shows, as a rectangle."""
    from maps.picture import plan_sheet

    line, site = scheme.best.routed.line, shapely.Point(scheme.site.xy)
    sheet = plan_sheet(line, site)
    west, south, east, north = shapely.union(line, site).bounds
    half_x, half_y = sheet.width_mm * sheet.scale / 2000, sheet.height_mm * sheet.scale / 2000
    x, y = (west + east) / 2, (south + north) / 2
    return shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)


def scheme_pictures(
    scheme: ConnectionScheme, document: SchemeDoc, around: Mapping[str, Any], language: Language
) -> SchemePictures:
    """Plan sheet of the proposed option, overview of all, small map for the customer."""
    from maps.picture import plan_sheet

    words, option = Words(language), scheme.best
    site = shapely.Point(scheme.site.xy)
    sheet = plan_sheet(option.routed.line, site)
    title = f"{document['name'] or document['id']} · {words('section-plan')}"
    plan = _plan(
        option, site, around, title=title, language=language, sheet=sheet, labels=_labels(option, words)
    )
    small = _plan(option, site, around, title=document["name"] or document["id"], language=language)
    others = [other.routed.line for other in scheme.options if other is not option]
    overview = (
        _plan(option, site, around, title=words("section-compare"), language=language, others=others)
        if others
        else ""
    )
    return SchemePictures(PlanPicture(plan, sheet.paper, sheet.scale), overview, small)


def _labels(option: SchemeOption, words: Words) -> dict[str, str]:
    material = words.code("pipes", "material", option.service.material)
    return {
        "tie_in": option.point.tapoff_id or option.point.pipe_id or "",
        "service": f"DN{option.service.dn} {material} L={option.routed.route.length_m:.1f} m",
        "meter": f"{words('meter')} DN{option.meter.dn}",
        "site": words("site"),
    }


def _plan(
    option: SchemeOption, site: Any, around: Mapping[str, Any], *, title: str, language: Language, **more: Any
) -> str:
    from maps.picture import plan_svg

    return plan_svg(
        layers=around, route_line=option.routed.line, tie_in_xy=option.point.position_xy, site=site, title=title,
        language=language, **more,
    )  # fmt: skip
