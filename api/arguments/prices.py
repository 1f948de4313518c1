"""The command line's words about prices: `tapwright catalogue`, `tapwright price`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.arguments.usage import Parser, path, price_options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def catalogue_commands(
    parser: argparse.ArgumentParser, common: Callable[..., argparse.ArgumentParser]
) -> None:
    """Add the steps of `tapwright catalogue`."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP", parser_class=Parser)
    text = "核对价目表：当日版本、自有与借用项、失效项 / read a list as a scheme would"
    sub = common(steps.add_parser("check", help=text, description=text), workspace=False)
    sub.add_argument("file", nargs="?", type=path, metavar="FILE|FOLDER", help="缺省为自带示意价目")
    text = "写出待填的价目表模板（XLSX），空着的单价沿用示意价并提示 / a list to fill in"
    sub = common(steps.add_parser("template", help=text, description=text), workspace=False)
    sub.add_argument("--out", type=path, required=True, metavar="F.xlsx")
    text = "把外来价目表转换为本程序的价目表 / turn a foreign price list into a catalogue"
    sub = common(steps.add_parser("import", help=text, description=text), workspace=False)
    sub.add_argument("file", type=path, metavar="FILE")
    sub.add_argument("--mapping", type=path, metavar="M.toml", help="列名、组价、编码对应 / columns, codes")
    sub.add_argument("--out", type=path, required=True, metavar="C.toml")


def price_command(sub: argparse.ArgumentParser) -> None:
    """Add the arguments of `tapwright price`."""
    sub.add_argument("planned", type=path, metavar="PLANNED", help="CSV、XLSX、GeoPackage、Shapefile")
    sub.add_argument("--mapping", type=path, metavar="M.toml", help="列名、类型表 / columns, table of types")
    sub.add_argument("--out", type=path, metavar="F.xlsx")
    price_options(sub)
