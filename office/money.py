"""Amounts of money: exact to the fen, read from untidy cells, shown in the forms that documents use.

An amount is a ``Decimal`` in yuan that is a whole number of fen; the database holds the fen as an integer.
"""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

FEN = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_FEN = 10**12 - 1
"""Largest amount that is read, in fen: just under ten billion yuan. Anything above is a wrong unit."""

STORED_TOLERANCE = 0.000001
"""A binary number this close to a whole fen, in yuan, is that fen: spreadsheets store 0.1 + 0.2 as 0.30000000000000004."""

_TOO_LARGE = "金额超过一百亿元，请核对单位（单位：元）"
_NOT_MONEY = "不是金额，请填写数字（单位：元）"

_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?", re.ASCII)
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-"})

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")


class MoneyError(ValueError):
    """A value is not an amount; the message is the Chinese sentence to show."""


def parse(raw: object) -> Decimal | None:
    """The amount in yuan that a cell or a form field holds; None when it is blank.

    Accepts numbers and texts such as ``1,234.50``, ``￥1234.5``, ``１２３４元``. Raises MoneyError for anything else, and for
    more than two decimals: a clerk who typed 12.345 meant something that nobody here may guess.
    """
    if isinstance(raw, float):
        return from_fen(_fen_of_float(raw))
    if raw is None:
        return None
    if isinstance(raw, bool):
        raise MoneyError(_NOT_MONEY)
    if isinstance(raw, int):
        return from_fen(_bounded(raw * 100))
    if isinstance(raw, Decimal):
        return _whole_fen(raw)
    if isinstance(raw, str):
        return _parse_text(raw)
    raise MoneyError(_NOT_MONEY)


def _fen_of_float(yuan: float) -> int:
    if not -1e15 < yuan < 1e15:  # also true for NaN
        raise MoneyError(_TOO_LARGE)
    fen = round(yuan * 100)
    if abs(yuan - fen / 100) > STORED_TOLERANCE * 1.001:  # the bound itself belongs to it, whatever its binary form
        raise MoneyError("小数超过两位，金额请精确到分")
    return _bounded(fen)


def _parse_text(raw: str) -> Decimal | None:
    text = "".join(unicodedata.normalize("NFKC", raw).translate(_MINUS).split())
    if not text:
        return None
    if text.endswith("万元"):
        raise MoneyError("单位应为元，请把万元换算成元")
    sign = "-" if text.startswith("-") else ""
    text = text.removeprefix("-").removeprefix("¥").removeprefix("RMB").removesuffix("元")
    if not any(c.isdigit() for c in text) or not _NUMBER.fullmatch(text) or (sign and text[0] in "+-"):
        raise MoneyError(_NOT_MONEY)
    try:
        return _whole_fen(Decimal(sign + text.replace(",", "")))
    except InvalidOperation:
        raise MoneyError(_NOT_MONEY) from None


def _whole_fen(yuan: Decimal) -> Decimal:
    if not yuan.is_finite():
        raise MoneyError(_NOT_MONEY)
    if abs(yuan) >= 10**16:
        raise MoneyError(_TOO_LARGE)
    fen = int(yuan.scaleb(2))
    if fen != yuan.scaleb(2):
        raise MoneyError("小数超过两位，金额请精确到分")
    return from_fen(_bounded(fen))


def _bounded(fen: int) -> int:
    if abs(fen) > MAX_FEN:
        raise MoneyError(_TOO_LARGE)
    return fen


def to_fen(yuan: Decimal | int) -> int:
    """Whole fen of an exact amount in yuan; ValueError when it has a fraction of a fen."""
    fen = yuan * 100
    whole = int(fen)
    if whole != fen:
        raise ValueError(f"{yuan} yuan is not a whole number of fen")
    return whole


def from_fen(fen: int) -> Decimal:
    """The amount in yuan, with two decimals."""
    return Decimal(fen).scaleb(-2)


def round_half_up(value: Decimal | int, places: int = 2) -> Decimal:
    """Commercial rounding, for show only: 2.345 becomes 2.35, -2.345 becomes -2.35."""
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def plain(yuan: Decimal | int) -> str:
    """``7725.47``: two decimals, no grouping, for files and commands."""
    return f"{round_half_up(yuan):f}"


def grouped(yuan: Decimal | int) -> str:
    """``1,234.50``: two decimals, grouped by thousands, for screens and ledgers."""
    return f"{round_half_up(yuan):,f}"


def wan(yuan: Decimal | int) -> str:
    """The amount in 万元 with two decimals, for bulletins; the unit is left to the heading."""
    return f"{round_half_up(Decimal(yuan).scaleb(-4)):,f}"


def in_words(yuan: Decimal | int) -> str:
    """人民币大写, as on cheques and receipts; ValueError for a fraction of a fen.

    整 follows a whole number of yuan and is left out after 角 and 分; a row of zeros is read as one 零.
    """
    fen = to_fen(yuan)
    sign = "负" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    jiao, cents = divmod(rest, 10)
    words = f"{_integer_in_words(whole)}元" if whole else ""
    if not rest:
        return f"人民币{sign}{words or '零元'}整"
    if whole and (not jiao or whole % 10 == 0):
        words += "零"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    if cents:
        words += f"{_DIGITS[cents]}分"
    return f"人民币{sign}{words}"


def _integer_in_words(number: int) -> str:
    """A positive integer in capital numerals, split at 亿 and 万 so that each part is read the same way."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        high, low = divmod(number, size)
        if high:
            gap = "零" if low and low < size // 10 else ""
            return _integer_in_words(high) + unit + gap + (_integer_in_words(low) if low else "")
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit and bool(words)
    return words
