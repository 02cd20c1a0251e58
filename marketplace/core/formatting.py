"""Numbers, money, shares, sizes and dates as text, in the reader's language.

Chinese counts in 万 (10^4) and 亿 (10^8), English in M and bn; both group digits by three.
Every function takes ``language`` ("en", "zh-hans", ...) or reads the active one, and returns plain
text (never markup). Rounding is half-up and for reading only: exact amounts stay Decimal elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import nullcontext
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import get_language, ngettext, override, pgettext
from django.utils.translation import gettext as _

Numeric = int | float | Decimal | str
Moment = dt.datetime | dt.date

MINUS = "\u2212"
THIN_NO_BREAK = "\u202f"
NO_BREAK = "\u00a0"

# Before the figure in English; after it in Chinese.
SYMBOLS = {
    "CNY": "¥",
    "USD": "US$",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "MOP": "MOP$",
    "TWD": "NT$",
    "JPY": "JP¥",
    "SGD": "S$",
    "KRW": "₩",
}
NAMES_ZH = {
    "CNY": "元",
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "HKD": "港元",
    "MOP": "澳门元",
    "TWD": "新台币",
    "JPY": "日元",
    "SGD": "新加坡元",
    "KRW": "韩元",
    "CHF": "瑞士法郎",
    "SEK": "瑞典克朗",
    "NOK": "挪威克朗",
    "AUD": "澳元",
    "CAD": "加元",
}
_STEPS_ZH = ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万"))
_STEPS_EN = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "M"))
_WITHOUT_CENTS = frozenset({"JPY", "KRW"})


def is_chinese(language: str | None = None) -> bool:
    """Whether ``language`` (or the active one) is written in Chinese."""
    return (language or get_language() or "en").lower().startswith("zh")


def to_decimal(value: Numeric) -> Decimal:
    """A Decimal of ``value``; floats go through their shortest text, so 0.1 stays 0.1.

    Raises ValueError when ``value`` is no finite number.
    """
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"not a number: {value!r}") from error
    if not number.is_finite():
        raise ValueError(f"not a finite number: {value!r}")
    return number


def _plain(number: Decimal, decimals: int | None) -> str:
    """Grouped digits with a true minus; ``decimals`` None keeps what is there, less zeros."""
    if decimals is None:
        number = number.normalize()
        if number == number.to_integral_value():
            number = number.quantize(Decimal(1))
    else:
        number = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(number):,f}"
    return f"{MINUS}{text}" if number < 0 else text


def number_text(value: Numeric | None, decimals: int | None = None) -> str:
    """``12480`` -> "12,480". None -> an en dash, which a table reads as "no figure"."""
    if value is None:
        return "–"
    return _plain(to_decimal(value), decimals)


def percent_text(ratio: Numeric | None, decimals: int = 0) -> str:
    """A share from 0 to 1 as "41%"; None -> an en dash."""
    if ratio is None:
        return "–"
    return _plain(to_decimal(ratio) * 100, decimals) + "%"


def _rounded(number: Decimal) -> Decimal:
    """To three significant figures, but never less than the whole part: 3.42, 18.4, 120, 1208."""
    decimals = max(0, 3 - len(str(int(abs(number)))))
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _significant(number: Decimal) -> str:
    return _plain(_rounded(number), None)


def _step(number: Decimal, chinese: bool) -> tuple[Decimal, str]:
    """Divisor and unit word under which ``number`` reads shortest (1, "" for small ones)."""
    (large, large_word), (small, small_word) = _STEPS_ZH if chinese else _STEPS_EN
    if abs(number) < small:
        return Decimal(1), ""
    # 999.6 M rounds to "1,000 M", which is 1 bn
    if _rounded(abs(number) / small) * small >= large:
        return large, large_word
    return small, small_word


def _unit_zh(currency: str) -> str:
    return NAMES_ZH.get(currency, f" {currency}")


def _symbol(currency: str) -> str:
    return SYMBOLS.get(currency, f"{currency}{NO_BREAK}")


def amount_text(
    value: Numeric | None,
    currency: str = "CNY",
    *,
    exact: bool = False,
    language: str | None = None,
) -> str:
    """Money for reading: "¥3.42 bn" / "34.2 亿元"; ``exact`` writes every digit with cents.

    ``value`` is in units of ``currency`` (ISO 4217 code). None -> an en dash.
    """
    if value is None:
        return "–"
    number = to_decimal(value)
    currency = currency.upper()
    chinese = is_chinese(language)
    if exact:
        cents = 0 if currency in _WITHOUT_CENTS else 2
        digits = _plain(number, cents)
        word = ""
    else:
        divisor, word = _step(number, chinese)
        digits = _significant(number / divisor) if word else _plain(number, _cents(number))
    if chinese:
        return f"{digits}{NO_BREAK}{word}{_unit_zh(currency)}"
    sign = MINUS if digits.startswith(MINUS) else ""
    tail = f"{NO_BREAK}{word}" if word else ""
    return f"{sign}{_symbol(currency)}{digits.removeprefix(MINUS)}{tail}"


def _cents(number: Decimal) -> int:
    """Cents are shown only when there are any."""
    return 0 if number == number.to_integral_value() else 2


def range_text(low: Numeric, high: Numeric, currency: str, language: str | None = None) -> str:
    """Both ends under one unit: "¥0.8–3 M", "80–300 万元"."""
    bottom, top = sorted((to_decimal(low), to_decimal(high)))
    if bottom == top:
        return amount_text(bottom, currency, language=language)
    currency = currency.upper()
    chinese = is_chinese(language)
    divisor, word = _step(top, chinese)
    if bottom and bottom / divisor < Decimal("0.01"):
        # 800 to 3 M under one unit would read "0–3 M"
        ends = [amount_text(n, currency, language=language) for n in (bottom, top)]
        return "–".join(ends)
    ends = [_significant(n / divisor) if word else _plain(n, _cents(n)) for n in (bottom, top)]
    joined = "–".join(ends)
    if chinese:
        return f"{joined}{NO_BREAK}{word}{_unit_zh(currency)}"
    return f"{_symbol(currency)}{joined}" + (f"{NO_BREAK}{word}" if word else "")


def price_parts(
    low: Numeric | None,
    high: Numeric | None,
    currency: str | None = "CNY",
    kind: str | None = None,
    language: str | None = None,
) -> tuple[str, str]:
    """A price or budget as (figure, how firm it is); either may be empty.

    ``kind`` is firm, indicative, negotiable or empty. An absent end reads "from" or "up to".
    Raises ValueError for another kind.
    """
    kinds = {
        "firm": pgettext("price", "firm"),
        "indicative": pgettext("price", "indicative"),
        "negotiable": pgettext("price", "negotiable"),
        "": "",
    }
    if (kind or "") not in kinds:
        raise ValueError(f"unknown kind of price: {kind!r}")
    code = currency or "CNY"
    if low is None and high is None:
        return (
            pgettext("price", "Negotiable")
            if kind == "negotiable"
            else pgettext("price", "Not stated")
        ), ""
    if low is not None and high is not None:
        figure = range_text(low, high, code, language)
    elif low is not None:
        figure = pgettext("price", "from %(amount)s") % {
            "amount": amount_text(low, code, language=language)
        }
    else:
        assert high is not None
        figure = pgettext("price", "up to %(amount)s") % {
            "amount": amount_text(high, code, language=language)
        }
    return figure, str(kinds[kind or ""])


def price_text(
    low: Numeric | None,
    high: Numeric | None,
    currency: str | None = "CNY",
    kind: str | None = None,
    language: str | None = None,
) -> str:
    """``price_parts`` in one line: "¥1.2 M, firm" / "120 万元，固定价"."""
    with override(language) if language else nullcontext():
        figure, firmness = price_parts(low, high, currency, kind, language)
        if not firmness:
            return figure
        return pgettext("price", "%(figure)s, %(firmness)s") % {
            "figure": figure,
            "firmness": firmness,
        }


def size_text(size: int | None) -> str:
    """Bytes as "412 kB", "3.4 MB" (powers of ten, as disks are sold)."""
    if size is None:
        return "–"
    number = Decimal(size)
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{_significant(number)}{NO_BREAK}{unit}"
        number /= 1000
    raise AssertionError("unreachable")


def join_text(items: Iterable[object], language: str | None = None) -> str:
    """Items in one line with the list mark of the language: "a, b" or "a、b"."""
    return ("、" if is_chinese(language) else ", ").join(str(item) for item in items)


# --- dates -------------------------------------------------------------------------------------

# Babel would do this too, but costs 30 ms at start and a locale parse per language.
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAY = dt.timedelta(days=1)


def local(value: Moment) -> Moment:
    """``value`` in the current time zone; plain dates and naive times pass unchanged."""
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def _date_of(value: Moment) -> dt.date:
    moment = local(value)
    return moment.date() if isinstance(moment, dt.datetime) else moment


def date_text(value: Moment, style: str = "date", language: str | None = None) -> str:
    """A date as text. ``style``: date (2026-11-21, for tables), long (21 November 2026 /
    2026年11月21日, for sentences), short (21 Nov / 11月21日), datetime (2026-11-21 18:00), time.

    Raises ValueError for another style.
    """
    moment = local(value)
    day = _date_of(value)
    chinese = is_chinese(language)
    clock = f"{moment:%H:%M}" if isinstance(moment, dt.datetime) else ""
    if style == "date":
        return day.isoformat()
    if style == "datetime":
        return f"{day.isoformat()} {clock}".strip()
    if style == "time":
        return clock
    month = MONTHS_EN[day.month - 1]
    if style == "long":
        if chinese:
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day}{NO_BREAK}{month} {day.year}"
    if style == "short":
        return f"{day.month}月{day.day}日" if chinese else f"{day.day}{NO_BREAK}{month[:3]}"
    raise ValueError(f"unknown style of date: {style!r}")


def relative_text(value: Moment, now: dt.datetime | None = None) -> str:
    """How long ago, or how soon: "just now", "3 hours ago", "yesterday", "in 4 days".

    Beyond a month the date itself says more, so it is written out.
    """
    now = now or timezone.now()
    days = (_date_of(value) - _date_of(now)).days
    if isinstance(value, dt.datetime) and abs(value - now) < _DAY and days == 0:
        minutes = int(abs(value - now).total_seconds() // 60)
        if minutes < 1:
            return _("just now")
        past = value <= now
        if minutes < 60:
            if past:
                return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
            return ngettext("in %(n)s minute", "in %(n)s minutes", minutes) % {"n": minutes}
        hours = minutes // 60
        if past:
            return ngettext("%(n)s hour ago", "%(n)s hours ago", hours) % {"n": hours}
        return ngettext("in %(n)s hour", "in %(n)s hours", hours) % {"n": hours}
    if days == 0:
        return _("today")
    if days == -1:
        return _("yesterday")
    if days == 1:
        return _("tomorrow")
    if -31 <= days < 0:
        return ngettext("%(n)s day ago", "%(n)s days ago", -days) % {"n": -days}
    if 0 < days <= 31:
        return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}
    return date_text(value, "long")


def deadline_text(value: Moment, now: dt.datetime | None = None) -> str:
    """What is left until a deadline: "18 days left", "last day", "3 days over"."""
    days = (_date_of(value) - _date_of(now or timezone.now())).days
    if days == 0:
        return _("last day")
    if days > 0:
        return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}
    return ngettext("%(n)s day over", "%(n)s days over", -days) % {"n": -days}
