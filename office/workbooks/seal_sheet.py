"""The checking sheet of a sealed workbook: what it states of the whole table, and the digest of every row."""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

from office.workbooks.cellstream import CellStream
from office.workbooks.seal import BLANK, DIGEST_BYTES, FIRST_ROW, FORM, READERS, Formula, Sealer, shown
from office.workbooks.sealed_writer import LIST_HEADINGS, SEAL_NAMES, SEAL_SHEET, SIGNATURE, TABLE_SHEET

MAX_FINDINGS = 500
HEAD_ROWS = FIRST_ROW - 1


@dataclass(frozen=True)
class SealFinding:
    """One thing that is not as it was exported. `row` is the row in the file, `was` the row when it was exported."""

    what: str
    sheet: str
    row: int | None
    was: int | None
    sentence: str

    @property
    def place(self) -> str:
        """``台账:17``: the row in the file, of a row that is gone the one it had."""
        row = self.row or self.was
        return f"{self.sheet}:{row}" if row else self.sheet


@dataclass
class SealReport:
    """Outcome of a check. `entries` counts the rows read; what is said about the whole is as the workbook states it."""

    entries: int = 0
    stated: dict[str, str] = field(default_factory=dict)
    signed: bool = False
    """Whether what the checking sheet states bears the installation's signature."""
    total: Decimal = Decimal(0)
    """Sum of the control column as it is now."""
    findings: list[SealFinding] = field(default_factory=list)
    unlisted: int = 0
    """Findings beyond those that are listed."""
    remarks: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    """What was found at all, also beyond the findings that are listed."""

    @property
    def only_moved(self) -> bool:
        """Whether every row is as it was exported and merely stands elsewhere, as after sorting."""
        return self.kinds == {"moved"}

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def first_bad(self) -> str | None:
        """The first row that does not fit; when only the whole does not, the sheet that says so."""
        rows = [finding for finding in self.findings if finding.sheet == TABLE_SHEET]
        return next((finding.place for finding in [*rows, *self.findings]), None)

    def add(self, what: str, sentence: str, *, sheet: str = SEAL_SHEET, row: int | None = None, was: int | None = None):
        self.kinds.add(what)
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(SealFinding(what, sheet, row, was, sentence))
        else:
            self.unlisted += 1


@dataclass
class Listed:
    """The rows of the checking sheet: number, digest and marks of each row as it was exported."""

    numbers: list[int] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    marks: list[bytes] = field(default_factory=list)


def read_seal(book: CellStream, report: SealReport, sheet: str = SEAL_SHEET) -> Listed:
    """What the checking sheet states, into the report, and the rows it lists."""
    rows = book.rows(sheet)
    for _, cells in rows:
        name, value = (text_of(cell) for cell in [*cells, None, None][:2])
        if name == LIST_HEADINGS[0]:
            break
        if name in (*SEAL_NAMES, SIGNATURE):
            report.stated.setdefault(name, value)
    listed = Listed()
    for number, cells in rows:
        texts = [text_of(cell) for cell in [*cells, None, None, None][:3]]
        try:
            position, digest, checks = int(texts[0]), bytes.fromhex(texts[1]), bytes.fromhex(texts[2])
        except ValueError:
            report.add("seal", f"“校验”第 {number} 行被改动，不是有效的摘要", row=number)
            continue
        if len(digest) != DIGEST_BYTES or (listed.numbers and position <= listed.numbers[-1]):
            report.add("seal", f"“校验”第 {number} 行被改动，摘要或行号不合规则", row=number)
            continue
        listed.numbers.append(position)
        listed.digests.append(digest)
        listed.marks.append(checks)
    return listed


def text_of(cell: Any) -> str:
    if cell is None:
        return BLANK
    return cell.canonical if isinstance(cell, Formula) else shown(cell)


def judge_seal(report: SealReport, listed: Listed, sealer: Sealer) -> bool:
    """Whether the checking sheet can be used to look for changed rows; findings about it itself go into the report."""
    stated = report.stated
    if missing := [name for name in (*SEAL_NAMES, SIGNATURE) if name not in stated]:
        report.add("seal", f"“校验”缺少 {'、'.join(missing)}，无法核验其余内容")
        return False
    if stated["格式"] != FORM:
        report.add("seal", f"“校验”的格式“{stated['格式'][:20]}”不能识别，请用导出它的系统核验")
        return False
    if stated["密钥编号"] != sealer.key_id:
        report.add("seal", "文件由另一套系统（密钥不同）导出，或密钥编号被改动；请到导出它的系统核验")
        return False
    entries = [(name, stated[name]) for name in SEAL_NAMES]
    report.signed = hmac.compare_digest(sealer.sign(entries).encode(), stated[SIGNATURE].encode())
    if not report.signed:
        report.add("seal", "“校验”的行数、控制总数、链头、编号等内容与签名不符，校验表被改动过")
    every = sealer.rows()
    for digest in listed.digests:
        every.update(digest)
    if every.hexdigest() != stated["总摘要"]:
        report.add("seal", "“校验”所列各行摘要与总摘要不符，有摘要被改动、删除或添加")
    for number in islice(_gaps(listed.numbers, stated["行数"]), MAX_FINDINGS):
        report.add("removed", f"“校验”缺少第 {number} 行的摘要，该行可能已从台账和校验表中一并删除",
                   sheet=TABLE_SHEET, was=number)
    if not all(form.removesuffix("+") in READERS for form in stated["列格式"].split()):
        report.add("seal", "“校验”的列格式被改动，无法读取台账各列")
        return False
    return True


def _gaps(numbers: Sequence[int], stated_rows: str) -> Iterator[int]:
    """Rows that were exported and are not listed: numbers left out, and those up to the stated number of rows."""
    last = int(stated_rows) + HEAD_ROWS + 1 if stated_rows.isdecimal() and len(stated_rows) < 8 else 0
    expected = 1
    for number in numbers:
        yield from range(expected, min(number, last + 1))
        expected = number + 1
    yield from range(expected, last + 1)
