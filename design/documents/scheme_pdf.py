"""The scheme book 接水方案 as PDF, typeset by typst from the scheme document; the only texts are the document's own."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from design.documents.glyphs import font_files, printable
from design.documents.reading import chosen_option
from design.documents.scheme_data import book_data

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from design.wire import SchemeDoc
    from gis.messages import Language


def write_pdf(
    scheme: SchemeDoc, path: Path, *, plans: Sequence[str], fonts: Path, language: Language = "zh"
) -> None:
    """
    Write the A4 book of a scheme to `path`.

    `plans` holds one SVG an option in the order of `scheme["options"]`, drawn 180 mm wide; without them the book has
    none. `fonts` is the folder with the Noto Sans SC and JP files: system fonts are never used, so that the pages are
    the same everywhere.

    Raises
    ------
    DesignDataError
        `document-fonts-missing`.
    """
    import typst

    font_files(fonts)
    data = printable(book_data(scheme, language), fonts)
    ordered = _chosen_first(scheme, plans)
    inputs = {"data": json.dumps(data, ensure_ascii=False), "plans": str(len(ordered))}
    with as_file(files("design").joinpath("documents", "templates")) as templates:
        typst.compile(
            templates / "scheme.typ", output=path, format="pdf", root=templates, font_paths=[fonts],
            ignore_system_fonts=True, sys_inputs=inputs | {f"plan-{n}": svg for n, svg in enumerate(ordered)},
            timestamp=_created(scheme),
        )  # fmt: skip


def _chosen_first(scheme: SchemeDoc, plans: Sequence[str]) -> list[str]:
    chosen = chosen_option(scheme)
    at = next((n for n, option in enumerate(scheme["options"]) if option is chosen), 0)
    return [plans[at], *plans[:at], *plans[at + 1 :]] if at < len(plans) else list(plans)


def _created(scheme: SchemeDoc) -> int:
    """Seconds of the document's own time stamp: the same scheme gives the same file."""
    try:
        return int(datetime.fromisoformat(scheme["provenance"]["created"]).timestamp())
    except ValueError:
        return 0
