"""`tapwright model …`: its words on the command line, and what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gis.progress import Progress

_SHOWN_COUNT = 20


def model_command(sub: argparse.ArgumentParser, *, path: Callable[[str], Path]) -> None:
    """Declare the words."""
    sub.add_argument("step", choices=["compare"])
    sub.add_argument("model", type=path, metavar="MODEL.inp")
    sub.add_argument("--crs", help="模型的坐标系（缺省同工作区） / of the model (default: the workspace's)")
    sub.add_argument(
        "--out", type=path, metavar="F.gpkg", help="对应关系与差异图层 / layers of what it found"
    )


def model(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Lay an EPANET model over the pipes of the current version and list what differs."""
    from api.model_compare import compare_model
    from api.settings import read_settings
    from gis.store import open_store

    network = open_store(read_settings(workspace=arguments.workspace).workspace).open()
    return compare_model(network, arguments.model, crs=arguments.crs, out=arguments.out, progress=progress)


def model_page(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """Give the counts, and the first differences of every kind."""
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
