"""Writes tables to .xlsx in constant memory, so that reading them back gives the same values.

Long numbers and texts are text cells, whatever they begin with; dates are real dates; money and numbers are numbers; yes/no and
choices are their labels. The only formulas are the sums of a totals row, written together with their values.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from office.workbooks.column import Column
from office.workbooks.container import MAX_ROWS
from office.workbooks.refusal import WorkbookRefused
from office.workbooks.scan import column_letters

MAX_TEXT = 32_767
MAX_LIST = 255
GUIDED_ROWS = 20_000
"""Rows for which a choice column offers its list, so that an empty export serves as a template."""

_NUMBER_FORMATS = {
    "text": "@", "digits": "@", "choice": "@", "choices": "@", "yesno": "@",
    "integer": "0", "number": "General", "money": "#,##0.00", "date": "yyyy-mm-dd",
}  # fmt: skip


@dataclass(frozen=True)
class SheetSpec:
    """One sheet: rows are mappings by column key, blank where a key is absent or None.

    ``lead`` are lines above the header (title, filter, cut-off time); ``totals`` are keys of money or number columns to be
    summed in a last row 合计.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Mapping[str, Any]]
    lead: Sequence[str] = ()
    totals: Sequence[str] = ()


def write_tables(path: str | Path, sheets: Iterable[SheetSpec]) -> dict[str, int]:
    """Writes the sheets in order and returns the number of rows in each.

    Raises WorkbookRefused, and leaves no file, when a sheet would exceed what can be read back: a short file would look complete.
    """
    path = Path(path)
    with TemporaryDirectory(prefix=".", dir=path.parent) as drafts:  # the library leaves its own drafts when it fails
        return _write_book(path, sheets, drafts)


def _write_book(path: Path, sheets: Iterable[SheetSpec], drafts: str) -> dict[str, int]:
    options = {
        "constant_memory": True,
        "tmpdir": drafts,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(str(path), options)
    try:
        counts = {spec.name: _write_sheet(book, spec) for spec in sheets}
    except BaseException:
        with suppress(FileCreateError):
            book.close()
        path.unlink(missing_ok=True)
        raise
    try:
        book.close()
    except FileCreateError as error:  # the library's name for a full disk or a missing right
        path.unlink(missing_ok=True)
        raise error.args[0] from error
    return counts


def _write_sheet(book: xlsxwriter.Workbook, spec: SheetSpec) -> int:
    sheet = book.add_worksheet(spec.name)
    head = book.add_format({"bold": True, "bg_color": "#D9E7F5", "border": 1, "text_wrap": True, "valign": "vcenter"})
    title = book.add_format({"bold": True, "font_size": 14})
    top = len(spec.lead)
    formats = [book.add_format({"num_format": _NUMBER_FORMATS[column.kind]}) for column in spec.columns]
    for index, (column, cell_format) in enumerate(zip(spec.columns, formats, strict=True)):
        sheet.set_column(index, index, column.width, cell_format)
        _offer_choices(sheet, column, top + 1, index)
    sheet.freeze_panes(top + 1, 0)
    for number, line in enumerate(spec.lead):
        sheet.write_string(number, 0, line, None if number else title)
    sheet.set_row(top, 32)
    for index, column in enumerate(spec.columns):
        sheet.write_string(top, index, column.label, head)

    writers = [(c.key, i, _writer(c, sheet), f) for i, (c, f) in enumerate(zip(spec.columns, formats, strict=True))]
    sums: dict[str, Decimal | int] = dict.fromkeys(spec.totals, Decimal(0))
    count = 0
    for count, row in enumerate(spec.rows, start=1):
        if count > MAX_ROWS:
            raise WorkbookRefused(f"“{spec.name}”超过 {MAX_ROWS // 10000} 万行，请缩小范围（如按县或按镇）分别导出")
        for key, index, write, cell_format in writers:
            value = row.get(key)
            if value is not None and value != "":
                write(top + count, index, value, cell_format)
        for key in sums:
            sums[key] += row.get(key) or 0
    if spec.totals:
        _write_totals(book, sheet, spec, top + 1, count, sums)
    if count:
        sheet.autofilter(top, 0, top + count, len(spec.columns) - 1)
    return count


def _writer(column: Column, sheet: Worksheet) -> Callable[[int, int, Any, Format], Any]:
    """How a value of this column becomes a cell."""
    labels = column.labels
    if column.kind in ("integer", "number", "money"):
        return lambda row, index, value, form: sheet.write_number(row, index, float(value), form)
    if column.kind == "date":
        return lambda row, index, value, form: _write_date(sheet, row, index, value, form)
    if column.kind == "yesno":
        return lambda row, index, value, form: sheet.write_string(row, index, "是" if value else "否", form)
    if column.kind == "choice":
        return lambda row, index, value, form: sheet.write_string(row, index, str(labels.get(value, value)), form)
    if column.kind == "choices":
        return lambda row, index, value, form: sheet.write_string(
            row, index, "、".join(str(labels.get(item, item)) for item in value), form
        )
    return lambda row, index, value, form: sheet.write_string(row, index, str(value)[:MAX_TEXT], form)


def _write_date(sheet: Worksheet, row: int, index: int, value: dt.date, form: Format) -> None:
    """A real date; before 1900-03-01, where spreadsheets count wrongly, its ISO text."""
    if value.isoformat() < "1900-03-01":
        sheet.write_string(row, index, value.isoformat()[:10], form)
    else:
        sheet.write_datetime(row, index, dt.datetime(value.year, value.month, value.day), form)


def _offer_choices(sheet: Worksheet, column: Column, first_row: int, index: int) -> None:
    options = (
        ["是", "否"] if column.kind == "yesno" else list(column.labels.values()) if column.kind == "choice" else []
    )
    if options and len(",".join(options)) <= MAX_LIST:
        guide = {"validate": "list", "source": options, "error_type": "information"}
        sheet.data_validation(first_row, index, first_row + GUIDED_ROWS, index, guide)


def _write_totals(
    book: xlsxwriter.Workbook, sheet: Worksheet, spec: SheetSpec, first_row: int, count: int, sums: Mapping[str, Any]
) -> None:
    bold = book.add_format({"bold": True, "top": 1})
    row = first_row + count
    sheet.write_string(row, 0, "合计", bold)
    for index, column in enumerate(spec.columns):
        if index and column.key in sums:
            form = book.add_format({"bold": True, "top": 1, "num_format": _NUMBER_FORMATS[column.kind]})
            letters = column_letters(index)
            formula = f"=SUM({letters}{first_row + 1}:{letters}{max(row, first_row + 1)})"
            sheet.write_formula(row, index, formula if count else "=0", form, float(sums[column.key]))
