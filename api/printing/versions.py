"""What a person reads about versions, the tap-off register and as-built capture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator


def or_dash(value: object) -> str:
    return "—" if value is None else str(value)


def layer_label(name: str) -> str:
    from gis.schema import layers

    return layers()[name].label_zh


def tapoff(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    from gis.schema import codes

    labels = {code: entry.label_zh for code, entry in codes("tapoffs", "status").items()}
    if not answer["in_network"]:
        yield f"预留口 {answer['id']}：当前版本 {answer['network_version']} 中没有，仅有登记记录"
    else:
        until = (
            f"（至 {answer['reserved_until']}，{answer['reserved_by'] or '源数据'}）"
            if answer["reserved_until"]
            else ""
        )
        derived = "  【推定，须现场核实】" if answer["origin"] == "derived" else ""
        yield (
            f"预留口 {answer['id']}  DN{or_dash(answer['dn'])}  {labels[answer['status']]}{until}{derived}  "
            f"干管 {or_dash(answer['pipe_id'])} DN{or_dash(answer['pipe_dn'])}  阀门 {or_dash(answer['valve_id'])}"
        )
        yield f"  源数据状态 {labels.get(answer['imported_status'], answer['imported_status'])}  最近踏勘 {or_dash(answer['last_visit'])}"
    for entry in answer["history"]:
        yield f"  {entry['day']}  {_entry(entry, labels)}  {entry['by']}  [{entry['entry_id']}]{'（已撤销）' if entry['undone_by'] else ''}"


def asbuilt(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    if answer["already"]:
        yield f"方案 {answer['scheme_id']} 已在版本 {answer['version']} 中，未重复入库"
    else:
        yield f"竣工入库：方案 {answer['scheme_id']} {answer['name']} → 管网版本 {answer['version']}"
    yield (
        f"  接户管 {answer['pipe_id']} {answer['length_m']} m  接点 {answer['tie_in_node_id']}  水表 {answer['customer_id']}  "
        f"设计流量 {answer['design_flow_lps']:.2f} L/s  竣工 {answer['built_on']}"
    )
    if answer["cut"] is not None:
        yield f"  干管 {answer['cut']['pipe_id']} 在接点处分为 {'、'.join(answer['cut']['pieces'])}"
    if answer["tapoff_id"] is not None:
        yield f"  预留口 {answer['tapoff_id']} 改为已用"
    yield from (f"  △ {doubt}" for doubt in answer["doubts"])


def _entry(entry: dict[str, Any], labels: dict[str, str]) -> str:
    if entry["kind"] == "undo":
        return f"撤销 {entry['undoes']}：{entry['note']}"
    if entry["kind"] == "status":
        said = [f"定为{labels[entry['status']]}", f"至 {entry['until']}" if entry["until"] else ""]
    else:
        valve = {"turns": "阀门可启闭", "stuck": "阀门打不开"}.get(entry["valve"], "")
        pressure = "" if entry["pressure_mpa"] is None else f"压力 {entry['pressure_mpa']} MPa"
        said = ["踏勘：找到" if entry["found"] else "踏勘：未找到", valve, pressure]
    return "，".join(part for part in (*said, entry["note"]) if part)


def rollback(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    yield f"当前版本：{answer['version']}（原为 {answer['previous']}）。原因：{answer['reason']}"


def approve(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    yield f"已同意：当前版本 {answer['version']}（原为 {answer['previous']}）。{answer['by']}：{answer['reason']}"


def reject(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    yield f"已否决 {answer['version']}，当前版本仍为 {answer['current']}。{answer['by']}：{answer['reason']}"


ACTIONS = {
    "import": "导入", "propose": "提请", "approve": "同意", "reject": "否决", "rollback": "退回",
    "asbuilt": "竣工", "copy": "复制",
}  # fmt: skip
STATES = {"published": "", "pending": "【待他人同意】", "rejected": "【已否决】", "damaged": "【已损坏】"}


def _history(answer: list[dict[str, Any]]) -> Iterator[str]:
    for event in answer:
        yield (
            f"{event['when'][:19]}  {ACTIONS.get(event['action'], event['action'])}  "
            f"{or_dash(event['previous'])} → {event['version']}  {event['by'] or ''}  {event['reason'] or ''}".rstrip()
        )


def versions(answer: list[dict[str, Any]], arguments: argparse.Namespace) -> Iterator[str]:
    if arguments.history:
        yield from _history(answer)
        return
    if not answer:
        yield "还没有管网版本；请先执行 tapwright import"
    for version in answer:
        mark = f"{'*' if version['current'] else ' '} {version['version']}"
        if version["state"] == "damaged":
            yield f"{mark}  {STATES['damaged']}{version['problem']}；请从备份恢复"
            continue
        counts = version["counts"]
        yield (
            f"{mark}  {version['created'][:19]}  来源 {version['source']}  "
            f"管段 {counts['pipes']}（{version['length_m'] / 1000:.2f} km） 预留口 {counts['tapoffs']}"
            f"{'  【合成数据】' if version['synthetic'] else ''}{STATES[version['state']]}"
        )


def diff(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    changed = {name: counts for name, counts in answer["layers"].items() if any(counts.values())}
    if not changed:
        yield "两个版本没有差异"
    for name, counts in changed.items():
        fields = "，".join(f"{field} {count}" for field, count in answer["attributes"].get(name, {}).items())
        yield f"{layer_label(name)}  新增 {counts['added']}  修改 {counts['changed']}  删除 {counts['removed']}{f'（{fields}）' if fields else ''}"
    for feature in answer.get("features", {}).get("features", []):
        yield _changed(feature["properties"])


def _changed(one: dict[str, Any]) -> str:
    word = {"added": "新增", "changed": "修改", "removed": "删除"}[one["change"]]
    values = [
        f"{field} {or_dash(one['before'].get(field))} → {or_dash(one['after'].get(field))}"
        for field in one["fields"]
        if field != "geometry"
    ]
    return f"  {word} {layer_label(one['layer'])} {one['id']}  {'，'.join(values + ['位置或走向'] * ('geometry' in one['fields']))}".rstrip()
