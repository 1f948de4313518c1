"""From a request document to a scheme and its files: reads what is dated, plans, draws, writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.files.outputs import whole_folder
from api.positions import position_of
from design.book import Book
from design.pricing.catalogue import load_catalogue, require_cny
from design.pricing.policy import Policy, load_policy
from design.request import parse_request
from design.rules.ruleset import load_rules
from design.scheme import plan_connection
from design.wire.scheme_doc import scheme_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from api.serving.held import Held
    from design.request import ConnectionRequest
    from design.scheme import ConnectionScheme
    from design.wire.scheme import SchemeDoc
    from gis.progress import Progress

FILES = (
    "scheme.json", "scheme.pdf", "customer.pdf", "scheme.en.pdf", "customer.en.pdf", "quote.xlsx", "quote.en.xlsx", "plan.dxf",
    "plan.en.dxf", "map.html", "scheme.gpkg", "model-before.inp", "model-after.inp",
)  # fmt: skip


def plan_document(
    held: Held, request: Mapping[str, Any], *, progress: Progress
) -> tuple[ConnectionScheme, SchemeDoc]:
    """Plan a connection and give it with its document; no file is written."""
    parsed = parse_request(request)
    place = position_of(held.network, parsed.position_xy, parsed.crs)

    def to_xy(other: tuple[float, float]) -> tuple[float, float]:
        return position_of(held.network, other, parsed.crs).xy

    scheme = plan_connection(
        parsed, place.xy, city=held.city, book=book_for(held, parsed), progress=progress, to_xy=to_xy
    )
    return scheme, scheme_document(scheme, city=held.city, software=held.settings.software)


def make_scheme(held: Held, request: Mapping[str, Any], out: Path, *, progress: Progress) -> SchemeDoc:
    """
    Plan a connection and put its files into `out`.

    The files are made in a folder of their own and moved when all are there: a failure leaves `out` as it was.
    """
    with whole_folder(out) as draft:
        scheme, document = plan_document(held, request, progress=progress)
        from api.planning.files import RULES_USED, write_files
        from design.documents.forms.permit_forms import form_names

        write_files(held, scheme, document, draft, progress=progress)
    for name in {*form_names(), RULES_USED} - set(
        document["files"]
    ):  # those of an earlier scheme in the same folder
        (out / name).unlink(missing_ok=True)
    return document


def read_book(held: Held) -> Book:
    """Rules, prices and policy valid today; read once a workbench."""
    settings, today = held.settings, held.today
    return held.city.once(
        ("book", today, settings.books),
        lambda: Book(
            rules=load_rules(on=today, extra=settings.rules),
            catalogue=require_cny(load_catalogue(settings.catalogue, on=today)),
            policy=chosen_policy(settings.policy, on=today),
            today=today,
        ),
    )


def book_for(held: Held, request: ConnectionRequest) -> Book:
    """The book of the day with the policy the request names."""
    book = read_book(held)
    if request.policy_id is None:
        return book
    return replace(book, policy=chosen_policy(held.settings.policy, on=held.today, wanted=request.policy_id))


def chosen_policy(setting: str | None, *, on: date, wanted: str | None = None) -> Policy:
    """The policy a request wants, else that of the settings: an id, or a file whose ordinary one counts."""
    path = Path(setting) if setting and (setting.endswith(".toml") or Path(setting).is_file()) else None
    return load_policy(wanted or (None if path else setting), on=on, path=path)
