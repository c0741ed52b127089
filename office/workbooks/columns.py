"""A sheet described as a table of columns, and the header row found by it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from office.workbooks.cells import READERS, Read, Reader, required

Kind = Literal["text", "digits", "integer", "number", "money", "yesno", "date", "choice", "choices"]

MIN_HEADER_CELLS = 3
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】")
_ORNAMENTS = str.maketrans("", "", "*:※")
_UNITS = {
    "元", "万元", "亩", "平方米", "㎡", "m2", "m²", "公里", "千米", "km", "米", "月", "个月", "人", "户", "个", "%", "年", "岁",
    "是/否", "有/无", "必填", "选填",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column of a sheet: how it is headed, read and written.

    ``choices`` maps each accepted label to the value it stands for, synonyms included; of several labels of one value the
    first is written. A sequence of labels stands for itself. Of an unknown label ``choice_error`` makes an error, otherwise
    a warning that keeps the text. ``min`` and ``max`` bound numbers, money (yuan) and dates; ``places`` rounds numbers half
    up; ``width`` is in characters.
    """

    key: str
    label: str
    kind: Kind = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, Any] | Sequence[str] = field(default=(), hash=False)
    choice_error: bool = False
    min: Any = None
    max: Any = None
    places: int | None = None
    max_length: int = 200
    width: float = 12

    def __post_init__(self) -> None:
        if not isinstance(self.choices, Mapping):
            object.__setattr__(self, "choices", {label: label for label in self.choices})
        if self.kind in ("choice", "choices") and not self.choices:
            raise ValueError(f"column {self.key} has no choices")

    @cached_property
    def labels(self) -> dict[Any, str]:
        """The label that each value is written with."""
        return {value: label for label, value in reversed(self.choices.items())}

    @cached_property
    def read(self) -> Reader:
        """The reader of this column: raw cell to (value, problem)."""
        reader = READERS[self.kind](self)
        return required(self, reader) if self.required else reader


def read_cell(column: Column, raw: Any) -> Read:
    """The value of one cell or form field and what is wrong with it; see Column."""
    return column.read(raw)


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
            text = str(row[index]).strip()
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
