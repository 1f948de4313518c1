"""The command `tapwright`: parses the call, prints one JSON document or a page for people, and never a traceback."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import json
import os
import signal
import sys
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from api.arguments.network import network_commands
from api.arguments.prices import catalogue_commands, price_command
from api.arguments.schemes import schemes_commands, verify_command
from api.arguments.usage import Parser, path, price_options, source, with_negative_values
from api.closing.cli import check_options, closing_commands
from api.pressure.model_door import model_command
from api.printing.stderr_progress import StderrProgress
from gis.errors import TapwrightError
from gis.messages import both_languages

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

ANSWERED, DIFFERENT, NO_ANSWER = 0, 1, 3
_OBJECTS_COUNT = 100_000  # new ones before the next look for circles
CRS_FORMS = "EPSG:n|GCJ-02|BD-09|F.toml"
WORKSPACE_HELP = (
    "工作区：文件夹或 postgresql://…（或 TAPWRIGHT_WORKSPACE）/ workspace: a folder or postgresql://…"
)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tapwright", description="接水匠：接水方案与管网更新 / water connections and pipe renewal"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)

    def command(name: str, text: str, *, workspace: bool = True) -> argparse.ArgumentParser:
        return _with_common(commands.add_parser(name, help=text, description=text), workspace=workspace)

    _data_commands(command)
    _question_commands(command)
    network_commands(command)
    closing_commands(command)
    _service_commands(command)
    _asbuilt_command(
        command("asbuilt", "竣工入库：建成的接水方案成为下一版管网 / a built scheme becomes network")
    )
    text = "方案的一生：受理、延期、撤回、过期 / the life of schemes"
    schemes_commands(commands.add_parser("schemes", help=text, description=text), _with_common)
    verify_command(
        command("verify", "复核已存方案：逐项重算比对（不一致时返回 1） / recompute a stored scheme")
    )
    text = "模型与管网叠合比对：管径、缺失、关闭阀门 / a model laid over the pipes"
    model_command(command("model", text), path=path)
    text = "价目表：核对、导入 / price lists"
    catalogue_commands(commands.add_parser("catalogue", help=text, description=text), _with_common)
    text = "计划管段按价目表计价 / the price of planned pipes"
    price_command(command("price", text, workspace=False))
    text = "预留口台账：查看、踏勘、改状态、撤销 / the tap-off register"
    _tapoff_commands(commands.add_parser("tapoff", help=text, description=text))
    return parser


def _with_common(sub: argparse.ArgumentParser, *, workspace: bool = True) -> argparse.ArgumentParser:
    sub.add_argument(
        "--json", action="store_true", help="标准输出只写一个 JSON 文档 / one JSON document on stdout"
    )
    if workspace:
        # api/settings.py gives the default, so that the environment is read in one place
        sub.add_argument("--workspace", help=WORKSPACE_HELP)
    return sub


def _data_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    sub = command(
        "sample", "生成合成示范城区的源数据 / write a synthetic district's source files", workspace=False
    )
    sub.add_argument("--seed", type=int, default=7)
    sub.add_argument("--pipes", type=int, default=2000)
    sub.add_argument("--out", type=path, required=True)
    _import_commands(command)
    sub = command("issues", "数据问题清单 / what the import doubted and mended")
    sub.add_argument("--version")
    sub.add_argument("--kind", action="append", help="只看这类问题，可重复 / only this kind, may be repeated")
    sub.add_argument("--severity", choices=("error", "warning", "repaired"), action="append")
    sub.add_argument(
        "--limit", type=int, help="列出的条数，0 为全部 / how many are shown in words, 0 for all"
    )
    sub.add_argument("--out", type=path)
    _version_commands(command)
    sub = command("export", "导出全部图层 / export all layers of a version")
    sub.add_argument("--version")
    sub.add_argument(
        "--format", choices=["gpkg", "survey", "shp", "dxf", "gdb"],
        help="点表线表、GBK Shapefile 写入文件夹；缺省按 --out 的后缀，否则 GeoPackage / survey and shp write into a folder",
    )  # fmt: skip
    sub.add_argument("--out", type=path, required=True)
    sub = command(
        "copy",
        "把管网版本复制到另一个工作区 / copy the network versions to another workspace",
        workspace=False,
    )
    sub.add_argument("source", metavar="FROM")
    sub.add_argument("target", metavar="TO")


def _import_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    sub = command("import", "导入数据为新的管网版本 / import sources as a new network version")
    sub.add_argument("sources", nargs="+", type=source, metavar="SOURCE")
    sub.add_argument("--mapping", type=path)
    sub.add_argument("--crs", metavar=CRS_FORMS, help="坐标系，或地方坐标系参数文件 / CRS, or a grid file")
    sub.add_argument(
        "--vertical-datum",
        metavar="1985|1956|NAME:M",
        help="高程基准（默认 1985）/ height datum (1985 assumed)",
    )
    sub.add_argument("--dry-run", action="store_true")
    sub.add_argument(
        "--derive-tapoffs",
        action="store_true",
        help="无台账时由图形推定预留口（末端、堵头、消火栓） / derive tap-offs from the drawing",
    )
    sub.add_argument("--accept-removals", action="store_true", help="同意大量删除 / much may disappear")
    sub.add_argument("--reason", help="同意删除的原因 / why it may")
    sub.add_argument("--by", help="导入人（缺省为登录名） / who imports (default: the login)")
    sub = command("mapping", "映射文件：建议与预览 / mapping files: suggestion and preview", workspace=False)
    sub.add_argument("step", choices=["suggest", "preview"])
    sub.add_argument("sources", nargs="+", type=source, metavar="SOURCE")
    sub.add_argument("--mapping", type=path, help="preview: 要试的映射文件 / the mapping file to try")
    sub.add_argument(
        "--out", type=path, metavar="M.toml", help="suggest: 写入映射文件 / write the mapping file"
    )
    sub.add_argument("--rows", type=int, default=20)
    sub.add_argument("--crs", metavar=CRS_FORMS)


def _version_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    sub = command("versions", "管网版本 / network versions")
    sub.add_argument(
        "--history", action="store_true", help="当前版本的变更记录 / changes of the current version"
    )
    sub = command("rollback", "退回旧版本 / make an older version the current one")
    sub.add_argument("version")
    sub.add_argument("--reason", help="原因（必填） / why (required)")
    sub.add_argument("--by", help="退回人（缺省为登录名） / who (default: the login)")
    sub = command("approve", "同意待定版本入库（须为另一人） / a second person agrees to a pending version")
    sub.add_argument("version")
    sub.add_argument("--by", help="同意人（必填，不得为导入人） / who agrees (required, not who imported)")
    sub.add_argument("--reason", help="原因（必填） / why (required)")
    sub = command("reject", "不同意待定版本入库 / a pending version is refused")
    sub.add_argument("version")
    sub.add_argument("--by", help="否决人（缺省为登录名） / who refuses (default: the login)")
    sub.add_argument("--reason", help="原因（必填） / why (required)")
    sub = command("diff", "两个版本的差异 / what changed between two versions")
    sub.add_argument("old")
    sub.add_argument("new")
    sub.add_argument(
        "--out", type=path, metavar="F.gpkg", help="新增、修改、删除各为一层 / layers of what changed"
    )
    sub.add_argument(
        "--details",
        type=int,
        metavar="N",
        help="每层每类至多 N 条，含前后值 / up to N things with before and after",
    )


def _question_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    sub = command("tapoffs", "最近的预留口 / nearest reserved tap-offs")
    sub.add_argument("--at", required=True, metavar="X,Y")
    sub.add_argument("--count", type=int, default=5)
    sub.add_argument("--within-m", type=float, default=500.0)
    sub.add_argument("--status", default="free")
    sub.add_argument("--crs", metavar=CRS_FORMS)
    sub = command(
        "site-card", "点位信息卡：周边管线、压力、预留口、阀门与运行状态 / what lies around a place"
    )
    sub.add_argument("--at", required=True, metavar="X,Y")
    sub.add_argument("--crs", metavar=CRS_FORMS)
    sub = command("check", "高峰压力校核 / peak-hour pressure check")
    where = sub.add_mutually_exclusive_group(required=True)
    where.add_argument("--node")
    where.add_argument("--at", metavar="X,Y")
    sub.add_argument("--flow-lps", type=float, required=True)
    sub.add_argument("--required-pressure-m", type=float)
    check_options(sub)
    sub.add_argument("--uncalibrated", action="store_true", help="不采用率定结果 / without the calibration")
    sub.add_argument("--plots", type=path, metavar="DIR", help="沿程与前后压力图 / profile and before/after")
    sub.add_argument("--nodes-out", type=path)
    sub.add_argument("--inp-out", type=path)
    sub.add_argument("--crs", metavar=CRS_FORMS)
    sub = command("scheme", "接水方案 / connection scheme")
    sub.add_argument("request", type=path, metavar="REQUEST.json")
    sub.add_argument("--out", type=path, required=True)
    sub.add_argument("--crs", metavar=CRS_FORMS)
    sub.add_argument(
        "--rules", type=path, metavar="F.toml",
        help="本单位的规则文件，逐项替换规范值（缺省为工作区的 rules.toml） / rules of the utility",
    )  # fmt: skip
    price_options(sub)
    sub = command("renewal", "老旧管网更新 / pipe renewal")
    sub.add_argument("step", choices=["assess", "coordinate"])
    sub.add_argument("--parameters", type=path)
    sub.add_argument("--out", type=path, required=True)


def _asbuilt_command(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("scheme", type=path, metavar="SCHEME_DIR|scheme.json")
    sub.add_argument("--option", type=int, default=1, help="建成的是第几个方案 / which option was built")
    sub.add_argument(
        "--survey", type=path, metavar="F", help="竣工测点（CSV、XLSX、GPKG…） / as-built points"
    )
    sub.add_argument("--crs", help="测点的坐标系（缺省同工作区） / of the survey (default: the workspace's)")
    sub.add_argument("--built-on", metavar="YYYY-MM-DD", help="竣工日期（缺省今天） / day (default: today)")
    sub.add_argument("--by", help="录入人（缺省为登录名） / who (default: the login)")


def _tapoff_commands(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP", parser_class=Parser)

    def step(name: str, text: str) -> argparse.ArgumentParser:
        sub = _with_common(steps.add_parser(name, help=text, description=text))
        sub.add_argument("tapoff", metavar="ID")
        if name != "show":
            sub.add_argument("--by", help="经手人（缺省为登录名） / who (default: the login)")
        if name in {"visit", "set"}:
            sub.add_argument("--note", help="备注 / note")
            sub.add_argument("--date", metavar="YYYY-MM-DD", help="日期（缺省今天） / day (default: today)")
        return sub

    step("show", "现状与全部记录 / how it stands and its whole history")
    sub = step("visit", "登记一次踏勘 / what a visit saw")
    sub.add_argument("--found", choices=["yes", "no"], required=True)
    sub.add_argument("--valve", choices=["turns", "stuck"])
    sub.add_argument("--pressure-mpa", type=float)
    sub.add_argument(
        "--photo", type=path, metavar="FILE", help="照片（记路径与哈希） / its path and hash are kept"
    )
    sub = step("set", "预留或改状态 / reserve it, or say what it is")
    sub.add_argument("--status", required=True, choices=["free", "reserved", "used", "blocked", "not-found"])
    sub.add_argument("--until", metavar="YYYY-MM-DD", help="预留至（含当日） / last day of a reservation")
    sub = step("undo", "撤销一条记错的登记（原记录保留） / take a wrong entry back; it stays in the history")
    sub.add_argument("entry", metavar="ENTRY")
    sub.add_argument("--reason", help="原因（必填） / why (required)")


def _service_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    sub = command("serve", "启动地图与接口 / serve the map and the API")
    sub.add_argument("--port", type=int, default=8420)
    sub.add_argument(
        "--local", action="store_true", help="仅本机单人使用 / this machine only, one implicit user"
    )
    sub.add_argument(
        "--new",
        action="store_true",
        help="没有工作区时新建，在网页上导入 / make the workspace, import on the page",
    )


def _refuse(error: TapwrightError) -> int:
    print(both_languages(error), file=sys.stderr)
    return error.exit_status


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the exit status."""
    statuses: list[int] = []
    if argv is None:
        _settle_process(statuses)
    statuses.append(_answered(sys.argv[1:] if argv is None else argv))
    return statuses[-1]


def _answered(argv: Sequence[str]) -> int:
    try:
        _set_encoding()
        return _run(with_negative_values(argv))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ANSWERED
    except KeyboardInterrupt:
        print("已取消 / cancelled", file=sys.stderr)
        return NO_ANSWER


def _settle_process(statuses: list[int]) -> None:
    """Where the process is ours: no warnings meant for programmers, and a polite kill tidies up as Ctrl-C does."""
    # A city is a million small objects that nobody drops: looking through them for circles was a tenth of the wait.
    gc.set_threshold(_OBJECTS_COUNT, 20, 20)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, _stop)
    atexit.register(_leave, statuses)


def _leave(statuses: Sequence[int]) -> None:
    """
    End at once with the status of the answer, when there is one: taking a city apart piece by piece takes its time too.

    Registered first and so called last: all others have tidied up by then.
    """
    if statuses:
        with contextlib.suppress(OSError, ValueError):  # a closed pipe is told as ever
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(statuses[-1])


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _run(argv: Sequence[str]) -> int:
    try:
        arguments = _parser().parse_args(argv)
    except TapwrightError as error:
        return _refuse(error)
    # imported late: `tapwright --help` and a wrong call must not wait for the geometry libraries
    from api import commands
    from api.errors import CallError, DefectError
    from api.printing import pages

    progress = StderrProgress(shown=sys.stderr.isatty())
    try:
        answer = commands.COMMANDS[arguments.command](arguments, progress)
        if arguments.json:
            print(json.dumps(answer, ensure_ascii=False, allow_nan=False), flush=True)
        else:
            pages.show(arguments, answer)
    except TapwrightError as error:
        _note_event(arguments, error)
        return _refuse(error)
    except BrokenPipeError:
        raise
    except UnicodeEncodeError as error:
        return _refuse(CallError("name-not-text", name=ascii(error.object.rpartition("/")[2])))
    except OSError as error:
        name = "" if error.filename is None else str(error.filename)
        return _refuse(CallError("file", path=name, problem=error.strerror or str(error)))
    except Exception as error:
        return _refuse(
            DefectError("defect", kind=type(error).__name__, problem=str(error), where=_where(error))
        )
    return DIFFERENT if arguments.command == "verify" and not answer["equal"] else ANSWERED


def _note_event(arguments: argparse.Namespace, error: TapwrightError) -> None:
    """A refused delivery may be an attack: then it is written down."""
    if arguments.command not in {"import", "mapping"}:
        return
    from api.security import record
    from api.settings import read_settings

    with contextlib.suppress(TapwrightError):
        settings = read_settings(workspace=getattr(arguments, "workspace", None) or ".")
        record(
            error, log=settings.security_log, door="command", by=settings.person, sources=getattr(arguments, "sources", ())
        )  # fmt: skip


def _where(error: Exception) -> str:
    """Tell the innermost place of our own, for those who mend it."""
    places = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
    return " > ".join(places[-4:])


def _set_encoding() -> None:
    """JSON and Chinese go out as UTF-8 wherever the output leads; a name that is no text is written as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if not stream.isatty():
                stream.reconfigure(encoding="utf-8")
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    raise SystemExit(main())
