"""What the command line says of pressures, capacities and outages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

VERDICTS = {"pass": "满足", "fail": "不满足"}


def check_page(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    """Give the answer of a pressure check."""
    yield f"节点 {answer['node']}  压力 {answer['pressure_before_m']} → {answer['pressure_after_m']} m  结论：{VERDICTS[answer['verdict']]}"
    if worst := answer["worst_node"]:
        yield f"最不利点 {worst['id']}  {worst['pressure_before_m']} → {worst['pressure_after_m']} m"
    yield f"新增不达标节点 {len(answer['newly_below_limit'])} 个"
    yield from (f"△ {warning['text']}" for warning in answer["warnings"])
    yield from (f"△ {finding['text']}" for finding in answer["findings"] if finding["verdict"] == "warn")


def outages_page(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """Give the counts of an outage table."""
    yield f"停水影响（要求 {answer['required_pressure_m']:.2f} m）  管段 {answer['pipes']} 段  用时 {answer['seconds']} s"
    yield f"  有影响 {answer['with_effect']} 段，独路供水 {answer['bridges']} 段，由 EPANET 求得 {answer['by_epanet']} 段"
    if answer["worst_pipe_id"]:
        yield f"  影响最大 {answer['worst_pipe_id']}：少供 {answer['worst_unserved_lps']} L/s"
    yield f"成果文件：{arguments.out}"


def capacity_page(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """Give the counts of a capacity map and how its trial went."""
    yield f"余量图（要求 {answer['required_pressure_m']:.2f} m）  节点 {answer['junctions']} 个  用时 {answer['seconds']} s"
    yield (
        f"  无余量 {answer['without_spare']} 个，达到上限 {answer['cap_lps']:g} L/s {answer['at_cap']} 个，"
        f"无水 {answer['without_water']} 个；由 EPANET 逐点求得 {answer['by_epanet']} 个"
    )
    trial = answer["verified"]
    yield f"  EPANET 复核 {trial['tried']} 点：最大偏高 {trial['worst_over_lps']} L/s，最大偏低 {trial['worst_under_lps']} L/s"
    yield f"成果文件：{arguments.out}"
