"""Amounts in Chinese capitals, as official papers write them: 壹拾贰万元整."""

from decimal import ROUND_HALF_UP, Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "兆")  # 兆 is 10^12


def in_capitals(amount: Decimal) -> str:
    """Yuan, from 0 to below 10^16, rounded to the cent. Raises ValueError outside."""
    cents = int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if not 0 <= cents < 10**18:
        raise ValueError("out of range")
    yuan, rest = divmod(cents, 100)
    jiao, fen = divmod(rest, 10)
    whole = f"{_integer(yuan)}元" if yuan else ""
    if not rest:
        return f"{whole or '零元'}整"
    part = f"{_DIGITS[jiao]}角" if jiao else ("零" if yuan else "")
    return whole + part + (f"{_DIGITS[fen]}分" if fen else "整")


def _integer(number: int) -> str:
    """Groups of four digits; a gap of zeros is read as one 零."""
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    said = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            continue
        gap = said and (group < 1000 or groups[place + 1] == 0)
        said += ("零" if gap else "") + _group(group) + _GROUPS[place]
    return said


def _group(group: int) -> str:
    said, zero = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            zero = bool(said)
            continue
        said += ("零" if zero else "") + _DIGITS[digit] + _PLACES[place]
        zero = False
    return said
