"""Colours cells in the XML of a sheet while it streams past; rows without a mark go through byte for byte."""

import re
from collections.abc import Iterable, Iterator, Mapping

from office.workbooks.refusal import Unpatchable
from office.workbooks.scan import column_index, column_letters
from office.workbooks.styles import Styles
from office.workbooks.values import Severity

MAX_HELD = 64 * 2**20
_ROW_END = b"</row>"
_ROW = re.compile(rb"<row\b([^>]*)>")
_NUMBER = re.compile(rb'\sr="(\d+)"')
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>.*?</c>)", re.DOTALL)
_REFERENCE = re.compile(rb'\sr="([A-Z]{1,3})\d+"')
_STYLE = re.compile(rb'\ss="(\d+)"')
_COLUMN = re.compile(rb"<col\b[^>]*>")
_SELECTED = re.compile(rb'\stabSelected="(?:1|true)"')
_AFTER_DRAWING = re.compile(
    rb"<(?:legacyDrawingHF|drawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst|mc:AlternateContent)\b"
    rb"|</worksheet>"
)


def patch_sheet(
    chunks: Iterable[bytes], marks: Mapping[int, Mapping[int, Severity]], styles: Styles, drawing: str | None
) -> Iterator[bytes]:
    """The sheet with its marked cells coloured, marks of an earlier check taken off, and no longer the selected tab.

    ``marks`` maps row number to column index to severity. ``drawing`` is the relation of a drawing of comments that the sheet
    does not mention yet. Raises Unpatchable for XML that is not laid out the way spreadsheet programs write it.
    """
    patcher = _Patcher(marks, styles)
    held = bytearray()
    started = False
    for chunk in chunks:
        held += chunk
        if not started and (cut := held.find(b"<sheetData")) >= 0:
            started = True
            yield patcher.head(bytes(held[:cut]))
            del held[:cut]
        if started and (cut := held.rfind(_ROW_END) + len(_ROW_END)) >= len(_ROW_END):
            body = bytes(held[:cut])
            del held[:cut]
            yield patcher.rows(body)
        if len(held) > MAX_HELD:
            raise Unpatchable("sheet")
    if not started:
        raise Unpatchable("sheet")
    yield _tail(bytes(held), drawing)


def _tail(tail: bytes, drawing: str | None) -> bytes:
    if not drawing:
        return tail
    place = _AFTER_DRAWING.search(tail)
    if not place:
        raise Unpatchable("sheet")
    return (
        tail[: place.start()]
        + b'<legacyDrawing xmlns:r="%b" r:id="%b"/>' % (_R, drawing.encode())
        + tail[place.start() :]
    )


_R = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class _Patcher:
    def __init__(self, marks: Mapping[int, Mapping[int, Severity]], styles: Styles) -> None:
        self._marks = marks
        self._styles = styles
        self._old = [b' s="%d"' % style for style in styles.marked_before]
        self._column_styles: dict[int, int] = {}

    def head(self, head: bytes) -> bytes:
        if b"<worksheet" not in head:
            raise Unpatchable("sheet")
        for match in _COLUMN.finditer(head):
            style, low, high = (_integer(match[0], name) for name in (b"style", b"min", b"max"))
            if style and low and high:
                self._column_styles |= dict.fromkeys(range(low - 1, min(high, low + 1000)), style)
        return _SELECTED.sub(b"", head)

    def rows(self, body: bytes) -> bytes:
        if not self._marks and not self._old:
            return body
        if b"<![CDATA[" in body:
            raise Unpatchable("sheet")
        return b"".join(self._segment(segment) for segment in body.split(_ROW_END)[:-1])

    def _segment(self, segment: bytes) -> bytes:
        """One row with whatever stands before it; the end tag was cut off."""
        start = segment.rfind(b"<row")
        tag = _ROW.match(segment, start) if start >= 0 else None
        number = _NUMBER.search(tag[1]) if tag else None
        if not tag or not number:
            raise Unpatchable("row")
        marks = self._marks.get(int(number[1]))
        if not marks and not any(old in segment for old in self._old):
            return segment + _ROW_END
        attributes = re.sub(rb'\sspans="[^"]*"', b"", tag[1])
        return (
            segment[:start] + b"<row" + attributes + b">" + self._cells(segment[tag.end() :], int(number[1]), marks or {},
            _integer(attributes, b"s") if b"customFormat=" in attributes else None) + _ROW_END
        )  # fmt: skip

    def _cells(self, content: bytes, row: int, marks: Mapping[int, Severity], row_style: int | None) -> bytes:
        parts: list[bytes] = []
        waiting = sorted(marks)
        position = 0
        for match in _CELL.finditer(content):
            reference = _REFERENCE.search(match[1])
            if not reference:
                raise Unpatchable("cell")
            index = column_index(reference[1])
            parts.append(content[position : match.start()])
            while waiting and waiting[0] < index:
                parts.append(self._new_cell(row, waiting.pop(0), marks, row_style))
            if waiting and waiting[0] == index:
                waiting.pop(0)
            parts.append(self._styled(match[0], match[1], marks.get(index)))
            position = match.end()
        new = [self._new_cell(row, index, marks, row_style) for index in waiting]
        return b"".join((*parts, *new, content[position:]))

    def _styled(self, cell: bytes, attributes: bytes, severity: Severity | None) -> bytes:
        style = _STYLE.search(attributes)
        old = int(style[1]) if style else 0
        new = self._styles.unmarked(old) if old in self._styles.marked_before else old
        if severity:
            new = self._styles.marked(new, severity)
        if new == old:
            return cell
        changed = _STYLE.sub(b"", attributes, count=1) + b' s="%d"' % new
        return b"<c" + changed + cell[2 + len(attributes) :]

    def _new_cell(self, row: int, index: int, marks: Mapping[int, Severity], row_style: int | None) -> bytes:
        """A blank cell that was not in the file, in the format of its row or column (a text column stays one)."""
        base = row_style if row_style is not None else self._column_styles.get(index, 0)
        style = self._styles.marked(base, marks[index])
        return b'<c r="%b%d" s="%d"/>' % (column_letters(index).encode(), row, style)


def _integer(xml: bytes, name: bytes) -> int | None:
    match = re.search(rb"\s" + name + rb'="(\d+)"', xml)
    return int(match[1]) if match else None
