"""The register as a workbook in the layout that the importer reads: importing it back changes nothing."""
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, connections, transaction

from households import raw_rows
from households.columns import HOUSEHOLDS, MEMBERS, SHEETS, VILLAGES
from households.models import HouseholdYear, MemberYear
from office.models import Programme, code_range
from office.workbooks import SheetSpec, write_tables
from villages.models import VillageYear

Progress = Callable[[int, int, str], None]
STEP = 2000
KINDS = {HOUSEHOLDS: "households", MEMBERS: "members", VILLAGES: "villages"}
# Sheet, model, the column whose number lies in the area, rows in sheet order.
_SOURCES = (
    (HOUSEHOLDS, HouseholdYear, "household_id", raw_rows.household_rows),
    (MEMBERS, MemberYear, "member_id", raw_rows.member_rows),
    (VILLAGES, VillageYear, "village_id", raw_rows.village_rows),
)


class ExportRefused(Exception):
    """No file was written; the sentence says why and what to do."""


def _silent(done: int, total: int, message: str) -> None:
    """Nobody watches."""


def bounds_of(programme: Programme, area: str | None) -> tuple[str, str]:
    """First and after-last code of what is exported: the area, which must lie inside the programme's."""
    low, high = code_range(programme.area_id)
    if area is None:
        return low, high
    first, after = code_range(area)
    if not (low <= first and after <= high):
        raise ExportRefused(f"区域 {area} 不在“{programme.name}”的适用区域内，请核对区划代码")
    return first, after


def export_register(programme: Programme, year: int, area: str | None, out: Path, *,
                    progress: Progress = _silent) -> dict[str, int]:
    """Write the register of a year; returns rows by sheet. Holds a page of rows at a time, whatever the size."""
    low, high = bounds_of(programme, area)
    draft = out.with_name(f".{out.stem}.{os.getpid()}.part.xlsx")
    try:
        with _one_moment(progress) as noted:
            expected = {sheet: model.objects.filter(**{"year": year, f"{key}__gte": low, f"{key}__lt": high}).count()
                        for sheet, model, key, _ in _SOURCES}
            watch = _Watch(sum(expected.values()), noted)
            written = write_tables(draft, [
                SheetSpec(sheet, SHEETS[sheet].columns, watch.over(_cells(sheet, rows(year, low, high))))
                for sheet, _, _, rows in _SOURCES])
        if written != expected:
            raise ExportRefused("导出期间登记数据有变动，为免缺漏没有生成文件，请重新导出")
        os.replace(draft, out)
    finally:
        draft.unlink(missing_ok=True)
    return {KINDS[sheet]: count for sheet, count in written.items()}


@contextmanager
def _one_moment(progress: Progress) -> Iterator[Progress]:
    """On PostgreSQL all sheets show one moment; SQLite has no such reading that leaves writers alone, there the count
    of rows guards the export.

    Gives the way to note progress meanwhile: that is a write to the database, which the transaction of the reading
    refuses, so it goes through a connection of its own, that of another thread.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield progress
        return
    with ThreadPoolExecutor(max_workers=1) as beside, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield lambda *note: beside.submit(progress, *note).result()
        finally:
            beside.submit(connections.close_all).result()


def _cells(sheet: str, rows: Iterable[tuple]) -> Iterator[dict[str, Any]]:
    columns = [(column.key, column.shown) for column in SHEETS[sheet].columns]
    for row in rows:
        yield {key: shown(value) for (key, shown), value in zip(columns, row, strict=True)}


class _Watch:
    """Reports progress while rows pass by."""

    def __init__(self, total: int, progress: Progress) -> None:
        self.done, self.total, self.progress = 0, max(total, 1), progress

    def over(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for row in rows:
            yield row
            self.done += 1
            if self.done % STEP == 0 or self.done == self.total:
                self.progress(self.done, self.total, "导出")


def template(out: Path) -> None:
    """The empty workbook that clerks fill in: the three sheets with lists to choose from."""
    note = ("说明：一行一户（人、村）一年；证件号码、户编号等长号码请保持文本格式；金额以元为单位，最多两位小数。")
    write_tables(out, [SheetSpec(sheet, layout.columns, (), lead=[note]) for sheet, layout in SHEETS.items()])
