"""Arguments of `tapwright schemes` and `tapwright verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.arguments.usage import Parser, path, price_options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    Common = Callable[[argparse.ArgumentParser], argparse.ArgumentParser]

STATES = ("draft", "accepted", "expired", "withdrawn", "superseded", "built")
_WHO = "经手人（缺省为登录名） / who (default: the login)"


def schemes_commands(parser: argparse.ArgumentParser, common: Common) -> None:
    """Add the steps of `tapwright schemes`."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP", parser_class=Parser)

    def step(name: str, text: str) -> argparse.ArgumentParser:
        return common(steps.add_parser(name, help=text, description=text))

    sub = step("list", "方案清单及其状态 / schemes and how they stand")
    sub.add_argument("--state", choices=STATES)
    step("show", "一个方案的状态与经过 / one scheme and its events").add_argument("scheme", metavar="ID")
    step("history", "全部经过，新的在前 / every event, newest first").add_argument(
        "scheme", metavar="ID", nargs="?"
    )
    sub = step("accept", "受理：占用预留口与水量 / accept: holds tap-off and capacity")
    sub.add_argument("scheme", metavar="ID|SCHEME_DIR")
    sub.add_argument("--option", type=int, default=1, help="受理第几个方案 / which option")
    sub.add_argument(
        "--override", metavar="REASON", help="不满足要求仍受理的理由 / why although it does not hold"
    )
    _term(sub)
    _signed(sub, "备注 / note")
    sub = step("extend", "延长占用 / hold it longer")
    sub.add_argument("scheme", metavar="ID")
    _term(sub)
    _signed(sub, "原因 / why")
    sub = step("withdraw", "撤回：释放预留口与水量（记录保留） / let it go; the record stays")
    sub.add_argument("scheme", metavar="ID")
    _signed(sub, "原因（必填） / why (required)")


def _term(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--until", metavar="YYYY-MM-DD", help="占用至（含当日） / last day")
    sub.add_argument("--days", type=int, help="占用天数 / days from today")


def _signed(sub: argparse.ArgumentParser, why: str) -> None:
    sub.add_argument("--reason", help=why)
    sub.add_argument("--by", help=_WHO)


def verify_command(sub: argparse.ArgumentParser) -> None:
    """Add the arguments of `tapwright verify`."""
    sub.add_argument("scheme", type=path, metavar="SCHEME_DIR")
    price_options(sub)
