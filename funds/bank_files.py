"""Reads the file in which a bank says which payments of a batch went through. Pure: no table is known here.

CSV (UTF-8 or GB 18030) or Excel, with a header row; a file that cannot be read whole is refused whole.
"""
import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from office.money import MoneyError, parse
from office.workbooks import WorkbookRefused, open_register

HEADINGS = {
    "batch": ("批次号", "批号"),
    "order": ("银行流水号", "流水号", "交易流水号"),
    "position": ("序号", "行号", "明细序号"),
    "amount": ("金额", "发放金额"),
    "result": ("结果", "处理结果", "状态"),
    "reason": ("原因", "失败原因", "说明"),
}
OPTIONAL = ("reason",)
SUCCESS, FAILURE = ("成功", "交易成功", "处理成功"), ("失败", "交易失败", "处理失败")
HEADER_WITHIN = 10
WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")
"""How workbooks begin: today's, and old or locked ones, of which reading them says what to do."""


class DamagedFile(ValueError):
    """Nothing of the file was used; the message is one sentence: what is wrong and what to do."""


@dataclass(frozen=True)
class BankLine:
    """One payment as the bank reports it: line number in the batch, yuan, whether it went through."""

    position: int
    amount: Decimal
    success: bool
    reason: str


@dataclass(frozen=True)
class BankFile:
    sha256: str
    batch_number: str
    order_number: str
    lines: tuple[BankLine, ...]


def read(path: Path | str) -> BankFile:
    """The content of a bank's return file. Raises DamagedFile with the row and what is wrong in it."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamagedFile("文件无法读取，请重新上传") from error
    rows = _workbook_rows(path) if content.startswith(WORKBOOKS) else _csv_rows(content)
    numbered = enumerate(rows, start=1)
    columns = _header(numbered)
    lines, batches, orders = [], set(), []
    for number, row in numbered:
        cells = [("" if value is None else str(value)).strip() for value in row]
        if not any(cells) or cells[0].startswith("合计"):
            continue
        if len(cells) <= max(columns.values()):
            raise DamagedFile(f"第{number}行缺少内容，文件不完整，请向银行重新索取")
        fields = {name: cells[place] for name, place in columns.items()}
        lines.append(_line(number, fields))
        batches.add(fields["batch"])
        orders.append(fields["order"])
    if not lines:
        raise DamagedFile("文件中没有发放明细，请检查是否选错文件")
    if len(batches) > 1:
        raise DamagedFile("文件中有多个批次号，请按批次分开上传")
    if len({line.position for line in lines}) < len(lines):
        raise DamagedFile("文件中同一序号出现两次，请向银行核对")
    return BankFile(hashlib.sha256(content).hexdigest(), batches.pop(), orders[0], tuple(lines))


def _csv_rows(content: bytes) -> list[Sequence]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        try:
            return list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error as error:
            raise DamagedFile("文件已损坏，不是完整的 CSV，请向银行重新索取") from error
    raise DamagedFile("文件已损坏或不是 CSV、Excel 文件，请向银行重新索取")


def _workbook_rows(path: Path) -> list[Sequence]:
    try:
        with open_register(path) as book:
            return [row for sheet in list(book.sheets.values())[:1] for row in sheet.rows()]
    except WorkbookRefused as error:
        raise DamagedFile(str(error)) from error


def _header(rows: Iterable[tuple[int, Sequence]]) -> dict[str, int]:
    """Where each column stands; reads `rows` up to and including the header."""
    for number, row in rows:
        cells = [("" if value is None else str(value)).strip() for value in row]
        found = {name: cells.index(word) for name, words in HEADINGS.items() for word in words if word in cells}
        if "position" in found and "result" in found:
            missing = [HEADINGS[name][0] for name in HEADINGS if name not in found and name not in OPTIONAL]
            if missing:
                raise DamagedFile(f"缺少列：{'、'.join(missing)}；请用本批次的代发文件请银行填写结果")
            return found
        if number >= HEADER_WITHIN:
            break
    raise DamagedFile(f"前{HEADER_WITHIN}行内找不到表头（须有批次号、银行流水号、序号、金额、结果）")


def _line(number: int, fields: dict[str, str]) -> BankLine:
    position = fields["position"].removesuffix(".0")
    if not (position.isascii() and position.isdigit()):
        raise DamagedFile(f"第{number}行序号“{fields['position']}”不是整数，请向银行重新索取")
    if fields["result"] not in (*SUCCESS, *FAILURE):
        raise DamagedFile(f"第{number}行结果“{fields['result']}”应为成功或失败，请向银行核实")
    try:
        amount = parse(fields["amount"])
    except MoneyError as error:
        raise DamagedFile(f"第{number}行金额“{fields['amount']}”{error}") from error
    if amount is None:
        raise DamagedFile(f"第{number}行没有金额，请向银行重新索取")
    return BankLine(int(position), amount, fields["result"] in SUCCESS, fields.get("reason", ""))
