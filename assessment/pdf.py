"""The official document as PDF, laid out by GB/T 9704-2012: `render(document)` → bytes.

`render_html` sets the type (line breaks, balanced title, places of signature and date) and gives one HTML text with all
its style; WeasyPrint lays it out once. Only where the colophon (版记) goes is decided afterwards, because no style
sheet can: it stands at the foot of the last page, which must be an even one. Rendering the same document twice gives
the same bytes, in PDF/A-2u for the archive.
"""
import copy
import hashlib
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from assessment import fonts
from assessment.bulletin.document import Annex, Block, BulletinDocument, Figure, Paragraph, SubHeading, Table
from assessment.fonts import missing_fonts
from assessment.typesetting import balance, break_lines, chinese_number, width

try:
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration
except OSError:  # Pango is a system library; where it is not installed, all but the bulletin works
    HTML = FontConfiguration = None

__all__ = ["CannotRender", "missing_fonts", "render", "render_counted", "render_html"]

PT_PER_MM = 72 / 25.4
MEASURE = 156 * PT_PER_MM  # width of the type area (版心), pt
CELL = MEASURE / 28  # one character's place on the grid, pt
LINES = 22
BODY, TITLE, MASTHEAD = 16, 22, 44  # 3号, 2号 and the red head, pt
HEAD_LINES = 10  # what masthead, number, rule and the two blank lines take of the first page
NARROWEST = 0.5  # characters of a long masthead are narrowed to half their width, then made smaller
STYLESHEET = Path(settings.BASE_DIR) / "static" / "pdf" / "bulletin.css"
CSS_PX_PER_LINE = 225 / LINES / 25.4 * 96


class CannotRender(RuntimeError):
    """This machine cannot make PDF files; the sentence names what to install."""


class _Setter:
    """Sets texts line by line and collects the style rules that the lines need."""

    def __init__(self):
        self.rules: dict[str, str] = {}
        self.tables = self.figures = 0

    def rule(self, name: str, declarations: str) -> str:
        self.rules[name] = declarations
        return name

    def spacing(self, em: float) -> str:
        steps = round(em * 10000)
        return self.rule(f"s{steps}".replace("-", "m"), f"letter-spacing:{steps / 10000:g}em")

    def lines(self, text: str, face: str = "body", indent: float = 2) -> SafeString:
        """A text of body size broken into justified lines of 28 cells."""
        broken = break_lines(text, measure=MEASURE / BODY, cell=CELL / BODY, advance=fonts.advance(face), indent=indent)
        return format_html_join(mark_safe("<br>"), '<span class="{}">{}</span>',
                                ((self.spacing(line.spacing), line.text) for line in broken))

    def stylesheet(self) -> str:
        return "".join(f".{name}{{{declarations}}}\n" for name, declarations in sorted(self.rules.items()))


def render(document: BulletinDocument) -> bytes:
    """The document as PDF bytes: equal documents give equal bytes on the same machine, today and in a year."""
    return render_counted(document)[0]


def render_counted(document: BulletinDocument) -> tuple[bytes, int]:
    """The document as PDF bytes, and how many pages it has. Raises CannotRender where Pango is missing."""
    if HTML is None:
        raise CannotRender("系统没有安装生成 PDF 所需的库，请安装软件包 libpango-1.0-0、libpangoft2-1.0-0、"
                           "libharfbuzz-subset0 并重新启动，再生成通报")
    html = render_html(document)
    laid_out = HTML(string=html).render(font_config=FontConfiguration())
    pages = _with_colophon(laid_out.pages) if _has_colophon(document) else laid_out.pages
    identifier = hashlib.sha256(html.encode()).hexdigest()[:32]
    return laid_out.copy(pages).write_pdf(pdf_variant="pdf/a-2u", pdf_identifier=identifier), len(pages)


def render_html(document: BulletinDocument) -> str:
    """The document as one HTML text. It ends with a blank page and a colophon page, from which `render` chooses."""
    setter = _Setter()
    title = balance(document.title, per_line=MEASURE / TITLE - 0.5, advance=fonts.advance("title"))
    addressee = _ended(document.addressee, "：") if document.addressee else ""
    addressee_lines = setter.lines(addressee, indent=0)
    # With too many addressees for the first page to show body text, they move to the colophon (7.3.2).
    crowded = HEAD_LINES + len(title) + 1 + addressee_lines.count("<br>") + 1 >= LINES
    _place_masthead(setter, document.issuer)
    _place_signature(setter, document)
    context = {
        "document": document,
        "title_lines": title,
        "number": document.number,
        "addressee": "" if crowded else addressee_lines,
        "blocks": _body(setter, document),
        "annex_names": _annex_names(document.annexes),
        "annexes": [_annex(setter, document, index) for index in range(len(document.annexes))],
        "date": _date(document.date),
        "to": document.addressee.rstrip("：:") if crowded else "",
        "copy_to": document.copy_to.rstrip("。"),
        "printed_on": _date(document.printed_on or document.date),
        "has_colophon": _has_colophon(document),
    }
    rare = any(ord(char) >= 0x20000 for char in repr(document))
    context["style"] = mark_safe(fonts.css(rare) + STYLESHEET.read_text(encoding="utf-8") + setter.stylesheet())
    return render_to_string("pdf/bulletin.html", context)


# Placing what depends on the length of a text


def _place_masthead(setter: _Setter, issuer: str) -> None:
    """Fill the width with the red masthead: spread a short name, narrow a long one, keep its height."""
    size, count = float(MASTHEAD), max(len(issuer), 1)
    natural = count * size
    if natural <= MEASURE:
        space = min(size / 2, (MEASURE - natural) / max(count, 2))
        setter.rule("issuer", f"letter-spacing:{space:.2f}pt;text-indent:{space:.2f}pt")
        return
    scale = MEASURE / natural
    if scale < NARROWEST:
        size, scale = size * scale / NARROWEST, NARROWEST
    natural = count * size
    line = 16.4 + 0.855 * size  # keeps the upper edge of the ink where it is for 44 pt on 54 pt
    setter.rule("issuer", f"font-size:{size:.2f}pt;line-height:{line:.2f}pt;width:{natural:.2f}pt;"
                          f"margin-left:{(MEASURE - natural) / 2:.2f}pt;transform:scaleX({scale:.4f})")


def _place_signature(setter: _Setter, document: BulletinDocument) -> None:
    """Distances from the right edge (7.3.5.1 with a seal, 7.3.5.2 without)."""
    advance = fonts.advance("body")
    date = width(_date(document.date), advance) * BODY
    signature = width(document.signature, advance) * BODY
    if document.sealed:
        date_right = 4 * CELL
        signature_right = max(0.0, date_right + (date - signature) / 2)
    elif date > signature:
        date_right = 2 * CELL
        signature_right = date_right + date + 2 * CELL - signature
    else:
        signature_right = 2 * CELL
        date_right = max(0.0, signature - date)
    setter.rule("date", f"padding-right:{date_right:.2f}pt")
    setter.rule("signature", f"padding-right:{signature_right:.2f}pt")


# The parts of the document as the template wants them


def _body(setter: _Setter, document: BulletinDocument) -> list[dict]:
    parts = [_block(setter, paragraph, "") for paragraph in document.lead]
    for number, section in enumerate(document.sections, 1):
        heading = f"{chinese_number(number)}、{section.heading}"
        parts.append({"kind": "heading", "level": 2, "face": "black", "text": setter.lines(heading, "black")})
        parts += _blocks(setter, section.blocks)
    return parts


def _blocks(setter: _Setter, blocks: tuple[Block, ...], wide: bool = False, numbered: bool = True) -> list[dict]:
    """Blocks with their numbers: （一） restarts in each section, 1． under each （一）."""
    parts, second, third = [], 0, 0
    for block in blocks:
        number = ""
        if isinstance(block, SubHeading) and block.level == 2:
            second, third = second + 1, 0
            number = f"（{chinese_number(second)}）"
        elif isinstance(block, SubHeading):
            third += 1
            number = f"{third}．"
        parts.append(_block(setter, block, number, wide, numbered))
    return parts


def _block(setter: _Setter, block: Block, number: str, wide: bool = False, numbered: bool = True) -> dict:
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "text": setter.lines(block.text)}
    if isinstance(block, SubHeading):
        face = "kai" if block.level == 2 else "body"
        return {"kind": "heading", "level": block.level + 1, "face": face,
                "text": setter.lines(number + block.text, face)}
    if isinstance(block, Figure):
        setter.figures += bool(block.caption)
        caption = f"图{setter.figures}　{block.caption}" if block.caption else ""
        return {"kind": "figure", "svg": mark_safe(block.svg), "caption": caption}
    return _table(setter, block, wide, numbered)


def _table(setter: _Setter, table: Table, wide: bool, numbered: bool) -> dict:
    caption = table.caption
    if caption and numbered:
        setter.tables += 1
        caption = f"表{setter.tables}　{caption}"
    roomy = 9 if wide else 6
    size = "" if len(table.columns) <= roomy else "small" if len(table.columns) <= roomy + 3 else "tiny"
    aligns = [column.align for column in table.columns]
    return {
        "kind": "table", "caption": caption, "unit": table.unit, "note": table.note, "size": size,
        "columns": [{"heading": column.heading, "share": setter.rule(f"w{share}", f"width:{share / 10:g}%")}
                    for column, share in zip(table.columns, _shares(table), strict=True)],
        "rows": [list(zip(aligns, row, strict=True)) for row in table.rows],
        "total": list(zip(aligns, table.total, strict=True)) if table.total else [],
    }


def _shares(table: Table) -> list[int]:
    """Widths of the columns in thousandths: as given, the rest by the longest cell, within bounds."""
    rows = (*table.rows, *((table.total,) if table.total else ()))
    wanted = []
    for index, column in enumerate(table.columns):
        if column.share is None:
            cells = max((_rough_width(row[index]) for row in rows), default=2.0)
            heading = _rough_width(column.heading)
            wanted.append(min(14.0, max(2.5, cells + 1, heading + 0.8 if heading <= 4 else heading / 2 + 1.3)))
    given = sum(column.share for column in table.columns if column.share is not None)
    rest, free = max(0.0, 1 - given), iter(wanted)
    return [round(1000 * (column.share if column.share is not None else rest * next(free) / sum(wanted)))
            for column in table.columns]


def _rough_width(text: str) -> float:
    return sum(0.55 if char.isascii() else 1.0 for char in text)


def _annex(setter: _Setter, document: BulletinDocument, index: int) -> dict:
    annex = document.annexes[index]
    per_line = (225 if annex.landscape else 156) * PT_PER_MM / TITLE - 0.5
    return {
        "label": f"附件{index + 1}" if len(document.annexes) > 1 else "附件",
        "title_lines": balance(annex.title, per_line=per_line, advance=fonts.advance("title")),
        "blocks": _blocks(setter, annex.blocks, annex.landscape, numbered=False),
        "wide": annex.landscape,
    }


def _annex_names(annexes: tuple[Annex, ...]) -> list[dict]:
    """The list of annexes after the body (7.3.4): numbered when there are several, without end punctuation."""
    numbered = len(annexes) > 1
    return [{"number": f"{index}." if numbered else "", "name": annex.title.replace("\n", "").rstrip("。，；")}
            for index, annex in enumerate(annexes, 1)]


def _date(day) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _ended(text: str, mark: str) -> str:
    return text.rstrip("：:。") + mark


# The colophon


def _has_colophon(document: BulletinDocument) -> bool:
    return bool(document.copy_to or document.printed_by)


def _with_colophon(pages: list) -> list:
    """Put the colophon at the foot of the last, even page.

    It shares the last page of text when that is an even upright page with a line to spare; otherwise it has a page of
    its own, after a blank one if need be. Those two pages carry no number (7.5).
    """
    *content, blank, back = pages
    last = content[-1]
    if len(content) % 2:
        return [*content, back]
    top, end = back.anchors["colophon"][1], last.anchors["end"][1]
    if last.width < last.height and end + CSS_PX_PER_LINE <= top:
        return [*content[:-1], _overlaid(last, back)]
    return [*content, blank, back]


def _overlaid(page, over):
    """A page that paints another one over itself."""
    both = copy.copy(page)

    def paint(stream, scale=1):
        page.paint(stream, scale)
        over.paint(stream, scale)

    both.paint = paint
    return both
