"""The words of the commands that close valves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.arguments.usage import path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

CRS_FORMS = "EPSG:n|GCJ-02|BD-09|F.toml"


def closing_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add them."""
    sub = command(
        "isolate", "关阀方案：接驳或抢修时关哪些阀、停哪些户 / valves to close for a tie-in or a break"
    )
    where = sub.add_mutually_exclusive_group(required=True)
    where.add_argument("--at", metavar="X,Y")
    where.add_argument("--pipe", metavar="ID")
    where.add_argument("--node", metavar="ID")
    sub.add_argument("--crs", metavar=CRS_FORMS)
    sub.add_argument(
        "--failed-valve", action="append", default=[], metavar="ID", help="关不动的阀门，可重复 / does not turn, may be repeated"
    )  # fmt: skip
    sub.add_argument("--starts", metavar="YYYY-MM-DDTHH:MM", help="停水开始时间 / when the water goes")
    sub.add_argument("--hours", type=float, help="停水时长 / for how long")
    sub.add_argument(
        "--quick", action="store_true", help="不作压力驱动计算 / without the pressure-driven solve"
    )
    sub.add_argument("--out", type=path, metavar="F.csv|F.xlsx", help="停水通知名单 / notice list")
    sub = command(
        "valves",
        "阀门：加一个阀门加在哪最有用，现有阀门哪个最要紧 / where a valve helps most, which ones matter",
    )
    sub.add_argument("step", choices=["suggest", "rank"])
    sub.add_argument("--count", type=int, default=20)
    sub.add_argument("--out", type=path, metavar="F.csv")


def check_options(sub: argparse.ArgumentParser) -> None:
    """Add what a check can be asked beyond the peak hour."""
    sub.add_argument(
        "--scenario", default="peak", choices=["peak", "peak-fire", "source-out", "low-tank", "all"],
        help="工况：高峰、高峰加消防、最大水源停运、水池低水位、全部 / which state of the network",
    )  # fmt: skip
    sub.add_argument(
        "--mode",
        default="dda",
        choices=["dda", "pda"],
        help="pda：按压力驱动计算用水 / demand drawn by pressure",
    )
    sub.add_argument("--fire-lps", type=float, help="消防流量（缺省 15 L/s） / fire flow (default 15 L/s)")
