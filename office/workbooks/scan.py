"""What the XML of a sheet tells that the reading library does not: its true extent, formulas without a value, cell errors.

The scan runs over the bytes while the file is checked, once, and remembers only what is unusual.
"""

import re
from dataclasses import dataclass, field

from office.workbooks.refusal import WorkbookRefused

MAX_ROW_BYTES = 32 * 2**20
MAX_FAULTS = 300_000
DENSE_CELLS = 12_000_000
"""Up to this many cells a sheet is held in memory as a rectangle (about 1 GB); larger or sparser ones are read as a stream."""

DENSE_COLUMNS = 256

# Plain literals in front let the regular expressions run at memory speed; single quotes are made double before.
_WIDE = re.compile(rb'r="([A-Za-z]{2,})\d')
_FAR = re.compile(rb'r="[A-Za-z]*(\d{6,})"')
_ROW_NUMBER = re.compile(rb'\sr="(\d+)"')
# Legal XML that no spreadsheet program writes; it would hide a reference from the patterns above.
_SPACED = re.compile(rb"r\s+=|r=\s")
_REFERENCE = re.compile(rb'\sr="([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True)
class CellFault:
    """Stands in a row where the file holds no usable value."""

    sentence: str


NO_VALUE = CellFault("单元格是公式但没有保存计算结果，请用 Excel 或 WPS 打开后重新保存，或直接填写数值")


def column_index(letters: str | bytes) -> int:
    """0 for A, 25 for Z, 26 for AA."""
    index = 0
    for letter in letters if isinstance(letters, bytes) else letters.encode():
        index = index * 26 + letter - 64
    return index - 1


def column_letters(index: int) -> str:
    """A for 0, Z for 25, AA for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass
class SheetScan:
    """The findings of one pass over a sheet's XML; ``feed`` it the bytes, then ``close`` it."""

    prefix: bytes = b""
    transcoded: bool = False
    filled_rows: int = 0
    last_row: int = 0
    columns: int = 26
    faults: dict[int, dict[int, CellFault]] = field(default_factory=dict)
    """Row number (1-based) to column index (0-based) to what is wrong there."""

    def __post_init__(self) -> None:
        prefix = re.escape(self.prefix)
        self._row_end = b"</" + self.prefix + b"row>"
        self._row_start = b"<" + self.prefix + b"row"
        self._value, self._blank = b"<" + self.prefix + b"v>", b"<" + self.prefix + b"v></"
        self._value_with_attributes, self._inline = b"<" + self.prefix + b"v ", b"<" + self.prefix + b"is>"
        self._formula = b"<" + self.prefix + b"f"
        self._cell = re.compile(rb"<%bc\b([^>/]*)>(.*?)</%bc>" % (prefix, prefix), re.DOTALL)
        self._stored = re.compile(rb"<%bv(?:\s[^>]*)?>([^<]*)</" % prefix)
        self._tail = bytearray()
        self._rows_seen = 0
        self._spaced = False
        self._fault_count = 0

    @property
    def streamed(self) -> bool:
        """Whether the sheet is too large or too sparse to be held as a rectangle."""
        oversized = self.columns > DENSE_COLUMNS or self.last_row * self.columns > DENSE_CELLS
        return oversized or self.transcoded or self._spaced

    def feed(self, chunk: bytes) -> None:
        self._tail += chunk
        cut = self._tail.rfind(self._row_end)
        if cut >= 0:
            cut += len(self._row_end)
            body = bytes(self._tail[:cut])
            del self._tail[:cut]
            self._look(body)
        elif len(self._tail) > MAX_ROW_BYTES and self._row_start in self._tail:
            raise WorkbookRefused("文件中有异常庞大的行，无法安全读取，请在 Excel 中新建工作簿，只把数据粘贴进去再上传")
        elif len(self._tail) > MAX_ROW_BYTES:
            del self._tail[: -len(self._row_start)]

    def close(self) -> None:
        self._tail.clear()

    def _look(self, body: bytes) -> None:
        if b"='" in body:
            body = body.replace(b"'", b'"')
        self._spaced = self._spaced or _SPACED.search(body) is not None
        wide = set(_WIDE.findall(body))
        far = set(_FAR.findall(body))
        if max(map(len, wide), default=0) > 3 or max(map(len, far), default=0) > 7:
            raise WorkbookRefused("文件中有超出工作表范围的单元格，请用 Excel 或 WPS 打开并重新保存后再上传")
        if wide:
            self.columns = max(self.columns, *(column_index(letters.upper()) + 1 for letters in wide))
        if far:
            self.last_row = max(self.last_row, *map(int, far))
        last = None
        for segment in body.split(self._row_end):
            self._rows_seen += segment.count(self._row_start)
            if (
                segment.count(self._value) > segment.count(self._blank)
                or self._value_with_attributes in segment
                or self._inline in segment
            ):
                self.filled_rows += 1
                last = segment
        if last is not None:
            self.last_row = max(self.last_row, self._number(last))
        if self._formula in body or b't="e"' in body:
            for match in self._cell.finditer(body):
                self._judge(match[1], match[2])

    def _number(self, segment: bytes) -> int:
        start = segment.rfind(self._row_start)
        match = _ROW_NUMBER.search(segment, start, segment.find(b">", start) + 1)
        return int(match[1]) if match else self._rows_seen

    def _judge(self, attributes: bytes, content: bytes) -> None:
        """Remembers a cell that holds an error or a formula without a stored value."""
        stored = self._stored.search(content)
        if b't="e"' in attributes:
            text = stored[1].decode(errors="replace") if stored else "#N/A"
            fault = CellFault(f"单元格是错误值 {text[:20]}，请改正公式或直接填写数值")
        elif self._formula in content and not (stored and (stored[1] or b't="str"' in attributes)):
            fault = NO_VALUE
        else:
            return
        self._fault_count += 1
        reference = _REFERENCE.search(attributes)
        if reference is None or self._fault_count > MAX_FAULTS:
            raise WorkbookRefused("文件中的公式没有保存计算结果，请用 Excel 或 WPS 打开并重新保存后再上传")
        self.faults.setdefault(int(reference[2]), {})[column_index(reference[1])] = fault
