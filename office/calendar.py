"""Dates as the offices count them: working days with the State Council's shifts, notice windows, quarters."""

import csv
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

EXCEPTIONS_FILE = Path(__file__).parent / "data" / "cn_calendar_exceptions_2016_2026.csv"
ONE_DAY = dt.timedelta(days=1)

_QUARTER = re.compile(r"(\d{4})Q([1-4])", re.ASCII)
_ORDINALS = "一二三四"


@cache
def _exceptions() -> dict[dt.date, bool]:
    """Days that differ from the plain week: True for a working Saturday or Sunday, False for a holiday."""
    with EXCEPTIONS_FILE.open(encoding="utf-8", newline="") as file:
        return {dt.date.fromisoformat(row["date"]): row["kind"] == "workday_makeup" for row in csv.DictReader(file)}


@cache
def known_years() -> range:
    """Years whose holidays are published and shipped; outside them only Saturdays and Sundays are free."""
    years = {day.year for day in _exceptions()}
    return range(min(years), max(years) + 1)


def is_workday(day: dt.date) -> bool:
    """Whether offices work on that day, holidays and make-up days counted."""
    return _exceptions().get(day, day.weekday() < 5)


def next_workday(day: dt.date) -> dt.date:
    """The day itself when it is a working day, otherwise the first working day after it."""
    while not is_workday(day):
        day += ONE_DAY
    return day


def add_natural_days(posted: dt.date, days: int) -> dt.date:
    """Last day of a window of natural days that opens with an event on ``posted``.

    The day of posting is not counted, and a window that would end on a day off ends on the next working day
    (Civil Code art. 201, 203). The window closes at 24:00 of the day returned.
    """
    if days < 1:
        raise ValueError("a window has at least one day")
    return next_workday(posted + dt.timedelta(days=days))


def add_workdays(start: dt.date, days: int) -> dt.date:
    """The ``days``-th working day after ``start``, which itself is not counted."""
    if days < 0:
        raise ValueError("working days are counted forwards")
    day = start
    for _ in range(days):
        day = next_workday(day + ONE_DAY)
    return day


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter, written 2018Q3."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if self.number not in (1, 2, 3, 4) or not 1 <= self.year <= 9998:
            raise ValueError(f"没有这个季度：{self.year}Q{self.number}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads ``2018Q3``; ValueError with a Chinese sentence otherwise."""
        match = _QUARTER.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
        if not match:
            raise ValueError(f"“{text}”不是季度，请写成 2018Q3 的形式")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: dt.date) -> Self:
        return cls(day.year, (day.month + 2) // 3)

    @property
    def start(self) -> dt.date:
        return dt.date(self.year, self.number * 3 - 2, 1)

    @property
    def end(self) -> dt.date:
        """The last day of the quarter."""
        return self.next.start - ONE_DAY

    @property
    def label(self) -> str:
        return f"{self.year}年第{_ORDINALS[self.number - 1]}季度"

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    @property
    def previous(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day <= self.end


def chinese_date(day: dt.date) -> str:
    """``2018年11月6日``, as documents write it."""
    return f"{day.year}年{day.month}月{day.day}日"
