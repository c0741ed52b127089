"""Reads register workbooks: sheets by name, the header wherever it stands, rows one by one.

A sheet of ordinary size is held as a rectangle by calamine (one sheet at a time, at most ``scan.DENSE_CELLS`` cells); a larger or
sparser one is streamed by openpyxl, slower but in constant memory. Both give the same rows.
"""

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, Self
from xml.etree import ElementTree

from openpyxl import load_workbook
from python_calamine import CalamineError, CalamineWorkbook

from office.workbooks.cells import reader
from office.workbooks.column import Column
from office.workbooks.container import DEFAULT_MAX_BYTES, Inspection, inspect_file
from office.workbooks.header import Header, Layout
from office.workbooks.refusal import WorkbookRefused
from office.workbooks.scan import DENSE_COLUMNS, CellFault, SheetScan, column_letters
from office.workbooks.values import Problem, Severity

RESULT_SHEET = "检查结果"
"""The sheet that ``mark`` puts first; importers leave it alone without a word."""

MAX_BLANK_ROWS = 200
_DAMAGED = "文件已损坏，无法读取，请用 Excel 或 WPS 打开并另存为 .xlsx 后再上传"
_NOTE = re.compile(r"[(（【\[]?(注|说明|备注|填表)")
_TOTAL = re.compile(r"(合计|总计|小计)([:：(（\d].*)?")
_SPECIAL_STARTS = frozenset("合总小注说备填(（【[ \u3000\t\n\r")

Row = Sequence[Any]


class Finding(NamedTuple):
    """One thing to tell the clerk: where, how bad, and one sentence with the value, the rule and the remedy."""

    sheet: str
    row: int | None
    column: str | None
    severity: Severity
    sentence: str


class Sheet:
    """One worksheet of an open workbook."""

    def __init__(self, book: "Register", name: str, scan: SheetScan | None) -> None:
        self.name = name.strip()
        self._exact_name = name
        self._book = book
        self._scan = scan

    def rows(self) -> Iterator[Row]:
        """Rows from row 1 on, blank ones included; a blank cell is '' or None. Ends after 200 blank rows in a row."""
        faults: Mapping[int, Mapping[int, CellFault]] = self._scan.faults if self._scan else {}
        blank, number = 0, 0
        for number, row in enumerate(self._raw_rows(), start=1):
            here = faults.get(number)
            if here:
                row = _with_faults(row, here)
            if is_blank(row):
                blank += 1
                if blank >= MAX_BLANK_ROWS:
                    return
            else:
                blank = 0
            yield row
        # Rows that hold nothing but formulas without a value lie outside what the library takes for the used range.
        for later in sorted(row_number for row_number in faults if row_number > number):
            if later - number + blank > MAX_BLANK_ROWS:
                return
            yield from ([] for _ in range(later - number - 1))
            yield _with_faults([], faults[later])
            number, blank = later, 0

    def _raw_rows(self) -> Iterator[Row]:
        if self._book.streamed or self._scan is None or self._scan.streamed:
            return self._streamed_rows()
        return self._dense_rows()

    def _dense_rows(self) -> Iterator[Row]:
        try:
            sheet = self._book.calamine().get_sheet_by_name(self._exact_name)
        except (CalamineError, ValueError, OSError) as error:
            raise WorkbookRefused(_DAMAGED) from error
        # Rows come from row 1 on, but their cells only from the first used column on.
        left = [""] * (sheet.start[1] if sheet.start else 0)
        return ([*left, *row] for row in sheet.iter_rows()) if left else sheet.iter_rows()

    def _streamed_rows(self) -> Iterator[Row]:
        try:
            with warnings.catch_warnings():  # about styles and extensions, which are of no use here
                warnings.simplefilter("ignore")
                book = load_workbook(self._book.path, read_only=True, data_only=True, keep_links=False)
            try:
                sheet = book[self._exact_name]
                sheet.reset_dimensions()
                yield from sheet.iter_rows(max_col=DENSE_COLUMNS, values_only=True)
            finally:
                book.close()
        except (WorkbookRefused, GeneratorExit):
            raise
        except Exception as error:  # openpyxl raises whatever a malformed part makes it stumble over
            raise WorkbookRefused(_DAMAGED) from error


def _with_faults(row: Row, faults: Mapping[int, CellFault]) -> Row:
    cells = list(row)
    for index, fault in faults.items():
        if index < DENSE_COLUMNS:
            cells.extend([""] * (index + 1 - len(cells)))
            cells[index] = fault
    return cells


class Register:
    """An inspected workbook, open for reading; use it as a context manager."""

    def __init__(self, inspection: Inspection) -> None:
        self.path = inspection.path
        self.streamed = inspection.transcoded
        self._calamine: CalamineWorkbook | None = None
        parts = sheet_parts(inspection)
        if not inspection.parts.issuperset(parts.values()):  # a sheet is listed and its content is not there
            raise WorkbookRefused(_DAMAGED)
        self.sheets = {
            name.strip(): Sheet(self, name, inspection.scans.get(part))
            for name, part in parts.items()
            if part in inspection.scans
        }
        """Worksheets by name, in the order of the workbook; chart sheets are not among them."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._calamine is not None:
            self._calamine.close()

    def calamine(self) -> CalamineWorkbook:
        if self._calamine is None:
            self._calamine = CalamineWorkbook.from_path(str(self.path))
        return self._calamine

    def others(self, known: Iterable[str]) -> list[Finding]:
        """One warning for each sheet that nobody knows; the result sheet of an earlier check is not mentioned."""
        listed = set(known)
        return [
            Finding(name, None, None, "W", f"工作表“{name}”不是登记表，未读取；应为 {'、'.join(listed)}")
            for name in self.sheets
            if name not in listed and name != RESULT_SHEET
        ]


def open_register(
    path: str | Path, max_bytes: int = DEFAULT_MAX_BYTES, inspection: Inspection | None = None
) -> Register:
    """Inspects a workbook and opens it; raises WorkbookRefused. Pass an inspection to save doing it twice."""
    return Register(inspection or inspect_file(path, max_bytes))


def sheet_parts(inspection: Inspection) -> dict[str, str]:
    """Sheet name to lower-case part name, in workbook order; raises WorkbookRefused when the listing is unreadable."""
    try:
        book = ElementTree.fromstring(inspection.kept["xl/workbook.xml"])
        relations = ElementTree.fromstring(inspection.kept["xl/_rels/workbook.xml.rels"])
    except (KeyError, ElementTree.ParseError) as error:
        raise WorkbookRefused(_DAMAGED) from error
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    parts: dict[str, str] = {}
    for element in book.iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        relation = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
        target = targets.get(relation) or ""
        base = PurePosixPath("/") if target.startswith("/") else PurePosixPath("/xl")
        parts[element.get("name", "")] = str(base / target.lstrip("/")).lstrip("/").lower()
    return parts


def is_blank(row: Row) -> bool:
    """Whether no cell holds more than spaces; stops at the first filled one."""
    return all(cell is None or (type(cell) is str and not cell.strip()) for cell in row)


def _skipped(row: Row) -> bool:
    """Whether a row is blank, a total, or a note that stands alone."""
    for index, cell in enumerate(row):
        if cell is None or cell == "":
            continue
        if type(cell) is not str:
            return False
        if cell[0] not in _SPECIAL_STARTS:
            return False
        text = "".join(cell.split())
        if not text:
            continue
        if _TOTAL.fullmatch(text):
            return True
        return bool(_NOTE.match(text)) and is_blank(row[index + 1 :])
    return True


class Record(NamedTuple):
    """One row, read: values by column key (columns missing in the sheet are missing here), problems by column key."""

    row: int
    values: dict[str, Any]
    problems: dict[str, Problem]


class Table:
    """A sheet with its header found. ``header`` is None when there is none; ``findings`` says what is odd about the head."""

    def __init__(self, sheet: Sheet, columns: Iterable[Column]) -> None:
        self.name = sheet.name
        self.layout = columns if isinstance(columns, Layout) else Layout(columns)
        self.header: Header | None = None
        self._rows = enumerate(sheet.rows(), start=1)
        for number, row in self._rows:
            self.header = self.layout.match(number, row)
            if self.header:
                break
        self.missing = [c for c in self.layout.columns if c.required and c.key not in self.places]
        """Required columns that the sheet lacks: nothing of it can be used."""
        self.findings = list(self._head_findings())

    @property
    def places(self) -> dict[str, int]:
        """Column key to column index (from 0) of the columns present."""
        return self.header.places if self.header else {}

    def _head_findings(self) -> Iterator[Finding]:
        if self.header is None:
            rule = f"工作表“{self.name}”中找不到表头（至少三个已知列名在同一行），请使用登记表模板的列名"
            yield Finding(self.name, None, None, "E", rule)
            return
        for column in self.missing:
            sentence = f"工作表“{self.name}”缺少必填列“{column.label}”，请补上该列后再上传"
            yield Finding(self.name, self.header.row, None, "E", sentence)
        for index, text in self.header.duplicate:
            sentence = f"列“{text[:40]}”（{column_letters(index)} 列）重复，只能保留一列，请删除多余的列后再上传"
            yield Finding(self.name, self.header.row, text, "E", sentence)
        for index, text in self.header.unknown:
            sentence = f"列“{text[:40]}”（{column_letters(index)} 列）不在登记表中，未读取；如需导入请改为登记表的列名"
            yield Finding(self.name, self.header.row, text, "W", sentence)

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Excel row number and raw cells by column key; blank rows, notes and totals are left out. Can be read once."""
        places = list(self.places.items())
        width = max(self.places.values(), default=-1) + 1
        for number, row in self._rows:
            if not _skipped(row):
                if len(row) < width:
                    row = [*row, *[""] * (width - len(row))]
                yield number, {key: row[index] for key, index in places}

    def records(self) -> Iterator[Record]:
        """The same rows with every cell read by its column. Can be read once."""
        plan = [(key, index, reader(self.layout.by_key[key])) for key, index in self.places.items()]
        width = max(self.places.values(), default=-1) + 1
        for number, row in self._rows:
            if _skipped(row):
                continue
            if len(row) < width:
                row = [*row, *[""] * (width - len(row))]
            values: dict[str, Any] = {}
            problems: dict[str, Problem] = {}
            for key, index, read in plan:
                values[key], problem = read(row[index])
                if problem is not None:
                    problems[key] = problem
            yield Record(number, values, problems)


def read_table(sheet: Sheet, columns: Iterable[Column] | Layout) -> Table:
    """Finds the header of a sheet; the rows are read as they are asked for."""
    return Table(sheet, columns)
