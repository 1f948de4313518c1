"""The options of a scheme as the quick map takes them: plain words and positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.comparing import printed, properties
from design.documents.reading import chosen_option, connection_name, override_lines
from design.documents.words import Words

if TYPE_CHECKING:
    from design.wire.scheme import SchemeDoc
    from gis.messages import Language


def map_options(scheme: SchemeDoc, language: Language = "zh") -> list[dict[str, Any]]:
    """One mapping an option: label, feasible, chosen, geometry (lon, lat), pop-up rows, points of tie-in and site."""
    words, chosen = Words(language), chosen_option(scheme)
    rows = properties(words)
    found = []
    for option in scheme["options"]:
        mark = words("chosen") if option is chosen else ""
        values = [(row.label, row.read(option), row.unit) for row in rows]
        found.append({
            "label": f"{words('option', rank=option['rank'])}{mark}",
            "feasible": option["feasible"], "chosen": option is chosen, "geometry": option["route"]["geometry"],
            "rows": [
                *((words("overridden"), line) for line in override_lines(scheme, words)),
                *(
                (label, printed(value, unit, words))
                for label, value, unit in values
                ),
            ],
            "points": [
                {"label": connection_name(option["connection"], words), "position": option["connection"]["position"],
                 "kind": "tie-in"},
                {"label": words("site"), "position": option["route"]["geometry"]["coordinates"][-1], "kind": "site"},
            ],
        })  # fmt: skip
    return found
