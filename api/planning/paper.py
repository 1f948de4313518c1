"""The printed documents of a scheme, in both languages: the book, the customer's page, and the pictures they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from design.documents.book.sheets import plan_title
from design.documents.pictures import PlanPicture, SchemePictures
from design.documents.reading import pipe_name
from design.documents.words import Words
from gis.crs import from_lonlat
from gis.ways.strips import sheet_strips

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from api.serving.held import Held
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
    """The ground that the plan sheets of the proposed option show, as a rectangle."""
    from maps.plan.picture import plan_sheet, strip_ground

    lines, site = [inlet.routed.line for inlet in _inlets(scheme.best)], shapely.Point(scheme.site.xy)
    strips, line = sheet_strips(*lines), shapely.union_all(lines)
    sheet = plan_sheet(line, site, whole=len(strips) > 1)
    west, south, east, north = shapely.union(line, site).bounds
    half_x, half_y = sheet.width_mm * sheet.scale / 2000, sheet.height_mm * sheet.scale / 2000
    x, y = (west + east) / 2, (south + north) / 2
    whole = shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)
    return shapely.envelope(shapely.union_all([whole, *map(strip_ground, strips if len(strips) > 1 else ())]))


def _inlets(option: SchemeOption) -> list[SchemeOption]:
    """The option, and its second inlet where it has one."""
    return [option] if option.second is None else [option, option.second]


def scheme_pictures(
    scheme: ConnectionScheme, document: SchemeDoc, around: Mapping[str, Any], language: Language
) -> SchemePictures:
    """Plan sheets of the proposed option, overview of all, small map for the customer."""
    words, option = Words(language), scheme.best
    site = shapely.Point(scheme.site.xy)
    small = _plan(option, site, around, title=document["name"] or document["id"], language=language)
    others = [other for other in scheme.options if other is not option]
    overview = ""
    if others:
        overview = _plan(
            option, site, around, title=words("section-compare"), language=language,
            others=[other.routed.line for other in others],
            other_labels=[_name(other, scheme, words) for other in others],
            labels={"service": _name(option, scheme, words)},
            faint=_not_taken(document, around), faint_name=words("rejected-routes"),
        )  # fmt: skip
    return SchemePictures(tuple(_plan_sheets(option, site, document, around, words)), overview, small)


def _not_taken(document: SchemeDoc, around: Mapping[str, Any]) -> list[Any]:
    """The routes that were worked out and not taken, in the working CRS."""
    crs = next((table.crs for table in around.values() if getattr(table, "crs", None)), None)
    routes: list[Mapping[str, Any]] = [entry.get("route") or {} for entry in document["rejected"]]
    places = [route["geometry"]["coordinates"] for route in routes if route.get("geometry")]
    return [
        shapely.LineString([tuple(at[:2]) if crs is None else from_lonlat(crs, *at[:2]) for at in line])
        for line in places
    ]


def _name(option: SchemeOption, scheme: ConnectionScheme, words: Words) -> str:
    """Rank and tie-in of an option, as the table beside its route names it."""
    place = option.point.tapoff_id or option.point.pipe_id or ""
    return f"{words('option', rank=list(scheme.options).index(option) + 1)} {place}".strip()


def _plan_sheets(
    option: SchemeOption, site: Any, document: SchemeDoc, around: Mapping[str, Any], words: Words
) -> Iterator[PlanPicture]:
    """One sheet at 1:500; of a long route a key plan and one sheet for each of its pieces."""
    from maps.plan.picture import plan_sheet, strip_sheet

    inlets = _inlets(option)
    lines = [inlet.routed.line for inlet in inlets]
    strips = sheet_strips(*lines)
    strips = strips if len(strips) > 1 else []
    name = document["name"] or document["id"]
    names = [_labels(inlet, words)["service"] for inlet in inlets]
    names = names if len(names) == 1 else [names[0], f"{words('second-inlet')} {names[1]}"]
    whole = plan_sheet(shapely.union_all(lines), site, whole=bool(strips))
    for strip in (None, *strips):
        number, sheet = (0, whole) if strip is None else (strip.number, strip_sheet(strip))
        span_m = (0.0, 0.0) if strip is None else (strip.from_m, strip.to_m)
        shown = 0 if strip is None else strip.line
        title = f"{name} · {plan_title(words, number, len(strips), span_m, inlet=shown)}"
        kinds = (words("service-pipe"), words("second-inlet"))
        also = [(line, names[n], kinds[n]) for n, line in enumerate(lines) if n != shown]
        svg = _plan(
            inlets[shown], site, around, title=title, sheet=sheet, strip=strip,
            key_to=strips if strip is None else (), language=words.language,
            labels=_labels(inlets[shown], words) | {"service": names[shown]}, also=also,
        )  # fmt: skip
        yield PlanPicture(svg, sheet.paper, sheet.scale, number, max(1, len(strips)), span_m, shown)


def _labels(option: SchemeOption, words: Words) -> dict[str, str]:
    pipe = option.service
    name = pipe_name({"dn": pipe.dn, "material": pipe.material, "series": pipe.series}, words)
    return {
        "tie_in": option.point.tapoff_id or option.point.pipe_id or "",
        "service": f"{name} L={option.routed.route.length_m:.1f} m",
        "meter": f"{words('meter')} DN{option.meter.dn}",
        "site": words("site"),
    }


def _plan(
    option: SchemeOption, site: Any, around: Mapping[str, Any], *, title: str, language: Language, **more: Any
) -> str:
    from maps.plan.picture import plan_svg

    return plan_svg(
        layers=around, route_line=option.routed.line, tie_in_xy=option.point.position_xy, site=site, title=title,
        language=language, **more,
    )  # fmt: skip
