"""Widths read from a font file's tables are those that fontTools reads."""
import pytest
from fontTools.ttLib import TTFont

from assessment.font_file import FontFile
from assessment.fonts import FACES, REGULAR, known_to_fontconfig

SAMPLE = "0123456789%．，。、；：“”〔〕（）—·ABCxyz一二三堃塱輋𣒍\x00"


@pytest.fixture(params=sorted({family for face in FACES.values() for family in face.chain}))
def source(request):
    known = known_to_fontconfig().get((request.param, REGULAR))
    return known or pytest.skip(f"{request.param} is not installed")


def test_widths_are_those_of_fonttools(source):
    font = TTFont(source[0], fontNumber=source[1], lazy=True)
    names, widths, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm

    read = FontFile(*source)

    for char in SAMPLE:
        name = names.get(ord(char))
        expected = widths[name][0] / em if name and font.getGlyphID(name) else None
        assert read.advance(char) == expected, char
