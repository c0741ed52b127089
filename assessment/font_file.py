"""How wide a font file makes single characters, read straight from its tables.

A face for Chinese maps tens of thousands of characters; a bulletin asks for some dozens of widths. So nothing is
unpacked but what is asked for.
"""
import sys
from array import array
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path
from struct import unpack_from

from fontTools.ttLib import TTFont

_SEGMENTED_COVERAGE = 12      # format of the character map that covers all of Unicode (OpenType, table cmap)


class FontFile:
    """One face of a font file; `index` is its place in a collection."""

    def __init__(self, file: Path, index: int) -> None:
        with TTFont(file, fontNumber=index, lazy=True) as font:
            self._em = font["head"].unitsPerEm
            self._measured = font["hhea"].numberOfHMetrics
            self._widths = font.reader["hmtx"]
            self._glyph = _glyphs_by_group(font.reader["cmap"]) or _glyphs_by_name(font)

    def advance(self, char: str) -> float | None:
        """Width in em; None for a character that the face lacks."""
        glyph = self._glyph(ord(char))
        if not glyph:
            return None
        # Four bytes per glyph; the last width holds for all glyphs behind it.
        width, = unpack_from(">H", self._widths, 4 * min(glyph, self._measured - 1))
        return width / self._em


def _glyphs_by_group(table: bytes):
    """The map from code to glyph by binary search among its groups; None when the face has no such map."""
    count, = unpack_from(">H", table, 2)
    for entry in range(count):
        offset, = unpack_from(">I", table, 4 + 8 * entry + 4)
        if unpack_from(">H", table, offset)[0] != _SEGMENTED_COVERAGE:
            continue
        groups, = unpack_from(">I", table, offset + 12)
        numbers = array("I", table[offset + 16:offset + 16 + 12 * groups])
        if sys.byteorder == "little":
            numbers.byteswap()
        starts, ends, firsts = numbers[0::3], numbers[1::3], numbers[2::3]

        def glyph(code: int, starts=starts, ends=ends, firsts=firsts) -> int:
            place = bisect_right(starts, code) - 1
            return firsts[place] + code - starts[place] if place >= 0 and code <= ends[place] else 0
        return glyph
    return None


def _glyphs_by_name(font: TTFont):
    """The same for an older face, unpacked as a whole."""
    names = font.getBestCmap() or {}
    numbers = {code: font.getGlyphID(name) for code, name in names.items()}
    return lambda code: numbers.get(code, 0)


@lru_cache(maxsize=16)
def font_file(file: Path, index: int) -> FontFile:
    """The face, opened once per process."""
    return FontFile(file, index)
