"""How the commands about the whole network are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.arguments.usage import path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def network_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add calibration, capacity maps and outages."""
    sub = command("calibrate", "按实测压力率定糙率与用水量 / fit roughness and demand to readings")
    sub.add_argument("readings", nargs="?", type=path, metavar="READINGS.csv")
    sub.add_argument("--fresh", action="store_true", help="不沿用以前的读数 / without earlier readings")
    sub.add_argument(
        "--switch", choices=["on", "off"], help="校核是否采用率定结果 / whether checks use the calibration"
    )
    sub.add_argument("--plots", type=path, metavar="DIR", help="残差图与数据 / residuals as images and CSV")
    sub = command(
        "capacity",
        "余量图：每个节点、预留口高峰还能增加多少用水 / spare peak capacity of every junction and tap-off",
    )
    sub.add_argument(
        "--required-pressure-m", type=float, action="append",
        help="要求的压力（缺省为管网末梢要求），可重复 / required pressure, may be repeated",
    )  # fmt: skip
    sub.add_argument(
        "--no-worse-m", type=float, default=0.5, help="已不达标处最多再降 / further loss where already below"
    )
    sub.add_argument("--cap-lps", type=float, default=500.0, help="查到多大为止 / nobody asks about more")
    sub.add_argument(
        "--reserved", type=path, metavar="F.csv",
        help="已承诺用水：node_id 或 pipe_id,fraction；flow_lps；name / demand promised already",
    )  # fmt: skip
    sub.add_argument("--tapoffs-out", type=path, metavar="F.csv", help="预留口余量表 / table of the tap-offs")
    sub.add_argument(
        "--map",
        type=path,
        metavar="F.html",
        help="地图；.gpkg、.geojson 为图层 / map; .gpkg, .geojson: layers",
    )
    sub.add_argument(
        "--plots", type=path, metavar="DIR", help="余量分布图与数据 / distribution as images and CSV"
    )
    sub.add_argument(
        "--processes", type=int, choices=range(1, 17), metavar="N", help="进程数（缺省 2） / processes (2)"
    )
    sub.add_argument("--out", type=path, required=True, metavar="F.csv")
    _outages(command)


def _outages(command: Callable[..., argparse.ArgumentParser]) -> None:
    sub = command("outages", "停水影响：每段管停水会影响谁 / what is lost without each pipe")
    sub.add_argument(
        "--required-pressure-m", type=float, help="要求的压力（缺省为管网末梢要求） / required pressure"
    )
    sub.add_argument(
        "--plots", type=path, metavar="DIR", help="排序图与数据 / ranked losses as images and CSV"
    )
    sub.add_argument("--out", type=path, required=True, metavar="F.csv")
