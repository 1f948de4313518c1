"""How figures stand on paper: the document's own digits, padded to the unit's habit; sums in Chinese capitals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Fewest and most decimals by unit: what can be measured, not what the arithmetic gives. All digits stand in scheme.json.
_DECIMALS: dict[str, tuple[int, int]] = {
    "MPa": (3, 3), "m": (2, 2), "length": (1, 1), "m/s": (2, 2), "L/s": (2, 2), "mm": (0, 1), "m3/h": (0, 2), "m2": (1, 1),
    "m3": (1, 1), "%": (1, 2), "CNY": (2, 2), "°": (0, 0), "input": (0, 4),
}  # fmt: skip
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "兆")


def figure(value: float | str | Decimal | None, unit: str = "") -> str:
    """
    The figure as printed, without its unit; a dash when there is none.

    >>> figure(0.28, "MPa"), figure(12.0, "m"), figure(4.2513, "L/s"), figure(None)
    ('0.280', '12.00', '4.25', '—')
    """
    if value is None:
        return "—"
    fewest, most = _DECIMALS.get(unit, (0, 3))
    return _fixed(Decimal(str(value)), fewest, most)


def figures(values: Sequence[float | None], unit: str) -> list[str]:
    """
    A column of figures, all with as many decimals as the longest needs.

    >>> figures([0.306, 0.3005], "MPa"), figures([25, 6.3], "m3/h")
    (['0.306', '0.301'], ['25.0', '6.3'])
    """
    texts = [figure(value, unit) for value in values]
    most = max((len(text.partition(".")[2]) for text in texts), default=0)
    return [text if "—" in text else _fixed(Decimal(text), most, most) for text in texts]


def unlike_figures(measured: float, limit: float, unit: str) -> tuple[str, str]:
    """
    Measured and limit with enough decimals that unequal values never read as equal.

    >>> unlike_figures(0.13996, 0.14, "MPa")
    ('0.13996', '0.140')
    """
    left, right = figure(measured, unit), figure(limit, unit)
    if measured != limit and Decimal(left) == Decimal(right):
        fewest, _ = _DECIMALS.get(unit, (0, 4))
        left, right = (_fixed(Decimal(str(v)), fewest, 9) for v in (measured, limit))
    return left, right


def _fixed(value: Decimal, fewest: int, most: int) -> str:
    if not value.is_finite():
        return "—"
    rounded = value.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    whole, _, decimals = f"{rounded:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(fewest, "0")
    text = f"{whole}.{decimals}" if decimals else whole
    return "0" + text[2:] if text.strip("-0.") == "" and text.startswith("-") else text


def capital_cny(amount_cny: str) -> str:
    """
    An amount in Chinese capitals as banks read it (支付结算办法 附一).

    >>> capital_cny("1409.50"), capital_cny("6007.14")
    ('壹仟肆佰零玖元伍角', '陆仟零柒元壹角肆分')
    """
    value = Decimal(amount_cny).quantize(Decimal("0.01"))
    whole, cents = divmod(int(abs(value) * 100), 100)
    jiao, fen = divmod(cents, 10)
    text = ("负" if value < 0 else "") + (f"{_capital_whole(whole)}元" if whole else "")
    if not cents:
        return (text or "零元") + "整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif whole:
        text += "零"
    return text + (f"{_DIGITS[fen]}分" if fen else "")


def _capital_whole(number: int) -> str:
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for level in range(len(groups) - 1, -1, -1):
        group = groups[level]
        if group == 0:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        text += _capital_group(group) + _GROUPS[level]
        gap = False
    return text


def _capital_group(group: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text


def pretty_unit(unit: str) -> str:
    """
    Units as printed.

    >>> pretty_unit("m3/h")
    'm³/h'
    """
    return unit.replace("m3", "m³").replace("m2", "m²")
