"""
Quick maps with folium: one self-contained page for one scheme or one renewal run, without tiles and without the web.

For a few thousand features, to be mailed or opened from a folder; the whole network is shown by the web app.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from gis.messages import catalogue
from maps.plan.layers import picture_style
from maps.quick.features import feature, layer_features, on_the_map
from maps.quick.inline import markup_name, script_text, script_value, style_text
from maps.quick.webfont import font_face

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from gis.messages import Language

Features = list[dict[str, Any]]
# Resources of folium by their names there: what is taken in, and what our pages do not use (None).
_SCRIPTS = {
    "leaflet": "leaflet.js", "leaflet_measure_js": "leaflet-measure.{language}.js", "jquery": None, "bootstrap": None,
    "awesome_markers": None,
}  # fmt: skip
_STYLES = {
    "leaflet_css": "leaflet.css", "leaflet_measure_css": "leaflet-measure.css", "bootstrap_css": None, "glyphicons_css": None,
    "awesome_markers_font_css": None, "awesome_markers_css": None, "awesome_rotate_css": None,
}  # fmt: skip
_GROUND = ("streets", "buildings", "parcels", "utilities", "pipes", "valves", "hydrants", "tapoffs")
_HIDDEN = ("utilities", "valves")


def connection_map(
    *, options: Sequence[Mapping[str, Any]], surroundings: Mapping[str, gpd.GeoDataFrame],
    bounds: tuple[float, float, float, float] | None, synthetic: bool, title: str, vendor: Path, fonts: Path | None = None,
    language: Language = "zh",
) -> str:  # fmt: skip
    """
    The options of a connection scheme on their surroundings, as one HTML page.

    Parameters
    ----------
    options
        One mapping an option: `label`, `feasible`, `chosen`, `geometry` (GeoJSON LineString from tie-in to site),
        `rows` (pairs of text for the pop-up), and if wanted `points`: `label`, `position`, `kind` (tie-in | meter | site).
    surroundings
        Tables of the schema around the site, in any CRS; those without a CRS are drawn as plain x, y.
    bounds
        West, south, east, north of what is shown first, like the options' geometry; None: the options themselves.
    synthetic
        Shows the mark of synthetic data.
    title
        Words in the corner of the page and in its tab.
    vendor
        Folder with the files of maps/web/vendor.json.
    fonts
        Folder with the Noto Sans SC and JP files, from which the page's own characters are taken in; None: the reader's.
    language
        Of labels and pop-ups.

    Raises
    ------
    MapError
        `vendor-file-missing`: the web part was not built.
    """
    words = catalogue("maps", language)["quick"]
    tables = {
        name: surroundings[name] for name in _GROUND if name in surroundings and len(surroundings[name])
    }
    groups = [
        Group(words[f"layer-{name}"], layer_features(name, table, language), shown=name not in _HIDDEN)
        for name, table in tables.items()
    ]
    last = sorted(options, key=lambda option: bool(option.get("chosen")))
    groups += [Group(str(option["label"]), _option_features(option), frames=True) for option in last]
    return quick_page(
        groups, bounds=bounds, plain=any(table.crs is None for table in tables.values()),
        legend=_connection_legend(words, tables), mark=words["synthetic"] if synthetic else "", title=title,
        vendor=vendor, fonts=fonts, language=language,
    )  # fmt: skip


def renewal_map(
    *, layers: Mapping[str, gpd.GeoDataFrame], synthetic: bool, title: str, vendor: Path, fonts: Path | None = None,
    language: Language = "zh",
) -> str:  # fmt: skip
    """
    A renewal run as one HTML page.

    Parameters
    ----------
    layers
        Any of `pipes` (schema), `bans`, `programmes`, `candidates`, `coordinated`, `matches`, `sensors`, in any CRS, with
        `label_<language>` and `popup_<language>`; rows without geometry are left out. A `year` (number) or an `outcome`
        (code, words in `outcome_<language>`) colours a row.
    synthetic
        Shows the mark of synthetic data.
    title
        Words in the corner of the page and in its tab.
    vendor, fonts
        As in `connection_map`.
    language
        Of labels and pop-ups.

    Notes
    -----
    What is shown first is everything but the existing pipes.
    """
    words = catalogue("maps", language)["quick"]
    groups, legend = [], []
    for name, look in picture_style()["renewal"].items():
        if name not in layers or len(layers[name]) == 0:
            continue
        table = on_the_map(layers[name])
        classes = _classes(table, language)
        features = (
            layer_features(name, table, language) if name == "pipes" else _labelled(table, look, language)
        )
        # What coordination says of the candidates covers them: they come on demand.
        shown = not (name == "candidates" and "coordinated" in layers)
        groups.append(Group(words[f"layer-{name}"], features, shown=shown, frames=name != "pipes"))
        legend += [(look["color"], words[f"layer-{name}"])] if not classes else []
        legend += [(colour, f"{words[f'layer-{name}']} {label}") for colour, label in classes]
    return quick_page(
        groups, bounds=None, plain=any(table.crs is None for table in layers.values()), legend=legend,
        mark=words["synthetic"] if synthetic else "", title=title, vendor=vendor, fonts=fonts, language=language,
    )  # fmt: skip


@dataclass(frozen=True)
class Group:
    """One entry of the layer switch; `frames` when it counts for what is shown first."""

    name: str
    features: Features
    shown: bool = True
    frames: bool = False


def _option_features(option: Mapping[str, Any]) -> Features:
    style = picture_style()["route"]
    colour = style["line"] if option.get("chosen") else style["other"]
    dashed = {} if option["feasible"] else {"dashArray": "6 8"}
    rows, label = option["rows"], str(option["label"])
    line = feature(option["geometry"], look={"color": colour, "weight": 6, **dashed}, label=label, rows=rows)
    casing = feature(option["geometry"], look={"color": "#ffffff", "weight": 10, "opacity": 0.9})
    dots = [
        feature(
            {"type": "Point", "coordinates": list(point["position"])}, label=str(point["label"]), rows=rows,
            look={"radius": 8, "color": "#ffffff", "weight": 2, "fillColor": colour, "fillOpacity": 1.0},
            lasting=bool(option.get("chosen")),
        )
        for point in option.get("points", ())
    ]  # fmt: skip
    return [casing, line, *dots]


def _labelled(table: gpd.GeoDataFrame, look: Mapping[str, Any], language: Language) -> Features:
    colours = _colours(table, str(look["color"]))
    columns = (table.geometry, table[f"label_{language}"], table[f"popup_{language}"], colours)
    return [
        feature(shape, label=str(label), rows=[("", str(sentence))], look={**look, "color": colour})
        for shape, label, sentence, colour in zip(*columns, strict=True)
    ]


def _colours(table: gpd.GeoDataFrame, plain: str) -> list[str]:
    """Colour of each row: by its year, else by its outcome, else the layer's own."""
    if "year" in table.columns:
        return [plain if pd.isna(year) else _year_colour(int(year)) for year in table["year"]]
    if "outcome" in table.columns:
        by_code = picture_style()["outcome_colours"]
        return [by_code.get(code, plain) for code in table["outcome"]]
    return [plain] * len(table)


def _classes(table: gpd.GeoDataFrame, language: Language) -> list[tuple[str, str]]:
    """Colour and words of each year or outcome in a table, for the legend."""
    if "year" in table.columns:
        return [(_year_colour(year), str(year)) for year in sorted({int(y) for y in table["year"].dropna()})]
    if "outcome" in table.columns:
        words = dict(zip(table["outcome"], table[f"outcome_{language}"], strict=True))
        by_code = picture_style()["outcome_colours"]
        return [(colour, str(words[code])) for code, colour in by_code.items() if code in words]
    return []


def _year_colour(year: int) -> str:
    colours = picture_style()["year_colours"]
    return str(colours[year % len(colours)])


def _connection_legend(words: Mapping[str, str], tables: Mapping[str, Any]) -> list[tuple[str, str]]:
    style = picture_style()
    legend = [(style["route"]["line"], words["chosen"]), (style["route"]["other"], words["other-option"])]
    if "tapoffs" in tables:
        legend.append((style["symbol"]["tapoff"], words["layer-tapoffs"]))
    if "pipes" in tables:
        low = 0
        for main in style["main"]:
            if ((tables["pipes"]["dn"] > low) & (tables["pipes"]["dn"] <= main["up_to_dn"])).any():
                top = f"DN{main['up_to_dn']}" if main["up_to_dn"] < 10000 else ""
                legend.append(
                    (main["colour"], f"{words['layer-pipes']} {'≤' if top else '>'} {top or f'DN{low}'}")
                )
            low = main["up_to_dn"]
    if "parcels" in tables:
        legend.append((style["parcel"]["line"], words["layer-parcels"]))
    return legend


def quick_page(
    groups: Sequence[Group], *, bounds: Sequence[float] | None, plain: bool, legend: Sequence[tuple[str, str]], mark: str,
    title: str, vendor: Path, fonts: Path | None, language: Language,
) -> str:  # fmt: skip
    """Groups of features with a legend of (colour, words) as one self-contained page; `plain` for x, y without a CRS."""
    import folium

    west, south, east, north = bounds or _bounds(groups)
    page = folium.Map(
        location=[(south + north) / 2, (west + east) / 2], tiles=None, attributionControl=False,
        crs="Simple" if plain else "EPSG3857",
    )  # fmt: skip
    page.options["maxZoom"] = 22
    page.options["minZoom"] = -12 if plain else 3
    page.fit_bounds([[south, west], [north, east]], padding=(30, 30))
    part = _part_class()
    page.add_child(part("head", metric=not plain))
    for group in groups:
        layer = folium.FeatureGroup(name=markup_name(group.name), show=group.shown).add_to(page)
        layer.add_child(part("layer", features=group.features))
    folium.LayerControl(collapsed=False).add_to(page)
    if not plain:
        _measure(page)
    page.add_child(part("legend", title=title, mark=mark, rows=list(legend)))
    texts = "".join([title, mark, *(w for _, w in legend), *(g.name for g in groups), *_texts(groups)])
    if not plain:  # the measuring tool brings its own words
        texts += "".join(
            char for char in script_text(vendor, f"leaflet-measure.{language}.js") if char > "\u2e7f"
        )
    font = font_face(fonts, texts) if fonts else ""
    return _rendered(page, title=title, vendor=vendor, language=language, font=font)


def _measure(page: Any) -> None:
    from folium.plugins import MeasureControl

    MeasureControl(
        position="topleft", primary_length_unit="meters", secondary_length_unit="kilometers",
        primary_area_unit="sqmeters", secondary_area_unit="hectares",
    ).add_to(page)  # fmt: skip


def _part_class() -> Any:
    """The element of the page that draws one of the macros of data/quicklook.html; folium, which it needs, loads slowly."""
    from branca.element import MacroElement
    from jinja2 import Environment

    template = files("maps").joinpath("data", "quicklook.html").read_text(encoding="utf-8")
    macros = Environment(autoescape=True).from_string(template)

    class Part(MacroElement):
        def __init__(self, kind: str, **values: Any) -> None:
            super().__init__()
            self._name = f"tapwright_{kind}"
            self.values = {name: script_value(value) for name, value in values.items()}
            self.kind, self._template = kind, macros

    return Part


def _rendered(page: Any, *, title: str, vendor: Path, language: Language, font: str) -> str:
    """The page with every link of folium's header replaced by the file itself; an unknown link is a defect (KeyError)."""
    from branca.element import CssLink, Figure, JavascriptLink

    figure = Figure(title=escape(title))
    figure.add_child(page)
    page.render()
    kept: list[str] = [f"<style>{font}</style>"] if font else []
    for name, link in list(figure.header._children.items()):  # noqa: SLF001
        if not isinstance(link, CssLink | JavascriptLink):
            continue
        script = isinstance(link, JavascriptLink)
        file = (_SCRIPTS if script else _STYLES)[name]
        del figure.header._children[name]  # noqa: SLF001
        if file:
            name_there = file.format(language=language)
            kept.append(
                f"<script>{script_text(vendor, name_there)}</script>"
                if script
                else f"<style>{style_text(vendor, name_there)}</style>"
            )
    html = figure._template.render(this=figure, kwargs={})  # noqa: SLF001
    head, mark, rest = html.partition("<head>")
    return head + mark + "\n".join(kept) + rest


def _texts(groups: Iterable[Group]) -> Iterable[str]:
    for group in groups:
        for item in group.features:
            yield item["properties"]["t"]
            for row in item["properties"]["p"]:
                yield from row


def _bounds(groups: Sequence[Group]) -> tuple[float, float, float, float]:
    import shapely

    framing = [g for g in groups if g.frames] or list(groups)
    shapes = [shapely.geometry.shape(item["geometry"]) for group in framing for item in group.features]
    if not shapes:
        return (116.0, 36.0, 117.0, 37.0)
    west, south, east, north = shapely.total_bounds(shapes)
    return (float(west), float(south), float(east), float(north))
