"""The header row of a sheet, found by the names of its columns."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from office.workbooks.column import Column

MIN_HEADER_CELLS = 3
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】")
_ORNAMENTS = str.maketrans("", "", "*:※")
_UNITS = {
    "元", "万元", "亩", "平方米", "㎡", "m2", "m²", "公里", "千米", "km", "米", "月", "个月", "人", "户", "个", "%", "年", "岁",
    "是/否", "有/无", "必填", "选填",
}  # fmt: skip


def normal_header(text: str) -> str:
    """A header without what does not matter: width of characters, spaces, line breaks, marks of required columns."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_ORNAMENTS).split())


def bare_header(text: str) -> str:
    """A normalised header without its bracketed parts."""
    return _BRACKETS.sub("", text)


@dataclass
class Header:
    """Which column of the sheet holds which known column."""

    row: int
    places: dict[str, int]
    """Column key to column index, from 0."""
    unknown: list[tuple[int, str]]
    duplicate: list[tuple[int, str]]


class Layout:
    """The columns of one sheet, ready to recognise a header row."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self.columns = tuple(columns)
        self.by_key = {column.key: column for column in self.columns}
        self._names: dict[str, str] = {}
        for column in self.columns:
            for name in (column.label, *column.aliases):
                self._names.setdefault(normal_header(name), column.key)
        for name, key in list(self._names.items()):
            self._names.setdefault(bare_header(name), key)

    def key_of(self, text: Any) -> str | None:
        """The column that a header cell names; bracketed units do not matter."""
        if not isinstance(text, str) or len(text) > 100:
            return None
        name = normal_header(text)
        return self._names.get(name) or self._names.get(bare_header(name))

    def match(self, row_number: int, row: Sequence[Any]) -> Header | None:
        """The header in a row, or None when fewer than three cells are known names."""
        found = [(index, self.key_of(cell)) for index, cell in enumerate(row)]
        if len({key for _, key in found if key}) < MIN_HEADER_CELLS:
            return None
        header = Header(row_number, {}, [], [])
        exact = {
            index for index, cell in enumerate(row) if isinstance(cell, str) and normal_header(cell) in self._names
        }
        # A column named exactly wins over one that only agrees without its brackets.
        for index, key in sorted(found, key=lambda entry: entry[0] not in exact):
            text = "" if row[index] is None else str(row[index]).strip()
            if key is None:
                if text:
                    header.unknown.append((index, text))
            elif key not in header.places:
                header.places[key] = index
            elif index in exact or _has_unit(text):
                header.duplicate.append((index, text))
            else:
                header.unknown.append((index, text))
        header.unknown.sort()
        return header


def _has_unit(text: str) -> bool:
    return any("".join(groups) in _UNITS for groups in _BRACKETS.findall(normal_header(text)))
