"""What `tapwright schemes` and `tapwright verify` do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.life.desk import SchemeDesk
from api.network.asbuilt import read_scheme

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from api.settings import Settings
    from gis.progress import Progress


def run_schemes(settings: Settings, arguments: argparse.Namespace, progress: Progress) -> Any:
    """List, show, accept, extend, withdraw."""
    progress.step("schemes", 0, 1)
    desk = SchemeDesk.open(settings)
    if arguments.step == "list":
        return desk.listing(state=arguments.state)
    if arguments.step == "show":
        return desk.show(arguments.scheme)
    if arguments.step == "history":
        return desk.history() if arguments.scheme is None else desk.show(arguments.scheme)["history"]
    by = arguments.by or settings.person
    if arguments.step == "withdraw":
        return desk.withdraw(arguments.scheme, by=by, reason=arguments.reason)
    if arguments.step == "extend":
        return desk.extend(
            arguments.scheme, by=by, until=arguments.until, days=arguments.days, reason=arguments.reason
        )
    scheme_id, document = _named(arguments.scheme)
    return desk.accept(
        scheme_id, scheme=document, by=by, option=arguments.option, until=arguments.until, days=arguments.days,
        reason=arguments.reason, override=arguments.override,
    )  # fmt: skip


def _named(name: str) -> tuple[str, dict[str, Any] | None]:
    """The id of a scheme, and its document where a folder or file was named."""
    place = Path(name)
    if not place.exists() and "/" not in name:
        return name, None
    document = read_scheme(place)
    return str(document.get("id")), document


def run_verify(settings: Settings, arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Compute a stored scheme again."""
    from api.life.verify import verify_scheme

    return verify_scheme(settings, arguments.scheme, progress=progress)


RUNS: dict[str, Callable[[Settings, argparse.Namespace, Progress], Any]] = {
    "schemes": run_schemes, "verify": run_verify,
}  # fmt: skip
