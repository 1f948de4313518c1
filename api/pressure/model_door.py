"""`tapwright model …`: its words on the command line, and what they do."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from api.errors import CallError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gis.progress import Progress

_SHOWN_COUNT = 20
_ROUGHNESS_WORDS = {"c": "海曾威廉系数", "mm": "绝对粗糙度（mm）", "n": "曼宁糙率"}


def model_command(sub: argparse.ArgumentParser, *, path: Callable[[str], Path]) -> None:
    """Declare the words."""
    sub.add_argument("step", choices=["show", "compare"])
    sub.add_argument(
        "model", type=path, metavar="MODEL.inp", nargs="?", help="compare: 要比对的模型 / the model"
    )
    sub.add_argument("--crs", help="模型的坐标系（缺省同工作区） / of the model (default: the workspace's)")
    sub.add_argument(
        "--out", type=path, metavar="F.gpkg", help="对应关系与差异图层 / layers of what it found"
    )


def model(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Tell what the model of the current version consists of, or lay an EPANET model over its pipes."""
    from api.settings import read_settings

    settings = read_settings(workspace=arguments.workspace)
    if arguments.step == "show":
        from api.pressure.model_show import model_document
        from api.workbench import Workbench

        progress.step("model", 0, 1)
        with closing(Workbench.open(settings)) as bench:
            return model_document(bench.network, bench.city.session, basis=settings.peak_basis)
    if arguments.model is None:
        raise CallError("model-which")
    from api.pressure.model_compare import compare_model
    from gis.store import open_store

    network = open_store(settings.workspace).open()
    return compare_model(network, arguments.model, crs=arguments.crs, out=arguments.out, progress=progress)


def model_page(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """Give the page of either step."""
    return _shown(answer) if arguments.step == "show" else _compared(answer, arguments)


def _shown(answer: dict[str, Any]) -> Iterator[str]:
    yield (
        f"水力模型（{answer['description'][0]}）  节点 {answer['junctions']}  管段 {answer['pipes']}  水泵 {answer['pumps']}  "
        f"调节阀 {answer['valves']}  关闭管段 {len(answer['closed_pipes'])}  用水量 {answer['demand_lps']} L/s"
    )
    for source in answer["sources"]:
        yield f"  {'水池' if source['kind'] == 'tank' else '水源'} {source['id']}  水头 {source['head_m']} m  供水 {source['flow_lps']} L/s"
    for device in answer["devices"]:
        yield (
            f"  {'水泵' if device['kind'] == 'pump' else device['kind']} {device['id']}  {device['from']} → {device['to']}  "
            f"流量 {device['flow_lps']} L/s  水头 {device['head_from_m']} → {device['head_to_m']} m"
        )
    yield from (f"△ {doubt['text']}" for doubt in answer["doubts"])
    if cut := answer["cut_off"]["nodes"]:
        yield f"  与水源不连通 {cut} 个节点：{'、'.join(answer['cut_off']['node_ids'][:5])}"
    if answer["from"] == "gis":
        peak = answer["peak"]
        by = (
            f"系数法，时变化系数 {peak['hourly_factor']:g}" if peak["hour"] is None
            else f"曲线法，{peak['hour']}～{(peak['hour'] + 1) % 24} 时总用水量最大"
        )  # fmt: skip
        own = f"（{peak['from']}）" if peak["from"] else ""
        yield f"  高峰时  {by}，日变化系数 {peak['daily_factor']:g}，漏损与未预见 {peak['unaccounted_share']:.0%}{own}"
        if lost := answer["unplaced"]["count"]:
            ids = "、".join(answer["unplaced"]["ids"][:5])
            yield f"△ {lost} 户用水量 {answer['unplaced']['demand_lps']} L/s 找不到可接管段，未计入：{ids}"
        words = {
            "abandoned": "废弃",
            "building": "在建",
            "without-size": "无管径或长度",
            "without-ends": "无端点",
        }
        yield "  未入模型：" + "  ".join(
            f"{words[key]} {value['count']}" for key, value in answer["left_out"].items()
        )
        yield from (_roughness_line(row) for row in answer["roughness"])
    yield from (f"△ {warning['text']}" for warning in answer["warnings"])


def _roughness_line(row: dict[str, Any]) -> str:
    name, word = next((name, word) for name, word in _ROUGHNESS_WORDS.items() if f"{name}_least" in row)
    least, greatest = row[f"{name}_least"], row[f"{name}_greatest"]
    return f"  {row['material']}  {row['length_m'] / 1000:.2f} km  {word} {least:g}～{greatest:g}"


def _compared(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    yield (
        f"模型 {answer['model']}：{answer['model_pipes']} 段，{answer['associated']} 段在管网中有对应；"
        f"模型 {answer['model_covered_m'] / 1000:.2f}/{answer['model_length_m'] / 1000:.2f} km，"
        f"管网 {answer['gis_covered_m'] / 1000:.2f}/{answer['gis_length_m'] / 1000:.2f} km"
    )
    words = {
        "only-in-model": "仅模型有", "only-in-gis": "仅管网有", "diameter": "管径不一致", "closed-in-model": "模型关闭",
        "closed-in-gis": "管网关闭", "length": "管长不一致",
    }  # fmt: skip
    yield "差异  " + "  ".join(f"{words[kind]} {count}" for kind, count in answer["counts"].items())
    yield from (f"  {row['text']}" for row in answer["differences"][:_SHOWN_COUNT])
    if len(answer["differences"]) > _SHOWN_COUNT:
        yield f"  …… 共 {len(answer['differences'])} 条，完整清单用 --json 或 --out"
    if arguments.out is not None:
        yield f"成果文件：{arguments.out}"
