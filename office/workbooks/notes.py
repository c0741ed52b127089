"""Cell comments: the part that holds their text and the drawing that shows them, merged with what the clerk already has."""

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

from office.workbooks.refusal import Unpatchable
from office.workbooks.scan import column_index, column_letters

AUTHOR = "登记表检查"
"""Author of our comments, by which those of an earlier check are found and taken off."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_AUTHOR = re.compile(r"<author>(.*?)</author>|<author\s*/>", re.DOTALL)
_COMMENT = re.compile(r"<comment\b([^>]*)>(.*?)</comment>", re.DOTALL)
_SHAPE = re.compile(r"<v:shape\b.*?</v:shape>", re.DOTALL)
_TEXT = re.compile(r"<t\b[^>]*>([^<]*)</t>")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_BEFORE = "原批注："

_EMPTY_COMMENTS = f'<?xml version="1.0" encoding="UTF-8"?><comments xmlns="{MAIN}"><authors/><commentList/></comments>'
_EMPTY_DRAWING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)


def xml_text(text: str) -> str:
    """Text that may stand between tags: escaped, without characters that XML forbids."""
    return escape(_ILLEGAL.sub("", text))


def merge(comments: str | None, drawing: str | None, notes: Mapping[tuple[int, int], str]) -> tuple[str, str]:
    """New content of both parts: the clerk's comments stay, ours of an earlier check go, ``notes`` are added.

    ``notes`` maps (row number from 1, column index from 0) to text. On a cell that has a comment of the clerk the note stands
    above it, in the same comment. Raises Unpatchable for parts laid out in an unknown way.
    """
    comments, drawing = comments or _EMPTY_COMMENTS, drawing or _EMPTY_DRAWING
    authors, kept, gone = _split(comments)
    if AUTHOR not in authors:
        authors.append(AUTHOR)
    ours = authors.index(AUTHOR)
    added, drawn = [], []
    if all(f"xmlns:{prefix}=" in drawing for prefix in "vox"):
        shapes = _drop_shapes(drawing, gone)
    else:  # written by a program with other prefixes: draw all boxes anew
        shapes = _EMPTY_DRAWING
        drawn = [_shape(row, column, number, 3) for number, (row, column) in enumerate(kept)]
    for (row, column), text in sorted(notes.items()):
        old = kept.pop((row, column), None)
        cell = f"{column_letters(column)}{row}"
        if old is None:
            added.append(_comment(cell, ours, xml_text(text)))
            drawn.append(_shape(row, column, len(drawn), len(text) // 16))
        else:
            # One cell has one comment; the clerk stays its author, so that it survives the next check.
            author = int(re.search(r'\bauthorId="(\d+)"', old)[1])
            theirs = "".join(_TEXT.findall(old))
            added.append(_comment(cell, author, f"{xml_text(text)}\n{_BEFORE}{theirs}"))
    listed = "".join((*kept.values(), *added))
    names = "".join(f"<author>{name}</author>" for name in authors)
    start = re.match(r".*?<comments\b[^>]*>", comments, re.DOTALL)
    end = re.search(r"</commentList>|<commentList\s*/>", comments)
    if not start or not end or "</xml>" not in shapes:
        raise Unpatchable("comments")
    tail = comments[end.end() :]
    merged = f"{start[0]}<authors>{names}</authors><commentList>{listed}</commentList>{tail}"
    body, close, rest = shapes.rpartition("</xml>")
    return merged, body + "".join(drawn) + close + rest


def _split(comments: str) -> tuple[list[str], dict[tuple[int, int], str], set[tuple[int, int]]]:
    """Authors, the comments to keep by cell, and the cells whose comment was ours."""
    authors = [match[1] or "" for match in _AUTHOR.finditer(comments)]
    kept: dict[tuple[int, int], str] = {}
    gone: set[tuple[int, int]] = set()
    for match in _COMMENT.finditer(comments):
        reference = re.search(r'\bref="([A-Z]{1,3})(\d+)"', match[1])
        author = re.search(r'\bauthorId="(\d+)"', match[1])
        if not reference or not author or int(author[1]) >= len(authors):
            raise Unpatchable("comments")
        cell = (int(reference[2]), column_index(reference[1]))
        if authors[int(author[1])] == AUTHOR:
            gone.add(cell)
        else:
            theirs = "".join(_TEXT.findall(match[2])).partition(_BEFORE)[2]
            kept[cell] = _comment(reference[1] + reference[2], int(author[1]), theirs) if theirs else match[0]
    return authors, kept, gone


def _drop_shapes(drawing: str, cells: set[tuple[int, int]]) -> str:
    """The drawing without the boxes of comments on these cells."""

    def keep(match: re.Match[str]) -> str:
        row = re.search(r"<x:Row>(\d+)</x:Row>", match[0])
        column = re.search(r"<x:Column>(\d+)</x:Column>", match[0])
        return "" if row and column and (int(row[1]) + 1, int(column[1])) in cells else match[0]

    return _SHAPE.sub(keep, drawing) if cells else drawing


def _comment(cell: str, author: int, escaped: str) -> str:
    return (
        f'<comment ref="{cell}" authorId="{author}"><text><r><t xml:space="preserve">{escaped}</t></r></text></comment>'
    )


def _shape(row: int, column: int, number: int, lines: int) -> str:
    """A hidden box beside the cell, high enough for its text."""
    row -= 1
    top = max(row - 1, 0)
    anchor = f"{column + 1}, 15, {top}, 4, {column + 4}, 15, {top + 3 + lines}, 4"
    return (
        f'<v:shape id="_x0000_s{9_000_000 + number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" '
        'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div>'
        f'</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )
