"""The wording of bulletins: numbers, shares, lists of names, and figures that open what they are made of. Pure.

A figure that can be opened is written into the text as a mark, ⟦3,912户¦status=met⟧: the PDF prints the words only, the
preview in the browser makes a link to the list that the filters describe.
"""
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from fractions import Fraction
from urllib.parse import parse_qsl, urlencode

from office.money import grouped, round_half_up

NAMED = 5       # names in one sentence; more are given as a number
_MARK = re.compile("⟦([^⟦⟧¦]*)¦([^⟦⟧¦]*)⟧")


def opens(text: str, **filters: str) -> str:
    """A figure that opens the list with these filters."""
    return f"⟦{text}¦{urlencode(filters)}⟧"


def plain(text: str) -> str:
    """The text as printed, without marks."""
    return _MARK.sub(r"\1", text)


def segments(text: str) -> list[tuple[str, dict[str, str] | None]]:
    """The text cut at its marks: pieces with the filters they open, or None."""
    pieces, end = [], 0
    for mark in _MARK.finditer(text):
        if mark.start() > end:
            pieces.append((text[end:mark.start()], None))
        pieces.append((mark[1], dict(parse_qsl(mark[2]))))
        end = mark.end()
    if end < len(text):
        pieces.append((text[end:], None))
    return pieces


def printed(part):
    """A document, or a part of one, with the marks taken out of all its texts."""
    if isinstance(part, str):
        return plain(part)
    if isinstance(part, tuple):
        return tuple(printed(one) for one in part)
    if is_dataclass(part):
        return replace(part, **{field.name: printed(getattr(part, field.name)) for field in fields(part)})
    return part


def number(count: int) -> str:
    return f"{count:,}"


def households(count: int, **filters: str) -> str:
    return opens(f"{count:,}户", **filters)


def people(count: int, persons: int, **filters: str) -> str:
    """Households with their persons: 3,912户10,500人."""
    return opens(f"{count:,}户{persons:,}人", **filters)


def share(part: int, whole: int, places: int = 1) -> str:
    """A percentage, half up; “—” of nothing. What is not all never reads 100 %, what is not nothing never reads 0 %.

    In running text, with one place, nothing and all are written 0% and 100%.
    """
    if not whole:
        return "—"
    if places == 1 and part in (0, whole):
        return "100%" if part else "0%"
    shown = round_half_up(Decimal(100 * part) / whole, places)
    least = Decimal(1).scaleb(-places)
    if part < whole and shown >= 100:
        shown = 100 - least
    if part and not shown:
        shown = least
    return f"{shown}%"


def points(now: Fraction, before: Fraction) -> str:
    """The change of a share: 提高2.3个百分点, 下降0.4个百分点, 持平."""
    change = 100 * (now - before)
    shown = round_half_up(Decimal(abs(change).numerator) / abs(change).denominator, 1)
    if not change:
        return "持平"
    word = "提高" if change > 0 else "下降"
    return f"{word}{shown}个百分点" if shown else f"{word}不足0.1个百分点"


def change(now: int, before: int, unit: str) -> str:
    """增加12户, 减少3人, 持平."""
    if now == before:
        return "持平"
    return f"{'增加' if now > before else '减少'}{abs(now - before):,}{unit}"


def yuan(amount: Decimal) -> str:
    """An amount of money with two decimals: 7,725.47元."""
    return f"{grouped(amount)}元"


def exact(value: Decimal) -> str:
    """A published figure as published, thousands grouped: 17,167.7."""
    return f"{value.normalize():,f}"


def place_in(words: str) -> str:
    """A clause within a sentence: 四(四)2 → 第四部分（四）2, so that 文件三 is never read as a third document."""
    return re.sub(r"^([一二三四五六七八九十]+)", r"第\1部分", clause(words))


def ratio(value: Decimal) -> str:
    """0.45 as 45%."""
    return f"{(value * 100).normalize():f}%"


def clause(words: str) -> str:
    """A clause as official texts write it: 四(四)2 → 四（四）2, §25 → 第25条."""
    words = re.sub(r"^§(\d+)", r"第\1条", words)
    return words.replace("(", "（").replace(")", "）")


def listed(names: Sequence[str], measure: str = "") -> str:
    """甲、乙、丙; of many the first five and 等12个镇."""
    if len(names) <= NAMED + 1:
        return "、".join(names)
    return f"{'、'.join(names[:NAMED])}等{len(names)}{measure}"


def joined(sentences: Iterable[str], mark: str = "；", end: str = "。") -> str:
    """Clauses joined into one sentence; nothing for nothing."""
    kept = [sentence for sentence in sentences if sentence]
    return mark.join(kept) + end if kept else ""


def worst(rows: Iterable, value: Callable) -> list:
    """Rows with a count above zero, the largest first, equal ones in their own order."""
    return sorted((row for row in rows if value(row)), key=lambda row: -value(row))
