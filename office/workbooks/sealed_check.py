"""Says whether a sealed workbook is complete and unaltered, also after Excel or WPS has saved it again, and what is not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from office import money
from office.workbooks.alignment import Difference, compare
from office.workbooks.cellstream import CellStream
from office.workbooks.container import DEFAULT_MAX_BYTES, inspect_file
from office.workbooks.refusal import WorkbookRefused
from office.workbooks.scan import column_letters
from office.workbooks.seal import (
    BLANK,
    EPOCH,
    FIRST_ROW,
    FOREIGN,
    MARK_BYTES,
    SUM,
    Formula,
    Sealer,
    marks,
    of_text,
    plain,
    read_cells,
)
from office.workbooks.seal_sheet import HEAD_ROWS, Listed, SealReport, judge_seal, read_seal
from office.workbooks.sealed_writer import SEAL_SHEET, TABLE_SHEET, TOTAL_LABEL, label_index

_RANGE = re.compile(r"=SUM\(([A-Z]+)(\d+):([A-Z]+)(\d+)\)")
_SORTED = ("每一行的内容都与导出时一致，没有改动、添加或删除，只是排列顺序变了（多半是排过序）；"
           "撤销排序，或按原来的顺序排回保存后再核验")
_PARTS = {1: "标题", 2: "筛选条件、截止时间、导出人和导出编号", 3: "列名"}


def check_sealed(path: str | Path, sealer: Sealer, max_bytes: int = DEFAULT_MAX_BYTES) -> SealReport:
    """Reads a workbook and compares it with its own checking sheet.

    Raises WorkbookRefused for a file that is no sealed workbook at all or cannot be read; all else is a finding.
    """
    report = SealReport()
    with CellStream(inspect_file(path, max_bytes)) as book:
        if TABLE_SHEET not in book.sheets and SEAL_SHEET not in book.sheets:
            raise WorkbookRefused("这不是本系统导出的台账：没有“台账”和“校验”两张工作表，请选择导出的台账文件")
        table, seal = _sheets(list(book.sheets), report)
        if report.findings:
            return report
        report.remarks.extend(f"另有工作表“{name}”，不属于台账，未核验" for name in book.sheets if name not in (table, seal))
        listed = read_seal(book, report, seal)
        if not judge_seal(report, listed, sealer):
            return report
        _compare_rows(book, table, report, listed, sealer)
    if report.only_moved:
        report.remarks.insert(0, _SORTED)
    return report


def _sheets(names: list[str], report: SealReport) -> list[str]:
    """The two sheets by their names; one that is gone is the only other one, since a new name changes nothing in it."""
    others = [name for name in names if name not in (TABLE_SHEET, SEAL_SHEET)]
    found = []
    for name in (TABLE_SHEET, SEAL_SHEET):
        if name not in names and len(others) != 1:
            hint = f"；如只是改了名（现有工作表：{'、'.join(others[:5])}），请改回“{name}”后再核验" if others else ""
            report.add("seal", f"工作表“{name}”不见了，台账已不完整{hint}", sheet=name)
        elif name not in names:
            report.remarks.append(f"工作表“{name}”已改名为“{others[0]}”，照样核验")
        found.append(name if name in names else others[0] if others else "")
    return found


def _over_all(digests: Sequence[bytes], sealer: Sealer) -> str:
    every = sealer.rows()
    for digest in digests:
        every.update(digest)
    return every.hexdigest()


@dataclass
class _Present:
    """The rows of the table as they are now, and the labels of its columns."""

    numbers: list[int] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    cells: dict[int, list[str]] = field(default_factory=dict)
    """Position to cells, of rows that are not where they were."""
    labels: list[str] = field(default_factory=list)
    total_row: int | None = None


def _compare_rows(book: CellStream, sheet: str, report: SealReport, listed: Listed, sealer: Sealer) -> None:
    present = _read_table(book, sheet, report, listed, sealer)
    if sheet != TABLE_SHEET and set(listed.digests).isdisjoint(present.digests):
        report.remarks.clear()
        report.add("seal", f"工作表“{TABLE_SHEET}”不见了，台账已不完整（“{sheet}”不是台账）", sheet=TABLE_SHEET)
        return
    report.entries = max(len(present.numbers) - HEAD_ROWS - (present.total_row is not None), 0)
    if present.digests == listed.digests:
        return
    if report.signed and _over_all(present.digests, sealer) == report.stated["总摘要"]:
        return   # the table is as it was; what was changed is the list of digests, which is found already
    known = {position: marks(cells) for position, cells in present.cells.items()}

    def likeness(before: int, now: int) -> int:
        return len(_same_cells(listed.marks[before], known.get(now, b"")))

    for difference in compare(listed.digests, present.digests, likeness):
        _tell(report, difference, listed, present)


def _read_table(book: CellStream, sheet: str, report: SealReport, listed: Listed, sealer: Sealer) -> _Present:
    """Every row of the table as digest; of rows that are not in their place also the cells."""
    forms = report.stated["列格式"].split()
    kinds = [form.removesuffix("+") for form in forms]
    totals = [index for index, form in enumerate(forms) if form.endswith("+")]
    texts, label = ["text"] * len(kinds), label_index(forms)
    known, present = set(listed.digests), _Present()
    sums = dict.fromkeys(totals, 0)
    previous = 0
    for position, (number, cells) in enumerate(book.rows(sheet)):
        is_total = label < len(cells) and isinstance(cells[label], str) and plain(cells[label]) == TOTAL_LABEL
        if is_total:
            present.total_row = number
            read = _total_cells(cells, kinds, previous)
            _judge_shown(report, cells, totals, sums, number)
        else:
            read = read_cells(cells, texts if position < HEAD_ROWS else kinds, book.epoch)
            if position == HEAD_ROWS - 1:
                present.labels = read
            elif position >= HEAD_ROWS:
                for index in totals:
                    sums[index] += _fen(read[index], cells[index] if index < len(cells) else None)
        digest = sealer.row(read)
        if digest not in known and not is_total and sealer.row(as_text := read_cells(cells, texts)) in known:
            read, digest = as_text, sealer.row(as_text)   # a line of the head that was pushed down
        if position >= len(listed.digests) or listed.digests[position] != digest:
            present.cells[position] = read
        elif listed.marks[position] != marks(read):
            report.add("seal", f"“校验”所列第 {number} 行的单元格校验被改动")
        present.numbers.append(number)
        present.digests.append(digest)
        previous = number
    if book.hidden:
        report.remarks.append(f"有 {len(book.hidden)} 行被隐藏（第 {book.hidden[0]} 行起），照样核验")
    control = report.stated["控制列"]
    if control in present.labels and present.labels.index(control) in sums:
        report.total = money.from_fen(sums[present.labels.index(control)])
    return present


def _fen(read: str, cell: Any) -> int:
    """What a cell adds to the sum that spreadsheets show, as far as it is a number at all."""
    if isinstance(cell, Formula):
        return round(cell.value * 100) if isinstance(cell.value, float) and abs(cell.value) < 1e13 else 0
    return int(read) if read.lstrip("-").isdecimal() else 0


def _total_cells(cells: Sequence[Any], kinds: Sequence[str], last: int) -> list[str]:
    """The last row: a sum over all rows above counts as such wherever the rows end; a number in its place does not."""
    read = []
    for index, cell in enumerate(cells):
        text = BLANK if cell is None else cell.canonical if isinstance(cell, Formula) else of_text(cell, EPOCH)
        if isinstance(cell, Formula):
            match = _RANGE.fullmatch(text)
            letters = column_letters(index)
            whole = match and match[1] == match[3] == letters and (int(match[2]), int(match[4])) == (FIRST_ROW, last)
            text = SUM if whole or (text == "=0" and last < FIRST_ROW) else text
        read.append(text)
    return read + [BLANK] * (len(kinds) - len(read))


def _judge_shown(report: SealReport, cells: Sequence[Any], totals: Sequence[int], sums: dict[int, int], number: int) -> None:
    """A stored result of a sum that is not the sum: shown to whoever opens the file without calculating."""
    for index in totals:
        cell = cells[index] if index < len(cells) else None
        if isinstance(cell, Formula) and isinstance(cell.value, float) and abs(cell.value * 100 - sums[index]) > 0.5:
            report.add("changed", f"合计行 {column_letters(index)} 列显示 {cell.value:,.2f}，与各行之和 "
                       f"{money.grouped(money.from_fen(sums[index]))} 不符；请在 Excel 或 WPS 中打开，重新计算并保存后再核验",
                       sheet=TABLE_SHEET, row=number, was=number)


def _same_cells(before: bytes, now: bytes) -> set[int]:
    """Columns whose check number is the same."""
    cut = range(0, min(len(before), len(now)), MARK_BYTES)
    return {at // MARK_BYTES for at in cut if before[at:at + MARK_BYTES] == now[at:at + MARK_BYTES]}


def _tell(report: SealReport, difference: Difference, listed: Listed, present: _Present) -> None:
    """One difference as a finding."""
    was = listed.numbers[difference.before] if difference.before is not None else None
    row = present.numbers[difference.now] if difference.now is not None else None
    cells = present.cells.get(difference.now, []) if difference.now is not None else []
    if difference.what == "removed" and was == listed.numbers[-1]:
        sentence = "最后的合计行被删除"
    elif difference.what == "removed":
        what = f"第 {was} 行（{_PARTS[was]}）" if was in _PARTS else f"原第 {was} 行"
        sentence = f"{what}被删除"
    elif difference.what == "added":
        sentence = f"第 {row} 行是后来添加的：{_excerpt(cells)}"
    elif difference.what == "moved":
        sentence = f"第 {row} 行被移动了位置，导出时是第 {was} 行"
    else:
        which = _which(row or 0, cells, listed.marks[difference.before or 0], present)
        sentence = f"第 {row} 行{_of_what(row, was)}被改动{which}"
    report.add(difference.what, sentence, sheet=TABLE_SHEET, row=row, was=was)


def _of_what(row: int | None, was: int | None) -> str:
    if was in _PARTS:
        return f"（{_PARTS[was]}）"
    return f"（导出时是第 {was} 行）" if row != was else ""


def _which(row: int, cells: Sequence[str], before: bytes, present: _Present) -> str:
    """The cells of a changed row that are not what they were, with what stands there now."""
    same, width = _same_cells(before, marks(cells)), len(before) // MARK_BYTES
    changed = [index for index in range(min(width, len(cells))) if index not in same]
    beside = [column_letters(index) for index in range(width, len(cells)) if cells[index]]
    if row <= HEAD_ROWS:
        return ""
    parts = []
    if changed and TOTAL_LABEL in cells:
        parts.append(f"{'、'.join(column_letters(index) for index in changed[:8])} 列不再是对以上各行求和")
    elif changed:
        labels = present.labels if len(present.labels) > 1 else []
        named = [f"“{labels[index]}”" if index < len(labels) and labels[index] else f"{column_letters(index)} 列"
                 for index in changed[:5]]
        parts.append("、".join(named) + (" 等" if len(changed) > 5 else ""))
    if beside:
        parts.append(f"表外 {'、'.join(beside[:5])} 列有后来添加的内容")
    return f"：{'；'.join(parts)}" if parts else ""


def _excerpt(cells: Sequence[str]) -> str:
    return "，".join([cell.lstrip(FOREIGN)[:20] for cell in cells if cell][:4])
