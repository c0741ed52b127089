"""Writes a sealed table: the rows in one sheet, and in a second one what proves that none is missing and none was changed.

Constant memory whatever the size: the digests of the rows wait in a file of their own until the last row is written.
"""

import math
import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from office import money
from office.workbooks.container import MAX_ROWS
from office.workbooks.refusal import WorkbookRefused
from office.workbooks.rowsheet import RowSheet, in_xml
from office.workbooks.scan import column_letters
from office.workbooks.seal import (
    BLANK,
    DIGEST_BYTES,
    FIRST_ROW,
    FORM,
    MARK_BYTES,
    SUM,
    SealedColumn,
    Sealer,
    marks,
    plain,
    serial,
)

TABLE_SHEET, SEAL_SHEET = "台账", "校验"
TOTAL_LABEL = "合计"
SIGNATURE = "签名"
A4, A3 = 9, 8
ON_A4, ON_A3 = 220, 290
"""Characters side by side that stay readable on a sheet, landscape."""
MAX_MARGIN_TEXT = 230
INDENT = 2
"""Characters of a cell's width that texts leave free."""
LIST_HEADINGS = ("行号", "摘要", "单元格校验")
MAX_TEXT = 32_767

SEAL_NAMES = ("格式", "种类", "导出编号", "行数", "控制列", "控制总数", "链头序号", "链头", "列格式", "总摘要", "密钥编号")

_FORMATS = {"text": "@", "integer": "0", "money": "#,##0.00", "number": "0.00", "date": "yyyy-mm-dd"}
_NOTE = ("本表证明“台账”的每一行都与导出时一致、一行不缺。请勿改动；用 Excel 或 WPS 另存不影响核验。"
         "在系统的“核验台账”页上传本文件，或运行 verify_chain --file 核对。")  # fmt: skip


def _wide(text: str) -> int:
    """How many characters wide a text is; a Chinese one takes two, as of its three bytes and itself the half."""
    return (len(text.encode()) + len(text)) >> 1


def _look(column: SealedColumn) -> dict[str, Any]:
    """How the cells of a column look; texts stand a little off the number to their left."""
    look: dict[str, Any] = {"num_format": _FORMATS[column.kind], "valign": "vcenter"}
    return look | ({"align": "left", "indent": 1, "text_wrap": column.wrap} if column.kind == "text" else {})


@dataclass(frozen=True)
class SealedTable:
    """What is written. A row is a sequence of values in the order of the columns: str, int, Decimal, date or None."""

    kind: str
    title: str
    conditions: str
    number: str
    columns: Sequence[SealedColumn]
    control: str
    """Label of the column whose sum is the control total."""
    rows: Iterable[Sequence[Any]]
    chain_sequence: int
    chain_head: str


@dataclass(frozen=True)
class Sealed:
    """What was written: number of rows, control total in yuan, digest over all rows."""

    rows: int
    total: Decimal
    digest: str


def write_sealed(path: str | Path, table: SealedTable, sealer: Sealer) -> Sealed:
    """Writes the workbook and returns its figures; leaves no file behind when anything stands against it."""
    path = Path(path)
    with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as drafts:   # the library leaves its own when it fails
        book = xlsxwriter.Workbook(str(path), {
            "constant_memory": True, "tmpdir": drafts, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False})
        try:
            with tempfile.TemporaryFile(dir=drafts) as digests:
                writer = _Writer(book, table, sealer, digests)
                sealed = writer.table()
                writer.seal(sealed)
            book.set_properties({"title": table.title, "comments": table.conditions})
            book.close()
            os.chmod(path, 0o600)
        except BaseException as error:
            with suppress(FileCreateError):
                book.close()
            path.unlink(missing_ok=True)
            if isinstance(error, FileCreateError):   # the library's name for a full disk or a missing right
                raise error.args[0] from error
            raise
    return sealed


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, table: SealedTable, sealer: Sealer, digests) -> None:
        self._book, self._table, self._sealer, self._digests = book, table, sealer, digests
        self._all = sealer.rows()
        self._kinds = [column.kind for column in table.columns]
        self._record_bytes = DIGEST_BYTES + MARK_BYTES * len(table.columns)
        self._control = [column.label for column in table.columns].index(table.control)
        self._totals = [index for index, column in enumerate(table.columns) if column.total]

    def table(self) -> Sealed:
        """The sheet with the rows."""
        sheet = self._book.add_worksheet(TABLE_SHEET, RowSheet)
        self._head(sheet)
        count, sums = self._rows(sheet)
        self._total_row(sheet, count, sums)
        last = FIRST_ROW - 2 + count
        sheet.autofilter(FIRST_ROW - 2, 0, max(last, FIRST_ROW - 2), len(self._kinds) - 1)
        return Sealed(count, money.from_fen(sums[self._control]), self._all.hexdigest())

    def _head(self, sheet) -> None:
        table, book = self._table, self._book
        title = book.add_format({"bold": True, "font_size": 14})
        head = book.add_format({"bold": True, "bg_color": "#D9E7F5", "border": 1, "text_wrap": True, "align": "center",
                                "valign": "vcenter"})
        sheet.freeze_panes(FIRST_ROW - 1, 0)
        self._paper(sheet)
        self._formats = [book.add_format(_look(column)) for column in table.columns]
        for index, column in enumerate(table.columns):
            sheet.set_column(index, index, column.width, self._formats[index])
        sheet.write_string(0, 0, plain(table.title), title)
        sheet.write_string(1, 0, plain(table.conditions), book.add_format({"num_format": "@"}))
        sheet.set_row(FIRST_ROW - 2, 32)
        for index, column in enumerate(table.columns):
            sheet.write_string(FIRST_ROW - 2, index, column.label, head)
        for cells in ([table.title], [table.conditions], [column.label for column in table.columns]):
            self._note([plain(cell) for cell in cells])

    def _paper(self, sheet) -> None:
        """Printed to be read: wide tables on A3 and over several sheets side by side, the first column on each."""
        table = self._table
        width = sum(column.width for column in table.columns)
        sheet.set_landscape()
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.set_paper(A4 if width <= ON_A4 else A3)
        sheet.fit_to_pages(1 if width <= ON_A4 else math.ceil(width / ON_A3), 0)
        sheet.repeat_rows(FIRST_ROW - 2)
        if width > ON_A3:
            sheet.repeat_columns(0)
        if len(said := table.conditions.replace("&", "&&")) <= MAX_MARGIN_TEXT:
            sheet.set_header(f'&L&"宋体,常规"&9{said}')
        sheet.set_footer(f"&L{table.number}&C第 &P 页，共 &N 页&R{table.title.replace('&', '&&')}")

    def _note(self, cells: list[str]) -> None:
        """Keep the digest of a row, and the marks of its cells."""
        cells = cells + [BLANK] * (len(self._kinds) - len(cells))
        digest = self._sealer.row(cells)
        self._all.update(digest)
        self._digests.write(digest + marks(cells))

    def _rows(self, sheet: RowSheet) -> tuple[int, dict[int, int]]:
        """Write all rows; returns how many, and the sums in fen by column."""
        plan = [(index, column.kind, column.wrap and column.width - INDENT, *sheet.cell_parts(index, column.kind == "text", form))
                for index, (column, form) in enumerate(zip(self._table.columns, self._formats, strict=True))]
        sums = dict.fromkeys({*self._totals, self._control}, 0)
        count = 0
        for count, row in enumerate(self._table.rows, start=1):
            if count > MAX_ROWS:
                raise WorkbookRefused(
                    f"台账超过 {MAX_ROWS // 10000} 万行，一份工作簿放不下，为免缺漏没有生成文件；请按区域或年度分别导出")
            cells, xml, number, lines = [], [], str(FIRST_ROW - 1 + count), 1.0
            for (index, kind, room, before, behind, end), value in zip(plan, row, strict=True):
                if value is None or value == "":
                    cells.append(BLANK)
                    continue
                if kind == "text":
                    text = plain(value)
                    cells.append(text)
                    if room and (needed := _wide(text) / room) > lines:
                        lines = needed
                    stored = self._stored(text, index)
                elif kind == "date":
                    text, stored = value.isoformat(), str(serial(value))
                    cells.append(text)
                elif kind == "integer":
                    stored = str(value)
                    cells.append(stored)
                else:
                    fen = money.to_fen(value)
                    cells.append(str(fen))
                    stored = repr(fen / 100)
                    if index in sums:
                        sums[index] += fen
                if stored:
                    xml.append(f"{before}{number}{behind}{stored}{end}")
            sheet.put_row(FIRST_ROW - 2 + count, "".join(xml), math.ceil(lines))
            self._note(cells)
        return count, sums

    def _stored(self, text: str, index: int) -> str:
        """A text as the file holds it; one that no cell can hold is refused, never cut."""
        if len(text) > MAX_TEXT:
            raise WorkbookRefused(f"“{self._table.columns[index].label}”中有超过 {MAX_TEXT} 字的内容，单元格放不下，没有生成文件")
        return in_xml(text)

    def _total_row(self, sheet, count: int, sums: dict[int, int]) -> None:
        """Sums by formula, with their values, so that programs that do not calculate show them too."""
        at = FIRST_ROW - 1 + count
        bold = self._book.add_format({"bold": True, "top": 1})
        cells = [BLANK] * len(self._kinds)
        label = label_index([column.form for column in self._table.columns])
        sheet.write_string(at, label, TOTAL_LABEL, bold)
        cells[label] = TOTAL_LABEL
        form = self._book.add_format({"bold": True, "top": 1, "num_format": _FORMATS["money"]})
        for index in self._totals:
            letters = column_letters(index)
            sheet.write_formula(at, index, f"{SUM}({letters}{FIRST_ROW}:{letters}{max(at, FIRST_ROW)})" if count else "=0",
                                form, sums[index] / 100)
            cells[index] = SUM
        self._note(cells)

    def seal(self, sealed: Sealed) -> None:
        """The sheet that checks the other one."""
        sheet = self._book.add_worksheet(SEAL_SHEET, RowSheet)
        bold, wrap = self._book.add_format({"bold": True}), self._book.add_format({"text_wrap": True, "valign": "vcenter"})
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 72)
        sheet.set_column(2, 2, 40)
        sheet.merge_range(0, 0, 0, 2, _NOTE, wrap)
        sheet.set_row(0, 32)
        entries = seal_entries(self._table, sealed, self._sealer)
        for number, (name, value) in enumerate([*entries, (SIGNATURE, self._sealer.sign(entries))], start=1):
            sheet.write_string(number, 0, name, bold)
            sheet.write_string(number, 1, value)
        top = len(entries) + 3
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, top - 1, 2)   # what it states; nobody reads the digests of the rows on paper
        for index, heading in enumerate(LIST_HEADINGS):
            sheet.write_string(top, index, heading, bold)
        self._digests.seek(0)
        place = sheet.cell_parts(0, False)
        texts = [sheet.cell_parts(index, True) for index in (1, 2)]
        number = 0
        while record := self._digests.read(self._record_bytes):
            number += 1
            at = str(top + number + 1)
            xml = f"{place[0]}{at}{place[1]}{number}{place[2]}"
            for (before, behind, end), part in zip(texts, (record[:DIGEST_BYTES], record[DIGEST_BYTES:]), strict=True):
                xml += f"{before}{at}{behind}{part.hex()}{end}"
            sheet.put_row(top + number, xml)


def label_index(forms: Sequence[str]) -> int:
    """Column that says 合计 in the last row: the first one that is not summed up."""
    return next((index for index, form in enumerate(forms) if not form.endswith("+")), 0)


def seal_entries(table: SealedTable, sealed: Sealed, sealer: Sealer) -> list[tuple[str, str]]:
    """What the checking sheet states of the whole table, in its order; the signature covers all of it."""
    return list(zip(SEAL_NAMES, (
        FORM, table.kind, table.number, str(sealed.rows), table.control, money.plain(sealed.total),
        str(table.chain_sequence), table.chain_head, " ".join(column.form for column in table.columns), sealed.digest,
        sealer.key_id), strict=True))  # fmt: skip
