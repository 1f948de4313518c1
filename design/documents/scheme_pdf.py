"""The scheme book 接水方案 and the customer's page as PDF, typeset by typst from the scheme document and from nothing else."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import datetime
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from design.documents.book.customer import customer_data
from design.documents.book.data import book_data
from design.documents.glyphs import font_files, printable
from design.documents.words import Words

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from design.documents.pictures import SchemePictures
    from design.wire.scheme import SchemeDoc
    from gis.messages import Language


class Press:
    """
    A typesetter with its fonts loaded once, for all documents of a scheme.

    `fonts` is the folder with the Noto Sans SC and JP files: system fonts are never used, so that the pages are the
    same everywhere. A context manager.

    Raises
    ------
    DesignDataError
        `document-fonts-missing`.
    """

    def __init__(self, fonts: Path) -> None:
        import typst

        font_files(fonts)
        self._fonts, self._open = fonts, ExitStack()
        self._templates = self._open.enter_context(
            as_file(files("design").joinpath("documents", "templates"))
        )
        self._compiler = typst.Compiler(
            self._templates / "scheme.typ", root=self._templates, font_paths=[fonts], ignore_system_fonts=True,
            sys_inputs={},
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def book(
        self, scheme: SchemeDoc, path: Path, *, pictures: SchemePictures, language: Language = "zh"
    ) -> None:
        """Write the book of a scheme: A4 pages of text, then the drawing sheets."""
        data = book_data(scheme, language, plans=pictures.plans)
        named = {f"plan-{number}": plan.svg for number, plan in enumerate(pictures.plans)}
        named["overview"] = pictures.overview
        self._set("scheme.typ", scheme, data, named, path)

    def customer_page(
        self,
        scheme: SchemeDoc,
        path: Path,
        *,
        pictures: SchemePictures,
        contact: str = "",
        language: Language = "zh",
    ) -> None:
        """Write the customer's page."""
        data = customer_data(scheme, language, contact=contact)
        self._set("customer.typ", scheme, data, {"map": pictures.small_map}, path)

    def _set(
        self, template: str, scheme: SchemeDoc, data: dict[str, Any], named: dict[str, str], path: Path
    ) -> None:
        fit, missing = printable(data, self._fonts)
        fit["not_printable"] = (
            Words(fit["language"])("not-printable", signs=", ".join(missing)) if missing else ""
        )
        inputs = {"data": json.dumps(fit, ensure_ascii=False)}
        self._compiler.compile(
            input=str(self._templates / template), output=str(path), format="pdf", timestamp=_created(scheme),
            sys_inputs=inputs | {name: svg for name, svg in named.items() if svg},
        )  # fmt: skip


def _created(scheme: SchemeDoc) -> int:
    """Seconds of the document's own time stamp: the same scheme gives the same file."""
    try:
        return int(datetime.fromisoformat(scheme["provenance"]["created"]).timestamp())
    except ValueError:
        return 0
