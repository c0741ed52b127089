"""What readers of cells share: their answers, and texts made comparable."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from office.workbooks.column import Column
from office.workbooks.scan import CellFault

Severity = Literal["E", "W"]


class Problem(NamedTuple):
    """What is wrong with one value: E refuses it, W keeps it with a doubt."""

    severity: Severity
    sentence: str


Read = tuple[Any, Problem | None]
Reader = Callable[[Any], Read]

BLANK: Read = (None, None)
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_HIDDEN = {"Cc", "Cf", "Cs"}
_MINUS = str.maketrans("−–", "--")


def shown(raw: Any) -> str:
    """A value as a sentence quotes it."""
    if isinstance(raw, float):
        text = f"{raw:.15g}"
    else:
        text = str(raw).strip()
    return f"“{text}”" if len(text) <= 40 else f"“{text[:40]}…”"


def clean(text: str) -> str:
    """A text without surrounding spaces, invisible characters and full-width digits; nothing else is touched."""
    text = text.strip()
    if text.isascii() and text.isprintable():
        return text
    if not text.isprintable():
        text = re.sub(r"[\r\n\t]+", " ", text)
        text = "".join(c for c in text if unicodedata.category(c) not in _HIDDEN).strip()
    return text.translate(_WIDE_DIGITS)


def half_width(text: str) -> str:
    """A number or label in plain half-width characters, without any spaces."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_MINUS).split())


def refused(sentence: str) -> Read:
    """The answer that refuses a value."""
    return None, Problem("E", sentence)


def unreadable(raw: Any, rule: str) -> Read:
    """The answer for anything that is not of the column's kind, faults of the file included."""
    return refused(raw.sentence) if isinstance(raw, CellFault) else refused(f"{shown(raw)}{rule}")


def bounds(column: Column) -> str:
    """The end of the sentence about a value outside the bounds of its column."""
    if column.min is not None and column.max is not None:
        return f"超出范围，应在 {column.min} 至 {column.max} 之间，请核对"
    return f"小于 {column.min}，请核对" if column.min is not None else f"大于 {column.max}，请核对"
