"""What a person reads of schemes and of their recomputation on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

STATES = {
    "draft": "未受理", "accepted": "已受理", "expired": "已过期", "withdrawn": "已撤回", "superseded": "已被替代", "built": "已建成",
}  # fmt: skip
ACTIONS = {
    "draft": "编制", "accept": "受理", "extend": "延期", "withdraw": "撤回", "supersede": "被替代", "built": "竣工入库",
}  # fmt: skip
SHOWN = 50


def schemes_page(answer: Any, arguments: argparse.Namespace) -> Iterator[str]:
    """The page of `tapwright schemes`."""
    if arguments.step == "list":
        yield from ([_line(one) for one in answer] or ["没有方案"])
    elif arguments.step == "history":
        yield from ([_event(one) for one in answer] or ["没有记录"])
    else:
        yield _line(answer)
        yield from (f"  {_event(one)}" for one in answer["history"])


def _line(one: dict[str, Any]) -> str:
    until = f"，占用至 {one['until']}" if one["state"] in {"accepted", "expired"} else ""
    left = f"（还有 {one['days_left']} 天）" if one["days_left"] is not None else ""
    claim = one["claim"]
    where = "" if claim is None else f"  {claim['tapoff_id'] or claim['pipe_id']} {claim['flow_lps']:.2f} L/s"
    override = f"  【不满足要求仍受理：{one['override']}】" if one["override"] else ""
    other = f"  ⇄ {one['other']}" if one["other"] else ""
    return f"{one['id']}  {STATES[one['state']]}{until}{left}  {one['name']}{where}  {one['total_cny'] or '—'} 元{other}{override}"


def _event(one: dict[str, Any]) -> str:
    parts = [one["recorded"][:19].replace("T", " "), one["scheme_id"], ACTIONS[one["action"]], one["by"]]
    parts += [f"至 {one['until']}"] if one["until"] else []
    parts += [f"第 {one['option']} 方案"] if one["option"] else []
    parts += [f"⇄ {one['other']}"] if one["other"] else []
    return "  ".join(parts + [text for text in (one["reason"], one["override"]) if text])


def verify_page(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    """The page of `tapwright verify`."""
    head = f"方案 {answer['scheme_id']}（管网版本 {answer['network_version']}，{answer['day']}）"
    if answer["equal"]:
        yield f"{head}：重新计算，{answer['figures']} 项全部一致"
        return
    yield f"{head}：重新计算，有 {len(answer['differences'])} 处不一致"
    for one in answer["differences"][:SHOWN]:
        yield f"  {one['path']}：存 {_short(one['stored'])}，算 {_short(one['now'])}"
    if len(answer["differences"]) > SHOWN:
        yield f"  …… 其余见 --json（共 {len(answer['differences'])} 处）"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
