"""The bulletin's page, measured on what is printed: GB/T 9704-2012, 5 to 7."""
import hashlib
import io
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from PIL import Image
from pypdf import PdfReader

from assessment import fonts, pdf
from assessment.bulletin.document import Annex, BulletinDocument, Column, Paragraph, SubHeading, Table
from tests.assessment.bulletin_sample import MIXED, RARE, SOLID, TOWNS, full, short, wide

DPI = 300
MM = DPI / 25.4
TOP, BOTTOM, LEFT, RIGHT = 37, 262, 28, 184  # edges of the type area on the sheet, mm
TOLERANCE = 0.5


@pytest.fixture(scope="module")
def bulletin(tmp_path_factory) -> "Printed":
    return Printed(pdf.render(full()), tmp_path_factory.mktemp("pdf"))


@pytest.fixture
def printed(tmp_path):
    return lambda document: Printed(pdf.render(document), tmp_path)


class Printed:
    """A rendered bulletin: its text by pypdf, its ink by poppler."""

    def __init__(self, data: bytes, folder):
        self.file = folder / "bulletin.pdf"
        self.file.write_bytes(data)
        self.reader = PdfReader(io.BytesIO(data))
        self.texts = [page.extract_text() for page in self.reader.pages]
        self._sheets: dict[int, Image.Image] = {}

    def sheet(self, page: int) -> Image.Image:
        if page not in self._sheets:
            target = self.file.with_name(f"page{page}")
            subprocess.run(["pdftoppm", "-r", str(DPI), "-f", str(page), "-l", str(page), "-png", "-singlefile",
                            str(self.file), str(target)], check=True)
            self._sheets[page] = Image.open(target.with_suffix(".png")).convert("RGB")
        return self._sheets[page]

    def ink(self, page: int, *, box=(0, 0, 210, 297), across: bool = False) -> list[tuple[float, float]]:
        """Stretches of ink down the page (or across it) within a box, in mm from the sheet's top (left) edge."""
        part = self.sheet(page).crop(tuple(round(edge * MM) for edge in box)).convert("L")
        part = part.point(lambda value: 255 if value < 160 else 0)
        wide, high = part.size
        length, start = (wide, box[0]) if across else (high, box[1])
        found, begun = [], None
        for i in range(length + 1):
            strip = (i, 0, i + 1, high) if across else (0, i, wide, i + 1)
            inked = i < length and part.crop(strip).getbbox() is not None
            if inked and begun is None:
                begun = i
            elif not inked and begun is not None:
                found.append((start + begun / MM, start + i / MM))
                begun = None
        return found

    def place(self, word: str) -> tuple[float, float]:
        """Left and right edge of a word, in mm, as its characters' advances say (ink ends short of them)."""
        boxes = subprocess.run(["pdftotext", "-bbox", str(self.file), "-"], capture_output=True, text=True, check=True)
        left, right = re.search(rf'<word xMin="([\d.]+)".* xMax="([\d.]+)".*>{word}</word>', boxes.stdout).groups()
        return float(left) / 72 * 25.4, float(right) / 72 * 25.4

    def numbers(self) -> list[str]:
        """The page number each page carries, or nothing."""
        return [match[1] if (match := re.search(r"— (\d+) —", text)) else "" for text in self.texts]


def solid_page(bulletin: Printed) -> int:
    """A page with nothing but body text that has neither figures nor punctuation."""
    return next(n for n, text in enumerate(bulletin.texts, 1)
                if all(line in "".join(SOLID.text) for line in text.splitlines() if "—" not in line))


def near(value: float):
    return pytest.approx(value, abs=TOLERANCE)


# The page


@pytest.mark.req("R302")
def test_a_full_page_holds_22_lines_of_28_characters(bulletin):
    page = solid_page(bulletin)
    assert [len(line) for line in bulletin.texts[page - 1].splitlines() if "—" not in line] == [28] * 22
    inked = bulletin.ink(page, box=(0, 0, 210, 265))
    assert len(inked) == 22
    assert inked[0][0] >= TOP
    assert inked[-1][1] <= BOTTOM
    assert (inked[-1][0] - inked[0][0]) / 21 == pytest.approx(225 / 22, abs=0.03)


def test_full_lines_fill_the_type_area(bulletin):
    page = solid_page(bulletin)
    for top, bottom in bulletin.ink(page, box=(0, 0, 210, 265))[1:6]:
        stretches = bulletin.ink(page, box=(0, top, 210, bottom), across=True)
        # A character's ink ends short of its place by its side bearing, at most 0.8 mm at this size.
        assert LEFT - 0.1 <= stretches[0][0] <= LEFT + 0.8
        assert RIGHT - 1.1 <= stretches[-1][1] <= RIGHT + 0.1


def test_lines_with_figures_and_marks_are_justified_without_sticking_out(printed):
    document = printed(short(6))
    for top, bottom in document.ink(2, box=(0, 0, 210, 265))[:6]:
        stretches = document.ink(2, box=(0, top, 210, bottom), across=True)
        assert stretches[-1][1] <= RIGHT + 0.1


def test_the_head_stands_where_the_standard_puts_it(bulletin):
    masthead, number, rule, *_ = bulletin.ink(1)
    assert masthead[0] - TOP == near(35)
    two_lines = 2 * 225 / 22
    assert number[0] - masthead[1] == pytest.approx(two_lines + 2.2, abs=0.7)  # the line's own air on top
    assert rule[0] - number[1] == near(4)
    assert bulletin.ink(1, box=(0, rule[0], 210, rule[1]), across=True) == [(near(LEFT), near(RIGHT))]
    red, green, blue = bulletin.sheet(1).getpixel((round(100 * MM), round((rule[0] + rule[1]) / 2 * MM)))
    assert red > 200
    assert green < 40
    assert blue < 60


def test_the_first_page_shows_body_text(bulletin):
    assert "截至9月30日" in bulletin.texts[0]
    assert "华扶办〔2018〕15号" in bulletin.texts[0]


def test_too_many_addressees_move_to_the_colophon(printed):
    document = printed(short(addressee="、".join(f"{town}党委、{town}人民政府" for town in TOWNS) * 2))
    assert "截至9月30日" in document.texts[0]
    assert "水寨镇党委" not in document.texts[0]
    assert "主送：水寨镇党委" in document.texts[-1].replace("\n", "")


def test_a_long_masthead_is_narrowed_into_the_type_area(printed):
    document = printed(short(issuer="中共五华县委五华县人民政府新时期精准扶贫精准脱贫三年攻坚工作领导小组办公室文件"))
    top, bottom = document.ink(1)[0]
    stretches = document.ink(1, box=(0, top, 210, bottom), across=True)
    assert LEFT - TOLERANCE <= stretches[0][0]
    assert stretches[-1][1] <= RIGHT + TOLERANCE
    assert top - TOP == near(35)


# Numbers, colophon, annexes


def test_page_numbers_stand_outside_and_7_mm_below(bulletin):
    for page, dash in ((3, (160, 170)), (2, (32, 38))):
        box = (dash[0], BOTTOM + 1, dash[1], 297)
        assert bulletin.ink(page, box=box)[0][0] - BOTTOM == near(7)
    one = 14 / 72 * 25.4
    assert bulletin.ink(3, box=(0, 263, 210, 297), across=True)[-1][1] == near(RIGHT - one)
    assert bulletin.ink(2, box=(0, 263, 210, 297), across=True)[0][0] == near(LEFT + one)


def test_every_page_but_a_bare_one_is_numbered_in_order(bulletin):
    numbers = [number for number in bulletin.numbers() if number]
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]
    assert len(bulletin.texts) >= 8


@pytest.mark.parametrize("paragraphs", range(1, 9))
def test_the_colophon_closes_an_even_last_page_at_its_foot(printed, paragraphs):
    document = printed(short(paragraphs))
    assert len(document.texts) % 2 == 0
    assert "印发" in document.texts[-1]
    assert "抄送：" in document.texts[-1]
    own_page = "2018年10月8日" not in document.texts[-1]
    assert (document.numbers()[-1] == "") is own_page
    rules = [(top, bottom) for top, bottom in document.ink(len(document.texts), box=(30, 150, 30.5, 262.5))]
    thickness = [bottom - top for top, bottom in rules]
    assert thickness[-3:] == [pytest.approx(0.35, abs=0.1), pytest.approx(0.25, abs=0.1), pytest.approx(0.35, abs=0.1)]
    assert rules[-1][1] == near(BOTTOM)


def test_the_colophon_shares_a_last_page_that_has_room_and_else_follows_a_blank_one(printed):
    seen = set()
    for paragraphs in range(1, 14):
        texts = printed(short(paragraphs)).texts
        blank, shared = not texts[-2].strip(), "2018年10月8日" in texts[-1]
        assert not (blank and shared)
        seen.add("blank" if blank else "shared" if shared else "own")
        if blank:
            assert "2018年10月8日" in texts[-3]
    assert seen == {"blank", "shared", "own"}


def test_no_page_holds_only_the_signature(printed):
    for paragraphs in range(1, 14):
        page = next(text for text in printed(short(paragraphs)).texts if "2018年10月8日" in text)
        assert "重视。" in page


@pytest.mark.parametrize("sealed", [True, False])
def test_date_and_signature_keep_their_distance_from_the_edge(printed, sealed):
    document = printed(short(sealed=sealed, signature="五华县扶贫局", copy_to="", printed_by=""))
    date, signature = document.place("2018年10月8日"), document.place("五华县扶贫局")
    cell = 156 / 28
    if sealed:
        assert RIGHT - date[1] == near(4 * cell)
        assert sum(date) / 2 == near(sum(signature) / 2)
    else:
        assert RIGHT - date[1] == near(2 * cell)
        assert date[0] - signature[0] == near(2 * cell)


def test_annexes_follow_on_new_pages_with_their_label_and_repeat_table_heads(bulletin):
    labels = [n for n, text in enumerate(bulletin.texts) if re.search(r"^附件\d$", text, re.M)]
    assert len(labels) == 2
    between = bulletin.texts[labels[0]:labels[1]]
    assert len(between) >= 2
    assert all("人均可支配收入" in text and "单位：户、元" in text for text in between)
    listing = next(text for text in bulletin.texts if "附件：" in text)
    assert "2. 2018年第三季度各镇资金项目进度表" in listing.replace("2.2018", "2. 2018")


def test_a_wide_annex_lies_on_its_side_with_the_number_where_a_portrait_page_has_it(printed):
    document = printed(short(1, annexes=(Annex("各镇资金项目进度表", (wide(),), landscape=True),)))
    page = next(n for n, page in enumerate(document.reader.pages, 1) if page.mediabox.width > page.mediabox.height)
    box = (0, 0, 34, 210)
    down, over = document.ink(page, box=box), document.ink(page, box=box, across=True)
    one = 14 / 72 * 25.4
    if page % 2:
        assert down[-1][1] == near(210 - 26 - one)
    else:
        assert down[0][0] == near(28 + one)
    assert 35 - 8 <= (over[0][0] + over[-1][1]) / 2 <= 35 - 6


# Fonts


def test_all_fonts_are_embedded_and_every_character_has_a_glyph(bulletin):
    families = {name: reference.get_object() for page in bulletin.reader.pages
                for name, reference in page["/Resources"]["/Font"].items()}
    assert len(families) >= 4
    for font in families.values():
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        file = next(descriptor[key] for key in ("/FontFile2", "/FontFile3") if key in descriptor)
        embedded = TTFont(io.BytesIO(file.get_object().get_data()))
        order, glyphs = embedded.getGlyphOrder(), embedded.getGlyphSet()
        table = "".join(re.findall(r"beginbfchar(.*?)endbfchar", font["/ToUnicode"].get_data().decode(), re.S))
        pairs = re.findall(r"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", table)
        assert pairs
        for code, character in pairs:
            text = bytes.fromhex(character).decode("utf-16-be")
            assert 0 < int(code, 16) < len(order), f"no glyph for {text}"
            pen = BoundsPen(glyphs)
            glyphs[order[int(code, 16)]].draw(pen)
            assert pen.bounds or text.isspace(), f"empty glyph for {text}"


def test_rare_characters_of_place_names_appear(bulletin):
    text = "".join(bulletin.texts)
    assert all(character in text for character in RARE)


def test_missing_faces_are_named_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "POVERTYAPP_FONTS", tmp_path)
    known = {("AR PL UMing CN", fonts.REGULAR): (tmp_path / "uming.ttc", 0)}
    monkeypatch.setattr(fonts, "known_to_fontconfig", lambda: known)
    sentences = "\n".join(pdf.missing_fonts())
    assert "缺少仿宋字体 FandolFang，暂用 AR PL UMing CN 代替" in sentences
    assert "texlive-lang-chinese" in sentences
    (tmp_path / "FandolFang-Regular.otf").touch()
    assert "FandolFang" not in "\n".join(pdf.missing_fonts())


# The bytes


def test_the_same_document_gives_the_same_bytes_in_another_process():
    program = ("import django, hashlib; django.setup()\n"
               "from assessment import pdf; from tests.assessment.bulletin_sample import short\n"
               "print(hashlib.sha256(pdf.render(short(2))).hexdigest())")
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                           cwd=settings.BASE_DIR, env={**os.environ, "PYTHONHASHSEED": "7"})
    assert other.stdout.strip() == hashlib.sha256(pdf.render(short(2))).hexdigest()


def test_the_document_information_is_the_documents_own(bulletin):
    info = bulletin.reader.metadata
    assert info.title == "关于2018年第三季度全县精准扶贫精准脱贫工作进展情况的通报"
    assert info.author == "五华县扶贫开发领导小组办公室"
    assert info.creation_date.date().isoformat() == "2018-10-08"


def test_text_is_printed_as_written_not_as_markup(printed):
    document = printed(short(lead=(Paragraph("<script>alert(1)</script> & <b>甲乙</b>"), MIXED)))
    assert "<b>甲乙</b>" in document.texts[0].replace("\n", "")


@pytest.mark.parametrize(("make", "reason"), [
    (lambda: short(number="华扶办[2018]15号"), "六角括号"),
    (lambda: short(0), "没有正文"),
    (lambda: SubHeading("甲", 4), "第4层"),
    (lambda: Column("甲", "middle"), "对齐方式"),
    (lambda: Table((Column("甲"), Column("乙")), (("1",),)), "2列"),
])
def test_a_document_that_cannot_be_set_is_refused_with_the_reason(make, reason):
    with pytest.raises(ValueError, match=reason):
        make()


def test_a_bulletin_without_colophon_has_none(printed):
    document = printed(short(copy_to="", printed_by=""))
    assert isinstance(short(), BulletinDocument)
    assert "印发" not in "".join(document.texts)
    assert len(document.texts) == 1 or all(document.numbers())
