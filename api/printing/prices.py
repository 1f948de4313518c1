"""What a person reads of price lists and priced works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

SHOWN = 12


def catalogue_page(answer: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    """A list that was imported or checked."""
    if arguments.step == "import":
        yield f"已导入价目表 {answer['title']}（{answer['currency']}）：{answer['items']} 项，其中 {len(answer['mapped'])} 项对应本程序编码"
        if answer["without_price"]:
            yield f"  △ 没有单价、未导入 {len(answer['without_price'])} 项：{'、'.join(answer['without_price'][:SHOWN])}"
        yield f"  {answer['file']}"
        return
    if arguments.step == "template":
        yield f"价目表模板：{answer['file']}（{answer['items']} 项，填“综合单价”后用 --catalogue 采用）"
        return
    yield f"价目表 {answer['title']}（{answer['currency']}），{answer['on']} 采用的版本：{answer['valid_from'] or '—'} 至 {answer['valid_to'] or '—'}"
    yield f"  税率 {answer['tax_rate']}  地区系数 {answer['regional_factor']}  本表 {answer['own']} 项  一费制 {answer['one_fee_rows']} 行"
    for name, rate in answer["fees"].items():
        yield f"  取费 {name} {rate}"
    for label, key in (("借自示意价目", "borrowed"), ("已过有效期", "expired"), ("尚未生效", "not_yet")):
        codes = answer[key]
        if codes:
            more = " ……" if len(codes) > SHOWN else ""
            yield f"  △ {label} {len(codes)} 项：{'、'.join(codes[:SHOWN])}{more}"


def price_page(answer: dict[str, Any], _: argparse.Namespace) -> Iterator[str]:
    """Planned works with their price."""
    money = answer["currency"]
    yield f"计划管段 {answer['pipes']} 条 {answer['length_m']:.2f} m，计件 {answer['pieces']} 项，按 {answer['catalogue']}"
    for line in answer["lines"]:
        yield f"  {line['code']:<22} {line['quantity']:>12} {line['unit']:<4} × {line['price']:>12} = {line['amount']:>14}  {line['name'][:40]}"
    yield f"  不含税 {answer['net']}  税金 {answer['tax']}  合计 {answer['total']} {money}（每米 {answer['per_m']}，不含税）"
    for left in answer["left_out"]:
        yield f"  △ 价目表没有，未计价：{left['code']} {left['quantity']}"
    if answer["file"]:
        yield f"成果文件：{answer['file']}"


def money_lines(option: dict[str, Any]) -> Iterator[str]:
    """The second method and the permits of an option, a line each."""
    fee = option["quote"].get("one_fee")
    if fee is not None:
        yield f"    一费制 {fee['total_cny']} 元（比报价 {float(fee['difference_cny']):+,.2f}）"
    permits = [
        f"{p['name']}（{p['area_m2']:.1f} m²）" if p["area_m2"] else p["name"] for p in option["permits"]
    ]
    if permits:
        filed = "，可承诺备案" if all(p.get("filing") for p in option["permits"]) else ""
        yield f"    手续 {'、'.join(permits)}{filed}"
