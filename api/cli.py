"""The command `tapwright`: parses the call, prints one JSON document or a page for people, and never a traceback."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gis.errors import InputError, TapwrightError
from gis.messages import both_languages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ANSWERED, BAD_INPUT, NO_ANSWER = 0, 2, 3


class StderrProgress:
    """One line on stderr, rewritten in place on a terminal, silent elsewhere."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    def step(self, stage: str, done: int, total: int) -> None:
        """Show stage and share."""
        if self._shown:
            end = "\n" if done >= total else ""
            print(f"\r{stage} {done}/{total}   ", end=end, file=sys.stderr, flush=True)


class _Parser(argparse.ArgumentParser):
    """A wrong call is bad input: exit 2, in both languages."""

    def error(self, message: str) -> Any:
        print(f"调用有误：{message}\n用法见 {self.prog} --help\n", file=sys.stderr)
        print(f"Wrong call: {message}. See {self.prog} --help", file=sys.stderr)
        raise SystemExit(BAD_INPUT)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tapwright", description="接水匠：接水方案与管网更新 / water connections and pipe renewal"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name: str, text: str, *, workspace: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument(
            "--json", action="store_true", help="标准输出只写一个 JSON 文档 / one JSON document on stdout"
        )
        if workspace:
            # api/settings.py gives the default, so that the environment is read in one place
            sub.add_argument("--workspace", help="工作区文件夹（或 TAPWRIGHT_WORKSPACE）/ workspace folder")
        return sub

    _data_commands(command)
    _question_commands(command)
    _service_commands(command)
    return parser


def _data_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    sub = command(
        "sample", "生成合成示范城区的源数据 / write a synthetic district's source files", workspace=False
    )
    sub.add_argument("--seed", type=int, default=7)
    sub.add_argument("--pipes", type=int, default=2000)
    sub.add_argument("--out", type=Path, required=True)
    sub = command("import", "导入数据为新的管网版本 / import sources as a new network version")
    sub.add_argument("sources", nargs="+", type=Path, metavar="SOURCE")
    sub.add_argument("--mapping", type=Path)
    sub.add_argument("--crs")
    sub.add_argument("--dry-run", action="store_true")
    sub = command("issues", "数据问题清单 / what the import doubted and mended")
    sub.add_argument("--version")
    sub.add_argument("--out", type=Path)
    command("versions", "管网版本 / network versions")
    sub = command("diff", "两个版本的差异 / what changed between two versions")
    sub.add_argument("old")
    sub.add_argument("new")
    sub = command("export", "导出全部图层 / export all layers of a version")
    sub.add_argument("--version")
    sub.add_argument("--out", type=Path, required=True)


def _question_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    sub = command("tapoffs", "最近的预留口 / nearest reserved tap-offs")
    sub.add_argument("--at", required=True, metavar="X,Y")
    sub.add_argument("--count", type=int, default=5)
    sub.add_argument("--within-m", type=float, default=500.0)
    sub.add_argument("--status", default="free")
    sub.add_argument("--crs")
    sub = command("check", "高峰压力校核 / peak-hour pressure check")
    where = sub.add_mutually_exclusive_group(required=True)
    where.add_argument("--node")
    where.add_argument("--at", metavar="X,Y")
    sub.add_argument("--flow-lps", type=float, required=True)
    sub.add_argument("--required-pressure-m", type=float)
    sub.add_argument("--scenario", default="peak", choices=["peak"])
    sub.add_argument("--nodes-out", type=Path)
    sub.add_argument("--inp-out", type=Path)
    sub.add_argument("--crs")
    sub = command("scheme", "接水方案 / connection scheme")
    sub.add_argument("request", type=Path, metavar="REQUEST.json")
    sub.add_argument("--out", type=Path, required=True)
    sub.add_argument("--crs")
    sub = command("renewal", "老旧管网更新 / pipe renewal")
    sub.add_argument("step", choices=["assess", "coordinate"])
    sub.add_argument("--parameters", type=Path)
    sub.add_argument("--out", type=Path, required=True)


def _service_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    sub = command("serve", "启动地图与接口 / serve the map and the API")
    sub.add_argument("--port", type=int, default=8420)
    sub.add_argument(
        "--local", action="store_true", help="仅本机单人使用 / this machine only, one implicit user"
    )


def _refuse(error: TapwrightError) -> int:
    print(both_languages(error), file=sys.stderr)
    return error.exit_status


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the exit status."""
    arguments = _parser().parse_args(argv)
    # imported late: `tapwright --help` and a wrong call must not wait for the geometry libraries
    from api import commands, printing

    progress = StderrProgress(shown=sys.stderr.isatty())
    try:
        answer = commands.COMMANDS[arguments.command](arguments, progress)
        if arguments.json:
            print(json.dumps(answer, ensure_ascii=False, allow_nan=False), flush=True)
        else:
            printing.show(arguments, answer)
    except TapwrightError as error:
        return _refuse(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ANSWERED
    except KeyboardInterrupt:
        print("已取消 / cancelled", file=sys.stderr)
        return NO_ANSWER
    except OSError as error:
        return _refuse(
            InputError("file", path=str(error.filename or ""), problem=error.strerror or str(error))
        )
    return ANSWERED


if __name__ == "__main__":
    raise SystemExit(main())
