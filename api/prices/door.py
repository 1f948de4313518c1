"""What `tapwright catalogue` and `tapwright price` do; both need no workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from gis.progress import Progress


def catalogue(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Check a price list, or turn a foreign one into a catalogue."""
    from api.prices.answers import check_catalogue, import_catalogue, write_price_template
    from api.settings import read_prices

    progress.step("catalogue", 0, 1)
    if arguments.step == "check":
        prices = read_prices(catalogue=arguments.file)
        return check_catalogue(prices.catalogue, on=prices.on)
    if arguments.step == "template":
        return write_price_template(arguments.out, on=read_prices().on)
    return import_catalogue(arguments.file, mapping=arguments.mapping, out=arguments.out)


def price(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Price planned works by a catalogue."""
    from api.prices.answers import price_works
    from api.settings import read_prices

    progress.step("price", 0, 1)
    prices = read_prices(catalogue=arguments.catalogue, policy=arguments.policy)
    return price_works(arguments.planned, mapping=arguments.mapping, prices=prices, out=arguments.out)
