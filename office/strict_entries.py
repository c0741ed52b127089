"""Reads a tree of mappings, as a YAML or JSON file gives it, field by field and strictly.

Every field is asked for by name and kind; a missing, unknown or unsuitable one is refused with a sentence that names
the place and says what belongs there.
"""

import datetime
import re
from collections.abc import Callable, Iterable
from decimal import Decimal


class EntryError(ValueError):
    """A field is missing, unknown or unsuitable; the message is the Chinese sentence to show."""


class Entry:
    """One mapping, read field by field; knows where it stands so that an error can say so."""

    def __init__(self, content: object, where: str):
        if not isinstance(content, dict):
            raise EntryError(f"{where}：应为由字段组成的一项")
        self._rest = dict(content)
        self._where = where

    def _take(self, field: str, meaning: str, accept: Callable, null: bool = False):
        """The value of a field if `accept` turns it into something other than None."""
        if field not in self._rest:
            raise EntryError(f"{self._where} {field}：缺少该字段，应填{meaning}")
        value = self._rest.pop(field)
        if value is None and null:
            return None
        taken = accept(value)
        if taken is None:
            raise EntryError(f"{self._where} {field}：应为{meaning}，现为 {value!r}")
        return taken

    def text(self, field: str, null: bool = False) -> str:
        return self._take(field, "非空文字", lambda value: value if _is_text(value) else None, null)

    def choice(self, field: str, choices: Iterable[str]) -> str:
        return self._take(field, "下列之一：" + "、".join(choices), lambda value: value if value in choices else None)

    def key(self, field: str = "key") -> str:
        return self._take(field, "小写字母、数字和下划线组成的键", lambda value: _matching(r"[a-z][a-z0-9_]*", value))

    def area(self, field: str) -> str:
        return self._take(field, "加引号的12位区划代码", lambda value: _matching(r"\d{12}", value))

    def year(self, field: str) -> int:
        return self._take(field, "四位年份", lambda value: value if _is_whole(value) and 1900 < value < 2200 else None)

    def count(self, field: str, null: bool = False) -> int:
        return self._take(field, "正整数", lambda value: value if _is_whole(value) and value > 0 else None, null)

    def decimal(self, field: str, null: bool = False) -> Decimal:
        return self._take(field, "加引号的非负十进制数", _decimal, null)

    def day(self, field: str, null: bool = False) -> datetime.date:
        return self._take(field, "日期（年-月-日）", _day, null)

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of at least one text."""
        return self._take(
            field,
            "至少一项文字的列表",
            lambda value: tuple(value) if isinstance(value, list) and value and all(map(_is_text, value)) else None,
        )

    def entry(self, field: str, build: Callable, null: bool = False):
        content = self._take(field, "由字段组成的一项", lambda value: value if isinstance(value, dict) else None, null)
        return None if content is None else Entry(content, f"{self._where} {field}").build(build)

    def entries(self, field: str, build: Callable) -> tuple:
        """A list of entries, each made by `build`; named in errors by its key or its place, counted from 1."""
        items = self._take(field, "列表", lambda value: value if isinstance(value, list) else None)
        return tuple(
            Entry(item, f"{self._where} {field} 第{place}项{_name_of(item)}").build(build)
            for place, item in enumerate(items, 1)
        )

    def build(self, build: Callable):
        """What `build` makes of this entry, which must leave no field unread."""
        built = build(self)
        if self._rest:
            raise EntryError(f"{self._where}：不认识的字段 {'、'.join(map(str, self._rest))}")
        return built


def _name_of(item: object) -> str:
    """The key or label of a list item in brackets, so that its author finds it without counting."""
    name = (item.get("key") or item.get("label")) if isinstance(item, dict) else None
    return f"（{name}）" if isinstance(name, str) else ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value == value.strip()


def _matching(pattern: str, value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) else None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _day(value: object) -> datetime.date | None:
    return value if type(value) is datetime.date else None


def _decimal(value: object) -> Decimal | None:
    """Only texts such as "0.45": an unquoted 0.45 is a binary fraction by the time it is read."""
    if _matching(r"\d+(\.\d+)?", value) is None:
        return None
    return Decimal(value)
