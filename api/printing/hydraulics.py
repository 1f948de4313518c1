"""What the command line says of pressures, capacities and outages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

VERDICTS = {"pass": "满足", "fail": "不满足"}
SCENARIO_VERDICTS = {**VERDICTS, "warn": "接水前已不满足", "none": "—"}


def check_page(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    """Give the answer of a pressure check."""
    yield f"节点 {answer['node']}  压力 {answer['pressure_before_m']} → {answer['pressure_after_m']} m  结论：{VERDICTS[answer['verdict']]}"
    if worst := answer["worst_node"]:
        yield f"最不利点 {worst['id']}  {worst['pressure_before_m']} → {worst['pressure_after_m']} m"
    if band := answer.get("range"):
        yield range_line(band)
    if used := answer.get("calibration"):
        yield f"采用率定结果（{used['readings']} 个读数，均方根残差 {used['rms_m']} m，{used['source']}）"
    yield from _neighbours(answer)
    for one in answer.get("scenarios", []):
        if one["reason"]:
            yield f"  {one['label']}：{one['reason']}"
        else:
            yield (
                f"  {one['label']}（{one['flow_lps']:g} L/s，不低于 {one['limit_m']:.2f} m）  压力 {one['pressure_before_m']} → "
                f"{one['pressure_after_m']} m  新增不达标 {one['newly_below']} 个  {SCENARIO_VERDICTS[one['verdict']]}"
            )
    if fire := answer.get("fire"):
        yield from _fire(fire)
    if answer.get("mode") == "pda":
        yield f"按压力驱动计算：少供 {answer['unserved_before_lps']} → {answer['unserved_after_lps']} L/s"
    yield from (f"△ {warning['text']}" for warning in answer["warnings"])
    marks = {"fail": "×", "warn": "△"}
    yield from (
        f"{marks[finding['verdict']]} {finding['text']}"
        for finding in answer["findings"]
        if finding["verdict"] in marks
    )


def _neighbours(answer: dict[str, Any]) -> Iterator[str]:
    """Give everybody newly below the limit with what is missing, and the fastest pipe."""
    below = answer["newly_below"]
    yield f"新增不达标节点 {len(below)} 个"
    for node in below[:_MOST_SHOWN]:
        yield f"  {node['id']}  {node['pressure_before_m']} → {node['pressure_after_m']} m，差 {node['short_m']} m"
    if len(below) > _MOST_SHOWN:
        yield f"  其余 {len(below) - _MOST_SHOWN} 个见 --json 的 newly_below 或 --nodes-out"
    if fastest := answer["velocity"]["fastest"]:
        yield f"流速最大 {fastest['pipe_id']}  {fastest['velocity_before_mps']:.2f} → {fastest['velocity_after_mps']:.2f} m/s"


def _fire(fire: dict[str, Any]) -> Iterator[str]:
    places = [
        ("接驳点", fire["connection"]),
        *((f"消火栓 {one['id']}（{one['distance_m']:.0f} m）", one) for one in fire["hydrants"]),
    ]
    for name, one in places:
        if one["available_lps"] is None:
            yield f"  {name}：无水或高程不明"
            continue
        most = "不少于 " if one["at_cap"] else ""
        yield (
            f"  {name}：保持 {fire['least_pressure_m']:.2f} m 可出 {most}{one['available_lps']} L/s，"
            f"{fire['fire_lps']:g} L/s 时 {one['pressure_m']} m  {SCENARIO_VERDICTS[one['verdict']]}"
        )


_MOST_SHOWN = 10
RANGE_VERDICTS = {"safe": "可靠满足", "unsafe": "可靠不满足", "measure-here": "须实测后定"}
_QUANTITIES = {"pressure": "高峰时压力（压力记录仪）", "elevation": "地面高程（水准测量）"}


def range_line(band: dict[str, Any]) -> str:
    """Give the range of a pressure and the reading that would decide it."""
    text = f"压力区间 {band['low_m']}～{band['high_m']} m（{band['coverage_share']:.0%}）：{RANGE_VERDICTS[band['verdict']]}"
    at = band["measure_at"]
    if at is None or band["verdict"] != "measure-here":
        return text
    return f"{text}；最有用的一次实测：节点 {at['node_id']} 的{_QUANTITIES[at['quantity']]}，可消除 {at['removes_share']:.0%} 的不确定性"


def outages_page(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """Give the counts of an outage table."""
    yield f"停水影响（要求 {answer['required_pressure_m']:.2f} m）  管段 {answer['pipes']} 段  用时 {answer['seconds']} s"
    yield f"  有影响 {answer['with_effect']} 段，独路供水 {answer['bridges']} 段，由 EPANET 求得 {answer['by_epanet']} 段"
    if answer["worst_pipe_id"]:
        yield f"  影响最大 {answer['worst_pipe_id']}：少供 {answer['worst_unserved_lps']} L/s"
    if answer["valves_known"]:
        yield (
            f"  阀门 {answer['valves']} 个，分段 {answer['segments']} 个；影响最大分段 {answer['worst_segment_id']}："
            f"少供 {answer['worst_segment_unserved_lps']} L/s"
        )
    else:
        yield "  △ 管网中几乎没有阀门资料：每段管按单独停水计"
    yield f"成果文件：{arguments.out}"


def capacity_page(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """Give the counts of each capacity map and how its trial went."""
    for one in answer["maps"]:
        yield f"余量图（要求 {one['required_pressure_m']:.2f} m）  节点 {one['junctions']} 个，预留口 {one['tapoffs']} 个"
        yield (
            f"  无余量 {one['without_spare']} 个，达到上限 {one['cap_lps']:g} L/s {one['at_cap']} 个，"
            f"无水 {one['without_water']} 个；由 EPANET 逐点求得 {one['by_epanet']} 个；沿用上次 {one['chunks_taken_over']}/{one['chunks']} 块"
        )
        trial = one["verified"]
        yield (
            f"  EPANET 冷启动复核 {trial['tried']} 点（其中近限 {trial['near_limit_tried']} 点）："
            f"最大偏高 {trial['worst_over_lps']} L/s，最大偏低 {trial['worst_under_lps']} L/s"
        )
    if answer["reserved_lps"]:
        yield f"已扣除承诺用水 {answer['reserved_lps']} L/s"
    if short := answer["reserved_newly_below"]:
        worst = max(short, key=lambda one: one["short_m"])
        yield (
            f"  △ 承诺用水本身已使 {len({one['node_id'] for one in short})} 个用户节点低于要求，最多差 {worst['short_m']:.2f} m"
            f"（{worst['node_id']}）：请先核减承诺用水或加强供水"
        )
    yield f"用时 {answer['seconds']} s"
    yield from (f"成果文件：{file}" for file in (arguments.out, arguments.tapoffs_out, arguments.map) if file)


def isolate_page(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """Give the valves to close and whom it concerns."""
    yield f"关阀方案  {answer['pipe_id'] or answer['node_id']}  停水 {answer['customers_out']} 户（{answer['dwellings_out']} 住户）"
    if not answer["valves_known"]:
        yield "  △ 管网中没有阀门资料：只按该管段停水计，关哪些阀门须现场查明"
    for valve in answer["valves"]:
        what = "已关，须核实" if valve["is_shut"] else "关闭" if valve["feeds"] else "关闭（防倒流）"
        yield f"  {what} {valve['id']}  DN{valve['dn']}  在管段 {valve['pipe_id']} 的节点 {valve['node_id']} 端"
    yield f"  停水管段 {len(answer['pipe_ids'])} 段，无水 {answer['cut_off_lps']} L/s，高峰少供 {answer['unserved_lps']} L/s"
    if told := answer.get("by_pressure"):
        yield f"  按压力驱动计算少供 {told['unserved_lps']} L/s，水压不足节点 {told['low_nodes_count']} 个"
    if told := answer.get("over_time"):
        yield (
            f"  停水 {told['lasts_hours']:g} 小时内（含水池放空）：断水节点 {told['without_water_count']} 个，"
            f"水压不足节点 {told['low_nodes_count']} 个"
        )
    for other in answer["alternatives"]:
        more = other["more_customers_out"]
        yield f"  若 {other['failed_valve']} 关不动：改关 {'、'.join(other['valves']) or '—'}，再多停 {more} 户"
    if answer["notify_by"]:
        yield f"  最迟 {answer['notify_by']} 前通知（提前 {answer['notice_hours']:g} 小时）"
    if arguments.out is not None:
        yield f"停水通知名单：{arguments.out}（{answer['notices']} 户）"


def calibrate_page(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """Give how well the model agrees with the readings, and what they say of which parameter."""
    yield (
        f"率定（{answer['readings']} 个读数）  计算与实测之差：均方根 {answer['rms_before_m']} → {answer['rms_after_m']} m，"
        f"最大 {answer['worst_after_m']} m；{'校核时采用' if answer['in_use'] else '已停用，校核不采用'}"
    )
    if not answer["sound"]:
        yield "  △ 率定后仍与实测不符，不宜采用：多半是阀门状态、管径、水源水头或读数有误，请先核查（--switch on 可强制采用）"
    unsure = 0
    for one in answer["parameters"]:
        what = "高峰用水量" if one["kind"] == "demand" else f"糙率 {one['name']}"
        if one["at_bound"]:
            yield f"  △ {what}  ×{one['factor']:.3f}：已到合理范围的界限，请核查"
        elif one["identified"]:
            yield f"  {what}  ×{one['factor']:.3f}（±{one['share']:.1%}）"
        else:
            unsure += 1
    if unsure:
        yield f"  △ 其余 {unsure} 项读数不足以判定，仍以原值为主"
    for first, second in answer["alike"]:
        yield f"  △ 现有读数分不开“{first}”与“{second}”：请补测消火栓放水压力（flow_lps），或另一用水时段"
    for one in answer["residuals"]:
        if one["is_doubtful"]:
            yield (
                f"  △ 节点 {one['node_id']} 实测 {one['read_m']} m，率定后计算 {one['after_m']} m，"
                "相差超过读数精度 3 倍：请核对读数、阀门状态与高程"
            )
    if arguments.plots is not None:
        yield f"图与数据：{arguments.plots}"


def valves_page(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """Give a list of valves, thought of or there."""
    if not answer["valves_known"]:
        yield "△ 管网中几乎没有阀门资料，不能按分段判断：请先导入阀门图层"
    if arguments.step == "suggest":
        yield f"加装阀门建议（任一处爆管平均停水 {answer['average_out_lps']} L/s）  分段 {answer['segments']} 个"
        for one in answer["valves"]:
            yield (
                f"  {one['rank']}. 管段 {one['pipe_id']} 的节点 {one['node_id']} 端：停水 {one['out_before_lps']} → "
                f"{one['out_node_side_lps']} / {one['out_pipe_side_lps']} L/s，平均少停 {one['saved_lps']} L/s"
            )
    else:
        yield f"现有阀门关不动时的影响  分段 {answer['segments']} 个"
        for one in answer["valves"]:
            yield (
                f"  {one['rank']}. {one['valve_id']}（管段 {one['pipe_id']} 的节点 {one['node_id']} 端）：多停 {one['more_customers']} 户、"
                f"{one['more_out_lps']} L/s"
            )
    if arguments.out is not None:
        yield f"成果文件：{arguments.out}"
