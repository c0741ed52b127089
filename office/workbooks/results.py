"""The sheet 检查结果: totals, then every finding with a link to its cell."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import quoteattr

from office.workbooks.notes import MAIN, xml_text
from office.workbooks.reader import Finding
from office.workbooks.scan import column_letters
from office.workbooks.styles import Styles
from office.workbooks.values import Severity

MAX_LINKS = 65_000
"""A sheet holds 65,530 links; findings beyond are listed without one."""

MAX_LISTED = 1_000_000
MAX_NOTES = 5_000
"""Comments per sheet: more make spreadsheet programs slow. All cells are coloured and all findings listed."""

MAX_NOTE = 1_000

HEADINGS = ("序号", "级别", "工作表", "行号", "列名", "单元格", "问题与处理办法")
WIDTHS = (8, 8, 14, 8, 20, 10, 90)
LEVELS = {"E": "错误", "W": "提醒"}


@dataclass(frozen=True)
class Placed:
    """A finding with the column index of its cell; None when it belongs to no cell."""

    finding: Finding
    column: int | None

    @property
    def cell(self) -> str:
        if self.finding.row is None or self.column is None:
            return ""
        return f"{column_letters(self.column)}{self.finding.row}"

    @property
    def location(self) -> str:
        """Where the link leads, inside the workbook."""
        name = self.finding.sheet.replace("'", "''")
        return f"'{name}'!{self.cell or 'A1'}"


@dataclass
class SheetMarks:
    """What to put on one sheet."""

    cells: dict[int, dict[int, Severity]] = field(default_factory=lambda: defaultdict(dict))
    """Row number (from 1) to column index (from 0) to severity."""
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    unnoted: int = 0
    """Marked cells that get no comment."""

    def add(self, row: int, column: int, finding: Finding) -> None:
        before = self.cells[row].get(column)
        self.cells[row][column] = "E" if "E" in (before, finding.severity) else "W"
        sentence = ("错误：" if finding.severity == "E" else "提醒：") + finding.sentence
        if (row, column) in self.notes:
            self.notes[row, column] = f"{self.notes[row, column]}\n{sentence}"[:MAX_NOTE]
        elif len(self.notes) < MAX_NOTES:
            self.notes[row, column] = sentence[:MAX_NOTE]
        elif before is None:
            self.unnoted += 1


def summary(placed: Sequence[Placed], totals: Mapping[str, Any], unnoted: Mapping[str, int]) -> list[tuple[str, str]]:
    """The lines above the list: label and value."""
    errors = sum(entry.finding.severity == "E" for entry in placed)
    lines = [(label, str(value)) for label, value in totals.items()]
    lines += [("错误（红色，未导入）", f"{errors} 处"), ("提醒（黄色，请核对）", f"{len(placed) - errors} 处")]
    lines += [(f"“{sheet}”未加批注的单元格", f"{count} 个，已着色并列于下表") for sheet, count in unnoted.items()]
    if len(placed) > MAX_LISTED:
        lines.append(("未列出的问题", f"{len(placed) - MAX_LISTED} 处，请先改正所列问题后重新检查"))
    if len(placed) > MAX_LINKS:
        lines.append(("说明", f"前 {MAX_LINKS} 条可点击单元格跳转，其余请按工作表和单元格查找"))
    lines.append(("下一步", "按下表改正红色单元格后，直接上传本文件即可；已导入的内容不会重复"))
    return lines


def fields(number: int, entry: Placed) -> tuple[str | int, ...]:
    """One finding as the cells of its line, in the order of HEADINGS."""
    finding = entry.finding
    row = "" if finding.row is None else finding.row
    level = LEVELS[finding.severity]
    return number, level, finding.sheet, row, finding.column or "", entry.cell or "工作表", finding.sentence


def result_sheet(
    placed: Sequence[Placed], totals: Mapping[str, Any], unnoted: Mapping[str, int], sheets: set[str], styles: Styles
) -> Iterator[str]:
    """The XML of the sheet, piece by piece."""
    text, count, line, bold, link = (styles.plain(look) for look in ("text", "number", "line", "bold", "link"))
    widths = "".join(f'<col min="{i}" max="{i}" width="{w}" customWidth="1"/>' for i, w in enumerate(WIDTHS, start=1))
    lines = summary(placed, totals, unnoted)
    top = len(lines) + 3
    yield (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}"><sheetViews>'
        f'<sheetView tabSelected="1" workbookViewId="0"/></sheetViews><cols>{widths}</cols><sheetData>'
    )
    yield _line(1, {0: ("检查结果", bold)})
    for number, (label, value) in enumerate(lines, start=2):
        yield _line(number, {0: (label, line), 5: (value, line)})
    yield _line(top, {index: (heading, bold) for index, heading in enumerate(HEADINGS)})
    listed = placed[:MAX_LISTED]
    linked: list[str] = []
    for number, entry in enumerate(listed, start=1):
        cells = {i: (v, count if isinstance(v, int) else text) for i, v in enumerate(fields(number, entry))}
        cells[1] = (cells[1][0], styles.plain(entry.finding.severity))
        if len(linked) < MAX_LINKS and entry.finding.sheet in sheets:
            cells[5] = (cells[5][0], link)
            linked.append(f'<hyperlink ref="F{top + number}" location={quoteattr(xml_text(entry.location))}/>')
        yield _line(top + number, cells)
    yield f'</sheetData><autoFilter ref="A{top}:G{top + len(listed)}"/>'
    if linked:
        yield f"<hyperlinks>{''.join(linked)}</hyperlinks>"
    yield "</worksheet>"


def _line(row: int, cells: Mapping[int, tuple[str | int, int]]) -> str:
    filled = (_cell(f"{column_letters(index)}{row}", *cell) for index, cell in cells.items() if cell[0] != "")
    return f'<row r="{row}">{"".join(filled)}</row>'


def _cell(reference: str, value: str | int, style: int) -> str:
    if isinstance(value, int):
        return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'
    text = f'<is><t xml:space="preserve">{xml_text(value)}</t></is>'
    return f'<c r="{reference}" s="{style}" t="inlineStr">{text}</c>'
