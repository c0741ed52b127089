"""The marked workbook written anew, for files that cannot be patched: same sheets, rows and values, no formats."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from office.workbooks.container import Inspection
from office.workbooks.reader import RESULT_SHEET, open_register
from office.workbooks.results import HEADINGS, MAX_LINKS, MAX_LISTED, WIDTHS, Placed, SheetMarks, fields, summary
from office.workbooks.scan import CellFault
from office.workbooks.styles import ERROR_COLOUR, WARNING_COLOUR

_MOMENT = "yyyy-mm-dd hh:mm:ss"


def write_plain(
    inspection: Inspection,
    out: Path,
    placed: Sequence[Placed],
    totals: Mapping[str, Any],
    unnoted: Mapping[str, int],
    marks: Mapping[str, SheetMarks],
) -> None:
    """Writes every worksheet up to its first 200 blank rows in a row, row by row in constant memory."""
    options = {
        "constant_memory": True,
        "tmpdir": str(out.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with (
        open_register(inspection.path, inspection=inspection) as source,
        xlsxwriter.Workbook(str(out), options) as book,
    ):
        _results(book, placed, totals, unnoted, set(source.sheets))
        fills = {"E": "#" + ERROR_COLOUR[2:], "W": "#" + WARNING_COLOUR[2:], None: None}
        formats = {
            (severity, number): book.add_format({"num_format": number} | ({"bg_color": fill} if fill else {}))
            for severity, fill in fills.items()
            for number in ("General", "@", "yyyy-mm-dd", _MOMENT)
        }
        for name, sheet in source.sheets.items():
            if name == RESULT_SHEET:
                continue
            target = book.add_worksheet(name)
            mine = marks.get(name)
            for number, row in enumerate(sheet.rows(), start=1):
                severities = mine.cells.get(number, {}) if mine else {}
                for index in sorted({*range(len(row)), *severities}):
                    value = row[index] if index < len(row) else None
                    _write(target, number - 1, index, value, severities.get(index), formats)
            for (number, index), text in mine.notes.items() if mine else ():
                target.write_comment(number - 1, index, text, {"x_scale": 2})


def _write(
    sheet: Worksheet, row: int, index: int, value: Any, severity: str | None, formats: Mapping[tuple[Any, str], Format]
) -> None:
    if value is None or value == "" or isinstance(value, CellFault):
        if severity:
            sheet.write_blank(row, index, None, formats[severity, "General"])
    elif isinstance(value, bool):
        sheet.write_boolean(row, index, value, formats[severity, "General"])
    elif isinstance(value, int | float):
        sheet.write_number(row, index, value, formats[severity, "General"])
    elif isinstance(value, dt.datetime | dt.date):
        number = _MOMENT if isinstance(value, dt.datetime) else "yyyy-mm-dd"
        sheet.write_datetime(row, index, value, formats[severity, number])
    else:
        sheet.write_string(row, index, str(value), formats[severity, "@"])


def _results(
    book: xlsxwriter.Workbook,
    placed: Sequence[Placed],
    totals: Mapping[str, Any],
    unnoted: Mapping[str, int],
    sheets: set[str],
) -> None:
    sheet = book.add_worksheet(RESULT_SHEET)
    bold, link = book.add_format({"bold": True}), book.add_format({"underline": 1, "font_color": "#0563C1"})
    for index, width in enumerate(WIDTHS):
        sheet.set_column(index, index, width)
    sheet.write_string(0, 0, RESULT_SHEET, bold)
    lines = summary(placed, totals, unnoted)
    for number, (label, value) in enumerate(lines, start=1):
        sheet.write_string(number, 0, label)
        sheet.write_string(number, 5, value)
    top = len(lines) + 2
    for index, heading in enumerate(HEADINGS):
        sheet.write_string(top, index, heading, bold)
    for number, entry in enumerate(placed[:MAX_LISTED], start=1):
        for index, value in enumerate(fields(number, entry)):
            if index == 5 and number <= MAX_LINKS and entry.finding.sheet in sheets:
                sheet.write_url(top + number, index, f"internal:{entry.location}", link, str(value))
            elif isinstance(value, int):
                sheet.write_number(top + number, index, value)
            else:
                sheet.write_string(top + number, index, value)
