"""Reads cells of untidy files: one reader per kind of column.

A reader takes the raw cell and answers ``(value, problem)``; a blank cell is None. The sentence of a problem names the value,
the rule and the remedy; the column and the row are added by whoever reports it.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from office import money
from office.workbooks.column import Column
from office.workbooks.scan import CellFault
from office.workbooks.values import BLANK, Problem, Read, Reader, bounds, clean, half_width, refused, shown, unreadable

SEPARATORS = re.compile(r"[、,，;；\s]+")
MAX_REMEMBERED = 5_000

_EXPONENT = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE | re.ASCII)
_INTEGER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.0*)?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|[-+]?\.\d+", re.ASCII)
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))"
    r"(?:[ T]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?",
    re.ASCII,
)
_YES = ("是", "有", "√", "✓", "✔", "☑", "y", "yes", "1", "true", "t", "1.0")
_NO = ("否", "无", "没有", "×", "✗", "✘", "✕", "n", "no", "0", "false", "f", "x", "0.0")


def text_reader(column: Column) -> Reader:
    limit = column.max_length

    def read(raw: Any) -> Read:
        if type(raw) is str:
            text = clean(raw)
        elif raw is None:
            return BLANK
        elif isinstance(raw, CellFault):
            return refused(raw.sentence)
        elif isinstance(raw, bool):
            text = "是" if raw else "否"
        elif isinstance(raw, float | int):
            text = f"{raw:.15g}" if abs(raw) >= 1e15 or raw != int(raw) else str(int(raw))
        elif isinstance(raw, dt.datetime) and raw.time() == dt.time():
            text = raw.date().isoformat()
        else:
            text = str(raw)
        if len(text) > limit:
            return refused(f"{shown(text)}超过 {limit} 个字，请缩短")
        return (text, None) if text else BLANK

    return read


def digits_reader(column: Column) -> Reader:
    """Long numbers, kept as text: whoever reads them as numbers loses their last digits."""
    limit = column.max_length
    lost = "在 Excel 中以数值保存，超过 15 位的数字已丢失，请把该列设为文本格式后重新填写完整号码"

    def read(raw: Any) -> Read:
        if type(raw) is str:
            if raw.isascii() and raw.isalnum() and len(raw) <= limit and not _EXPONENT.fullmatch(raw):
                return raw, None
            text = half_width(clean(raw)).lstrip("'`’‘").removesuffix(".0")
            if not text:
                return BLANK
            if _EXPONENT.fullmatch(text):
                return refused(shown(raw) + lost)
            if len(text) > limit:
                return refused(f"{shown(text)}超过 {limit} 位，请核对")
            return text, None
        if raw is None:
            return BLANK
        if isinstance(raw, float | int) and not isinstance(raw, bool):
            if abs(raw) >= 10**15:
                return refused(shown(raw) + lost)
            if raw >= 0 and raw == int(raw):
                return str(int(raw)), None
        return unreadable(raw, "不是号码，请把该列设为文本格式后填写")

    return read


def integer_reader(column: Column) -> Reader:
    low, high, within = column.min, column.max, bounds(column)

    def read(raw: Any) -> Read:
        if type(raw) is float and raw.is_integer():
            value = int(raw)
        elif type(raw) is str:
            text = half_width(raw)
            if not text:
                return BLANK
            if not _INTEGER.fullmatch(text) or len(text) > 20:
                return refused(f"{shown(raw)}不是整数，请填写整数")
            value = int(text.partition(".")[0].replace(",", ""))
        elif type(raw) is int:
            value = raw
        elif raw is None:
            return BLANK
        else:
            return unreadable(raw, "不是整数，请填写整数")
        if (low is not None and value < low) or (high is not None and value > high):
            return refused(f"{shown(value)}{within}")
        if abs(value) >= 2**31:
            return refused(f"{shown(value)}过大，请核对")
        return value, None

    return read


def number_reader(column: Column) -> Reader:
    low, high, within = column.min, column.max, bounds(column)
    places = column.places

    def read(raw: Any) -> Read:
        if type(raw) is float or type(raw) is int:
            if not -1e12 < raw < 1e12:  # also true for NaN
                return refused(f"{shown(raw)}过大，请核对")
            value = Decimal(int(raw)) if raw == int(raw) else Decimal(f"{raw:.15g}")
        elif type(raw) is str:
            text = half_width(raw)
            if not text:
                return BLANK
            if not _NUMBER.fullmatch(text) or len(text) > 20:
                return refused(f"{shown(raw)}不是数字，请填写数字")
            value = Decimal(text.replace(",", ""))
        elif raw is None:
            return BLANK
        else:
            return unreadable(raw, "不是数字，请填写数字")
        if (low is not None and value < low) or (high is not None and value > high):
            return refused(f"{shown(value)}{within}")
        return (value if places is None else money.round_half_up(value, places)), None

    return read


def money_reader(column: Column) -> Reader:
    low, high, within = column.min, column.max, bounds(column)
    parse = money.parse

    def read(raw: Any) -> Read:
        if raw == "":
            return BLANK
        try:
            value = parse(raw)
        except money.MoneyError as error:
            return unreadable(raw, str(error))
        if value is None:
            return BLANK
        if (low is not None and value < low) or (high is not None and value > high):
            return refused(f"{shown(value)}{within}")
        return value, None

    return read


def yesno_reader(column: Column) -> Reader:
    table: dict[Any, Read] = {word: (True, None) for word in (*_YES, "Y", "TRUE", "True")}
    table |= {word: (False, None) for word in (*_NO, "N", "FALSE", "False")}
    table |= {True: (True, None), False: (False, None), "": BLANK, None: BLANK}  # 1.0 and 0.0 are the same keys

    def read(raw: Any) -> Read:
        found = table.get(raw)
        if found is not None:
            return found
        if isinstance(raw, str):
            word = half_width(raw).lower()
            if word in table:
                return table[word]
        return unreadable(raw, "不是“是”或“否”，请填写是或否")

    return read


def date_reader(column: Column) -> Reader:
    low, high, within = column.min, column.max, bounds(column)
    rule = "不是日期，请填写如 2018-11-06 的日期"

    def read(raw: Any) -> Read:
        if type(raw) is dt.date:
            value = raw
        elif raw is None or raw == "":
            return BLANK
        elif isinstance(raw, dt.datetime):
            value = raw.date()
        elif isinstance(raw, str | float | int) and not isinstance(raw, bool):
            text = str(int(raw)) if not isinstance(raw, str) and raw == raw // 1 else str(raw)
            text = unicodedata.normalize("NFKC", text).strip()
            if not text:
                return BLANK
            match = _DATE.fullmatch(text) or _DATE.fullmatch("".join(text.split()))
            if not match:
                return unreadable(raw, rule)
            try:
                value = dt.date(*(int(part) for part in match.groups() if part))
            except ValueError:
                return refused(f"{shown(raw)}不是存在的日期，请核对年月日")
        else:
            return unreadable(raw, rule)
        if (low is not None and value < low) or (high is not None and value > high):
            return refused(f"{shown(value)}{within}")
        return value, None

    return read


def _label_table(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Labels as written and as normalised, to the value each stands for."""
    return {half_width(label): value for label, value in choices.items()} | dict(choices)


def _not_in_list(column: Column, text: str) -> Problem:
    options = list(column.labels.values())
    listed = "、".join(options[:12]) + (" 等" if len(options) > 12 else "")
    return Problem("E" if column.choice_error else "W", f"{shown(text)}不在可选项内，应为 {listed}，请改正")


def choice_reader(column: Column) -> Reader:
    labels = _label_table(column.choices)
    remembered: dict[Any, Read] = {label: (value, None) for label, value in labels.items()} | {"": BLANK, None: BLANK}
    as_text = text_reader(column)

    def read(raw: Any) -> Read:
        found = remembered.get(raw)
        if found is not None:
            return found
        text, problem = as_text(raw)
        if text is None:
            return text, problem
        key = half_width(text)
        if key in labels:
            answer: Read = (labels[key], None)
        else:
            answer = (None if column.choice_error else text, _not_in_list(column, text))
        if len(remembered) < MAX_REMEMBERED:
            remembered[raw] = answer
        return answer

    return read


def choices_reader(column: Column) -> Reader:
    """Several labels in one cell, as a tuple without repetitions, in the order of the cell."""
    labels = _label_table(column.choices)
    remembered: dict[Any, Read] = {label: ((value,), None) for label, value in labels.items()} | {
        "": BLANK,
        None: BLANK,
    }
    as_text = text_reader(column)

    def read(raw: Any) -> Read:
        found = remembered.get(raw)
        if found is not None:
            return found
        text, problem = as_text(raw)
        if text is None:
            return text, problem
        values: dict[Any, None] = {}
        for part in filter(None, SEPARATORS.split(text)):
            key = half_width(part)
            if key in labels:
                values[labels[key]] = None
            else:
                problem = problem or _not_in_list(column, part)
                values[part] = None
        answer: Read = (None, problem) if problem and column.choice_error else (tuple(values) or None, problem)
        if len(remembered) < MAX_REMEMBERED:
            remembered[raw] = answer
        return answer

    return read


READERS: Mapping[str, Callable[[Column], Reader]] = {
    "text": text_reader,
    "digits": digits_reader,
    "integer": integer_reader,
    "number": number_reader,
    "money": money_reader,
    "yesno": yesno_reader,
    "date": date_reader,
    "choice": choice_reader,
    "choices": choices_reader,
}


@cache
def reader(column: Column) -> Reader:
    """The reader of a column: raw cell to (value, problem). A column that must be filled also refuses blanks."""
    read = READERS[column.kind](column)
    if not column.required or column.may_be_blank:
        return read
    missing: Read = (None, Problem("E", f"“{column.label}”不能为空，请填写"))

    def read_required(raw: Any) -> Read:
        answer = read(raw)
        return missing if answer[0] is None and answer[1] is None else answer

    return read_required


def read_cell(column: Column, raw: Any) -> Read:
    """The value of one cell or form field, None when blank, and what is wrong with it."""
    return reader(column)(raw)
