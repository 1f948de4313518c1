"""What a person reads on the terminal: the same documents as --json, laid out in Chinese with the figures that matter."""

from __future__ import annotations

import sys
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from api.life.printing import schemes_page, verify_page
from api.pressure.model_door import model_page
from api.printing import versions
from api.printing.hydraulics import (
    calibrate_page,
    capacity_page,
    check_page,
    isolate_page,
    outages_page,
    range_line,
    valves_page,
)
from api.printing.prices import catalogue_page, money_lines, price_page
from api.printing.versions import layer_label, or_dash

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator


SEVERITIES = {"error": "错误　", "warning": "疑问　", "repaired": "已修复"}
SCORES = {"cost": "造价", "pressure": "压力", "digging": "开挖", "days": "工期", "risk": "风险"}
SHOWN = 20  # issues of a chosen kind that are listed one by one unless --limit says otherwise


def show(arguments: argparse.Namespace, answer: Any) -> None:
    """Print the page of the command."""
    for line in PAGES[arguments.command](answer, arguments):
        print(line)
    sys.stdout.flush()


def _sample(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    yield f"已生成合成示范城区（非真实数据）：{arguments.out}"
    yield from (f"  {name}" for name in answer["files"])
    yield "  " + "，".join(f"{name} {count}" for name, count in answer["counts"].items())


def _import(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    counts = answer["counts"]
    if answer["synthetic"]:
        yield "【合成数据，仅供演示 / SYNTHETIC DATA】"
    if answer["state"] == "pending":
        yield from _pending(answer)
    yield f"管网版本 {answer['version'] or '（试运行，未入库）'}  坐标系 {answer['crs'] or '本地平面'}  用时 {answer['seconds']} s"
    yield (
        f"  管段 {counts['pipes']}（{answer['length_m'] / 1000:.2f} km） 节点 {counts['nodes']} 阀门 {counts['valves']} "
        f"消火栓 {counts['hydrants']} 预留口 {counts['tapoffs']} 用户 {counts['customers']} 水源 {counts['sources']}"
    )
    if datum := answer["vertical_datum"]:
        yield f"  高程基准 {datum['name_zh']}{'（未说明，默认认定；可用 --vertical-datum 写明）' if datum['assumed'] else ''}"
    if answer["tapoffs_derived"]:
        yield f"  其中 {answer['tapoffs_derived']} 个预留口为推定（台账中没有，须现场核实）"
    elif not counts["tapoffs"]:
        yield "  数据中没有预留口；加 --derive-tapoffs 可由管网末端、堵头、消火栓三通推定（不作台账，须现场核实）"
    if answer.get("guessed"):
        yield "  △ 没有映射文件，以下表按列名和数值推测，请核对（tapwright mapping suggest 可写出映射文件改正）："
        yield from (f"    {one['table']} → {one['target']}：{one['columns']}" for one in answer["guessed"])
    for scheme in answer.get("asbuilt_lost", []):
        yield f"  △ 竣工方案 {scheme} 不在这次的数据里：请核对，或再执行 tapwright asbuilt"
    issues = answer["issues"]
    yield f"  数据问题：错误 {issues['error']} 疑问 {issues['warning']} 已修复 {issues['repaired']}（tapwright issues 查看）"


def _mapping(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    if arguments.step == "preview":
        yield from _preview(answer)
    elif "file" in answer:
        known = [table for table in answer["tables"] if table["layer"]]
        yield f"已写入映射文件 {answer['file']}：{len(answer['tables'])} 张表，认出 {len(known)} 张。请核对后用 tapwright import --mapping 导入。"
        yield from (f"  {t['file']} / {t['table']} → {t['layer_label']}（{t['rows']} 行）" for t in known)
        unknown = [table for table in answer["tables"] if not table["layer"]]
        yield from (f"  {t['file']} / {t['table']} 未认出：{t['problem'] or t['why']}" for t in unknown)
    else:
        yield answer["toml"].rstrip("\n")


def _preview(answer: dict[str, Any]) -> Iterator[str]:
    yield f"坐标系 {answer['crs'] or '本地平面'}"
    for table in answer["tables"]:
        yield f"{table['file']} / {table['table']} → {table['layer_label']} {table['count']} 行"
        labels = {column["attribute"]: column["label"] for column in table["columns"]}
        for row in table["rows"]:
            filled = (f"{label} {row[name]}" for name, label in labels.items() if row[name] is not None)
            yield f"  第 {row['row']} 行：{'，'.join(filled)}"
        yield from (
            f"  {SEVERITIES[one['severity']]} {one['count']} 次，如：{one['message']}"
            for one in table["issues"]
        )
    yield from (
        f"{SEVERITIES[one['severity']]} {one['count']} 次，如：{one['message']}" for one in answer["issues"]
    )
    yield from (f"未导入：{name}" for name in answer["skipped"])


def _pending(answer: dict[str, Any]) -> Iterator[str]:
    gone = "，".join(f"{layer_label(r['layer'])} {r['removed']}/{r['before']}" for r in answer["removals"])
    yield f"【待他人同意，尚未生效】与当前版本 {answer['current']} 相比将少掉：{gone}"
    yield f"  导入人 {answer['by']}；请另一人核对后：tapwright approve {answer['version']} --by 姓名 --reason 原因"
    yield f"  或否决：tapwright reject {answer['version']} --reason 原因；看差异：tapwright diff {answer['current']} {answer['version']}"


def _issues(answer: list[dict[str, Any]], arguments: argparse.Namespace) -> Iterator[str]:
    """Counts by kind first, errors before doubts before repairs; then, of a chosen kind or on demand, one by one."""
    severities = Counter(issue["severity"] for issue in answer)
    said = "，".join(f"{word.strip('　')} {severities[key]}" for key, word in SEVERITIES.items())
    yield f"共 {len(answer)} 条：{said}"
    kinds = Counter((issue["severity"], issue["kind"]) for issue in answer)
    rank = list(SEVERITIES)
    for (severity, kind), count in sorted(
        kinds.items(), key=lambda item: (rank.index(item[0][0]), -item[1], item[0][1])
    ):
        example = next(issue for issue in answer if (issue["severity"], issue["kind"]) == (severity, kind))
        yield f"  {SEVERITIES[severity]} {count:7d}  {example['name']}（{kind}）"
        yield f"                   例：{example['message']}{example['repair'] or ''}"
    chosen = bool(arguments.kind or arguments.severity)
    limit = arguments.limit if arguments.limit is not None else (SHOWN if chosen else -1)
    shown = answer if limit == 0 else answer[: max(limit, 0)]
    if shown:
        yield f"逐条（{len(shown)}/{len(answer)}）："
    for issue in shown:
        x, y = issue["position"] or ("—", "—")
        yield f"  {x},{y}  {issue['message']}{issue['repair'] or ''}"
    if answer and not chosen and limit < 0:
        yield "逐条查看：--kind 类型；在 QGIS 中查看：--out issues.gpkg"


def _tapoffs(answer: list[dict[str, Any]], _: argparse.Namespace) -> Iterator[str]:
    from gis.schema import codes

    if not answer:
        yield "范围内没有符合条件的预留口；可加大 --within-m 或改 --status"
    labels = {code: entry.label_zh for code, entry in codes("tapoffs", "status").items()}
    for tapoff in answer:
        pressure = tapoff["peak_pressure_mpa"]
        yield (
            f"{tapoff['id']}  DN{tapoff['dn']}  {labels.get(tapoff['status'], tapoff['status'])}  直线 {tapoff['distance_m']:.1f} m  "
            f"路由 {or_dash(tapoff['route_length_m'])} m  高峰压力 {or_dash(pressure)} MPa  干管 {tapoff['pipe_id']} DN{tapoff['pipe_dn']}"
            f"{'  【推定，须现场核实】' if tapoff['origin'] == 'derived' else ''}"
        )


def _site_card(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    x, y = answer["position"]
    yield f"位置 {x}, {y}  地面高程 {or_dash(answer['elevation_m'])} m  高峰压力 {or_dash(answer['peak_pressure_mpa'])} MPa"
    yield from _running(answer["running"])
    yield "周边管线" if answer["pipes"] else "周边没有管线"
    for pipe in answer["pipes"]:
        age = (
            "年代不明"
            if pipe["age_years"] is None
            else f"{pipe['install_year']} 年（{pipe['age_years']} 年）"
        )
        yield (
            f"  {pipe['id']}  DN{or_dash(pipe['dn'])} {_word('pipes', 'material', pipe['material'])} {age}  "
            f"覆土 {or_dash(pipe['cover_depth_m'])} m  距 {pipe['distance_m']:.1f} m  {_word('pipes', 'status', pipe['status'])}  "
            f"高峰压力 {or_dash(pipe['peak_pressure_mpa'])} MPa  {pipe['road_name'] or ''}".rstrip()
        )
        yield "    可信度：" + "，".join(
            f"{label} {_word('pipes', name, pipe[name])}"
            for label, name in (
                ("管径", "dn_confidence"), ("管材", "material_confidence"), ("年代", "install_year_confidence"),
                ("埋深", "cover_depth_confidence"),
            )
        )  # fmt: skip
    yield "预留口" if answer["tapoffs"] else "附近没有预留口"
    yield from (f"  {line}" for line in (_tapoffs(answer["tapoffs"], _) if answer["tapoffs"] else ()))
    yield "阀门" if answer["valves"] else "附近没有阀门"
    for valve in answer["valves"]:
        yield (
            f"  {valve['id']}  DN{or_dash(valve['dn'])} {_word('valves', 'kind', valve['kind'])} "
            f"{_word('valves', 'state', valve['state'])}  距 {valve['distance_m']:.1f} m"
        )


def _running(running: dict[str, Any]) -> Iterator[str]:
    if not running["computed"]:
        yield f"运行状态：未能计算。{running['problem']['zh']}"
        return
    fed = {True: "有水", False: "最近的管无水", None: "最近的管不在模型中"}[running["fed"]]
    source = running["source"]
    told = (
        "" if source is None else f"  主供水源 {source['name'] or source['id']}（水头 {source['head_m']} m）"
    )
    through = (
        "" if running["through"] is None else f"  经 {running['through']['kind']} {running['through']['id']}"
    )
    closed = "，".join(running["closed_valves"]) or "无"
    yield f"运行状态：{fed}{told}{through}  附近关闭阀门：{closed}"


def _word(layer: str, attribute: str, value: Any) -> str:
    """What a person reads for a code."""
    from gis.schema import codes

    entry = codes(layer, attribute).get(value)
    return or_dash(value) if entry is None else entry.label_zh


def scheme_lines(answer: dict[str, Any]) -> Iterator[str]:
    """Give the scheme as a page: also what `make demo` prints."""
    demand = answer["demand"]
    yield f"接水方案 {answer['id']}  {answer['name']}"
    if answer["provenance"]["synthetic"]:
        yield "【合成数据，仅供演示 / SYNTHETIC DATA】"
    yield f"设计秒流量 {demand['design_flow_lps']:.2f} L/s  最高日最高时 {demand['peak_hour_lps']:.2f} L/s"
    yield answer["summary"]
    yield from _supply(answer)
    for option in answer["options"]:
        yield from _option(option)
    for reason in answer["options"][0]["reasons"][3:]:
        yield f"  {reason}"
    for rejected in answer["rejected"][:5]:
        yield f"  未采用 {_rejected_name(rejected)}：{rejected['reason']}"


def _route_told(route: dict[str, Any]) -> str:
    """Which of the routes of its point, how long, and along what; a scheme of an earlier release tells the length."""
    told = f"（{route['asked_text']}：{route['how']}）" if "how" in route else ""
    return f"{route.get('number') or ''} {route['length_m']:.1f} m{told}"


def _rejected_name(rejected: dict[str, Any]) -> str:
    place, route = rejected["connection"], rejected.get("route") or {}
    name = place["tapoff_id"] if place["kind"] == "tapoff" else place["pipe_id"]
    return f"{name} 路由{route['number']}" if (route.get("number") or 1) > 1 else str(name)


def _supply(answer: dict[str, Any]) -> Iterator[str]:
    """How the building is supplied, with what, and what was overridden by hand."""
    supply = answer.get("supply_mode") or {"zones": [], "equipment": []}
    for zone in supply["zones"]:
        yield f"  供水方式 {zone['text']}"
    for piece in supply["equipment"]:
        yield f"  须设 {piece['name']}：{piece['reason']}"
    for entry in answer.get("overrides", []):
        now = entry["verdict"] if entry["value"] is None else f"{entry['value']:g}"
        yield f"  人工改动 {entry['rule']} → {now}，理由：{entry['reason']}（{entry['by'] or '—'}）"


def _option(option: dict[str, Any]) -> Iterator[str]:
    place, pipe, meter, check = option["connection"], option["service_pipe"], option["meter"], option["check"]
    where = (
        f"{'推定的' if place.get('origin') == 'derived' else ''}预留口 {place['tapoff_id']} DN{place['dn']}"
        if place["kind"] == "tapoff"
        else f"新开口于 {place['pipe_id']} DN{place['pipe_dn']}"
    )
    yield f"[{option['rank']}] {'可行' if option['feasible'] else '不可行'}  {where}（{place['method_text']}）"
    yield f"    路由{_route_told(option['route'])}"
    yield (
        f"    接户管 {pipe['material']} DN{pipe['dn']} {pipe['velocity_mps']:.2f} m/s  水表 DN{meter['dn']}"
    )
    yield (
        f"    用水点高峰压力 {check['site_pressure_before_mpa']:.3f} → {check['site_pressure_after_mpa']:.3f} MPa"
        f"（要求 {check['pressure_required_mpa']:.3f}）  新增不达标 {len(check['newly_below_limit'])} 处"
    )
    if band := check.get("range"):
        yield f"    接驳点{range_line(band)}"
    quote = option["quote"]
    yield (
        f"    报价 {quote['total_cny']} 元（用户 {quote['customer_total_cny']}，水司 {quote['utility_total_cny']}）  "
        f"工期 {option['workdays']} 个工作日"
    )
    yield from _beside(option)
    yield from money_lines(option)
    if score := option.get("score"):
        parts = "，".join(f"{SCORES[name]} {value:,.0f}" for name, value in score["parts"].items())
        yield f"    综合折算 {score['total']:,.0f} 元（{parts}）"
    for finding in option["findings"]:
        if finding["verdict"] != "pass":
            yield f"    {'✗' if finding['verdict'] == 'fail' else '△'} {finding['text']}"


def _beside(option: dict[str, Any]) -> Iterator[str]:
    """The second inlet, and what pumps and tanks come to; of a scheme of an earlier release nothing."""
    second = (option.get("inlets") or {}).get("second") or {}
    if pipe := second.get("service_pipe"):
        place = second["connection"]
        yield (
            f"    第二路 {second['tapoff_id'] or second['pipe_id']}（{place['method_text']}）  路由 {second['route_length_m']:.1f} m"
            f"  接户管 {pipe['material']} DN{pipe['dn']}  未计税费 {second['quote_net_cny']} 元"
        )
    amounts = [
        Decimal(line["amount_cny"])
        for line in option["quote"]["lines"]
        if line.get("ledger") == "secondary-supply"
    ]
    if amounts:
        yield f"    二次供水设备（估算，未计税）{sum(amounts)} 元"


def _scheme(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    yield from scheme_lines(answer)
    yield f"成果文件：{arguments.out}"


def _export(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    yield f"版本 {answer['version']} 已导出：{answer['file']}"
    yield "  " + "，".join(f"{layer_label(name)} {count}" for name, count in answer["counts"].items())
    if answer["left_out"]:
        yield f"  这种格式放不下、未导出的图层：{'，'.join(layer_label(name) for name in answer['left_out'])}"
    for name, count in answer["shapeless"].items():
        yield f"  {layer_label(name)} 有 {count} 个没有图形，这种格式放不下，未导出"


def _copy(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    yield f"已复制 {len(answer['versions'])} 个管网版本，内容逐一核对一致：{answer['from']} → {answer['to']}  用时 {answer['seconds']} s"
    for row in answer["versions"]:
        yield f"  {row['version']}{'（当前）' if row['version'] == answer['current'] else ''}"


def _serve(_: dict[str, Any], __: argparse.Namespace) -> Iterator[str]:
    yield "服务已停止"


def _renewal(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    if answer["provenance"]["synthetic"]:
        yield "【合成数据，仅供演示 / SYNTHETIC DATA】"
    counts = answer["counts"]
    if "all" in counts:
        yield f"老旧管网更新评估（{answer['on']}）  管段 {counts['all']['pipes']}（{counts['all']['length_km']:.2f} km）"
    else:
        whole = counts["candidates"]
        yield f"更新改造协同（{answer['on']} 起 {answer['horizon_years']} 年）  候选 {whole['pipes']} 段（{whole['length_km']:.2f} km）"
    for row in counts.values():
        if "label_zh" in row:
            share = f"，占 {row['length_share_pct']:.1f} %" if "length_share_pct" in row else ""
            yield f"  {row['label_zh']}  {row['pipes']} 段  {row['length_km']:.2f} km{share}"
    for year, row in counts.get("by_year", {}).items():
        yield f"  {year} 年实施  {row['pipes']} 段  {row['length_km']:.2f} km"
    yield f"成果文件：{arguments.out}"


PAGES: dict[str, Callable[[Any, argparse.Namespace], Iterator[str]]] = {
    "sample": _sample, "import": _import, "mapping": _mapping, "issues": _issues, "tapoffs": _tapoffs,
    "tapoff": versions.tapoff,
    "asbuilt": versions.asbuilt,
    "site-card": _site_card,
    "check": check_page,
    "calibrate": calibrate_page,
    "capacity": capacity_page,
    "outages": outages_page,
    "isolate": isolate_page,
    "valves": valves_page,
    "model": model_page,
    "scheme": _scheme, "schemes": schemes_page, "verify": verify_page, "catalogue": catalogue_page, "price": price_page, "renewal": _renewal,
    "versions": versions.versions,
    "rollback": versions.rollback,
    "approve": versions.approve,
    "reject": versions.reject, "diff": versions.diff, "export": _export, "copy": _copy,
    "serve": _serve,
}  # fmt: skip
