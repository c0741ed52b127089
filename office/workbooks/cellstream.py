"""The cells of a worksheet as they stand in the file, formulas included, row by row in constant memory.

`reader` gives values for import; checking a sealed table must also see what a value hides: a formula in its place, a cell that
is there twice, rows out of order. So this is an XML parser's view of the sheet, not a library's.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any
from xml.etree import ElementTree

from office.workbooks.container import Inspection
from office.workbooks.reader import sheet_parts
from office.workbooks.refusal import WorkbookRefused
from office.workbooks.scan import column_letters
from office.workbooks.seal import EPOCH, EPOCH_1904, Formula

MAX_CELLS = 400
BLOCK = 2**20
MAX_BLOCK = 2**25
_DAMAGED = "文件已损坏，无法核验；请使用导出时的原文件，或用 Excel、WPS 打开并另存为 .xlsx 后再核验"
_INDEX = {column_letters(index): index for index in range(MAX_CELLS)}
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d(?:T00:00:00(?:\.0+)?Z?)?", re.ASCII)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Malformed(WorkbookRefused):
    """The sheet is written in a way that programs read differently; such a file cannot prove anything."""


class CellStream:
    """The sheets of an inspected workbook; use it as a context manager."""

    def __init__(self, inspection: Inspection) -> None:
        if inspection.transcoded:
            raise WorkbookRefused(_DAMAGED)
        self._archive = zipfile.ZipFile(inspection.path)
        self._parts = {name.lower().lstrip("/"): name for name in self._archive.namelist()}
        self.sheets = {name.strip(): part for name, part in sheet_parts(inspection).items() if part in inspection.scans}
        self._relations = inspection.kept["xl/_rels/workbook.xml.rels"]
        self.epoch = EPOCH_1904 if _counts_from_1904(inspection.kept["xl/workbook.xml"]) else EPOCH
        self._strings: list[str] | None = None
        self.hidden: list[int] = []
        """Rows that were read and that the person who opens the file does not see."""

    def __enter__(self) -> "CellStream":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def rows(self, sheet: str) -> Iterator[tuple[int, list[Any]]]:
        """Row number and cells of every row that holds anything: None, str, float, bool or Formula."""
        last = 0
        try:
            with self._archive.open(self._parts[self.sheets[sheet]]) as part:
                for element in _elements(part, "worksheet", "sheetData", "row"):
                    number = int(element.get("r") or last + 1)
                    if number <= last:
                        raise Malformed(f"工作表“{sheet}”中第 {number} 行出现两次或次序颠倒，文件不是由表格软件正常保存的")
                    last = number
                    cells = self._cells(element, number)
                    if any(cell is not None for cell in cells):
                        if element.get("hidden") in ("1", "true"):
                            self.hidden.append(number)
                        yield number, cells
        except (ElementTree.ParseError, zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
            raise WorkbookRefused(_DAMAGED) from error

    def _cells(self, row: ElementTree.Element, number: int) -> list[Any]:
        cells: list[Any] = []
        behind = str(number)
        for cell in row:
            if not cell.tag.endswith("}c"):
                continue
            reference, index = cell.get("r"), len(cells)
            if reference is not None:
                letters = reference.removesuffix(behind)
                index = _INDEX.get(letters, -1)
                if index < 0:
                    raise Malformed(f"单元格 {reference[:12]} 不在它所属的第 {number} 行，或远在表格之外；"
                                    "文件不是由表格软件正常保存的")
            if index < len(cells):
                raise Malformed(f"单元格 {reference} 出现两次或次序颠倒，文件不是由表格软件正常保存的")
            value = self._value(cell)
            if value is not None:
                if index > len(cells):
                    cells.extend([None] * (index - len(cells)))
                cells.append(value)
        return cells

    def _value(self, cell: ElementTree.Element) -> Any:
        kind, stored, formula, inline = cell.get("t", "n"), None, None, None
        for part in cell:
            name = part.tag[part.tag.rfind("}"):]
            if name == "}v":
                stored = part.text
            elif name == "}f":
                formula = part.text or "（共享公式）"
            elif name == "}is":
                inline = _text_of(part)
        if kind == "inlineStr":
            value: Any = _unescaped(inline or "")
        elif not stored:
            value = None
        elif kind == "s":
            value = self._string(int(stored))
        elif kind == "n":
            value = float(stored)
        elif kind == "d" and _MIDNIGHT.fullmatch(stored):     # as Excel saves days in its strict form
            value = dt.date.fromisoformat(stored[:10])
        elif kind == "b":
            value = "TRUE" if stored == "1" else "FALSE"
        else:
            value = _unescaped(stored)
        return Formula(formula, value) if formula is not None else value if value != "" else None

    def _string(self, index: int) -> str:
        if self._strings is None:
            name = self._part_of("sharedStrings")
            with self._archive.open(name) as part:
                self._strings = [_unescaped(_text_of(element)) for element in _elements(part, "sst", "sst", "si")]
        return self._strings[index]

    def _part_of(self, ending: str) -> str:
        """Name of the part that the workbook refers to under a type."""
        for relation in ElementTree.fromstring(self._relations):
            if relation.get("Type", "").endswith("/" + ending):
                target = relation.get("Target", "")
                return self._parts[(target if target.startswith("/") else f"xl/{target}").lower().lstrip("/")]
        raise KeyError(ending)


def _elements(part: IO[bytes], root: str, parent: str, wanted: str) -> Iterator[ElementTree.Element]:
    """The elements of a name inside their parent, a block of the file at a time.

    Blocks are cut behind an end tag, and each must be well-formed by itself inside the document's start tag: a comment or a
    second list that would hide rows is therefore an error and not a way round the check.
    """
    pending = b""
    while True:
        chunk = part.read(BLOCK)
        pending += chunk
        opening = re.search(rb"<([\w.-]+:)?%b(?:\s[^>]*)?>" % root.encode(), pending)
        prefix = (opening[1] or b"") if opening else b""
        start = re.search(rb"<%b%b(?:\s[^>]*)?>" % (re.escape(prefix), parent.encode()), pending) if opening else None
        if start or not chunk or len(pending) > MAX_BLOCK:
            break
    if opening is None or start is None or start[0].endswith(b"/>"):
        return
    closing, end = b"</" + prefix + root.encode() + b">", b"</" + prefix + wanted.encode() + b">"
    chunk = pending = pending[start.end():]
    while chunk:
        cut = pending.rfind(end) + len(end)
        if cut >= len(end):
            for element in ElementTree.fromstring(opening[0] + pending[:cut] + closing):
                if _name(element) == wanted:
                    yield element
            pending = pending[cut:]
        elif len(pending) > MAX_BLOCK:
            raise Malformed("文件中有异常庞大的行，无法核验")
        chunk = part.read(BLOCK)
        pending += chunk


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text_of(element: ElementTree.Element) -> str:
    """The text of a string with or without runs; readings printed above characters do not belong to it."""
    texts = []
    for part in element:
        if part.tag.endswith("}t"):
            texts.append(part.text or "")
        elif part.tag.endswith("}r"):
            texts.extend(run.text or "" for run in part if _name(run) == "t")
    return "".join(texts)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _counts_from_1904(workbook: bytes) -> bool:
    properties = next((e for e in ElementTree.fromstring(workbook).iter() if _name(e) == "workbookPr"), None)
    return properties is not None and properties.get("date1904") in ("1", "true")

