"""What a bulletin says, free of how it looks: the input of `assessment.pdf`.

The parts and their order are those of GB/T 9704-2012 (党政机关公文格式): the head (issuer, number), the body (title,
addressee, paragraphs, sections, list of annexes, signature, date), the annexes, and the colophon (版记: copies to,
printed by). Texts are plain Chinese; headings, tables and figures are numbered by the renderer, so no text carries
一、 or 表1.
"""
import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """Body text of one paragraph, without the two leading spaces."""

    text: str


@dataclass(frozen=True)
class SubHeading:
    """A heading inside a section: level 2 is printed （一）, level 3 is printed 1．"""

    text: str
    level: int = 2

    def __post_init__(self):
        if self.level not in (2, 3):
            raise ValueError(f"正文小标题只有第2、3层，不能是第{self.level}层：{self.text}")


@dataclass(frozen=True)
class Column:
    """A table column. `align` is left, center or right; `share` its part of the width (None: from the content)."""

    heading: str
    align: str = "center"
    share: float | None = None

    def __post_init__(self):
        if self.align not in ("left", "center", "right"):
            raise ValueError(f"表格列的对齐方式只能是 left、center 或 right：{self.align}")


@dataclass(frozen=True)
class Table:
    """A table. Cells are finished text; `total` is the 合计 row, printed last, never ranked; `unit` reads 单位：元."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None
    caption: str = ""
    unit: str = ""
    note: str = ""

    def __post_init__(self):
        for row in (*self.rows, *((self.total,) if self.total else ())):
            if len(row) != len(self.columns):
                raise ValueError(f"表“{self.caption}”有{len(self.columns)}列，但一行有{len(row)}格：{row}")


@dataclass(frozen=True)
class Figure:
    """A chart: one SVG element as text (see `assessment.charts`), which is trusted, and its caption."""

    svg: str
    caption: str = ""


Block = Paragraph | SubHeading | Table | Figure


@dataclass(frozen=True)
class Section:
    """A first-level part of the body, printed 一、二、三、…"""

    heading: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Annex:
    """An annex, printed on new pages between the body and the colophon. `landscape` turns its pages for wide tables."""

    title: str
    blocks: tuple[Block, ...]
    landscape: bool = False


@dataclass(frozen=True)
class BulletinDocument:
    """One official document.

    `issuer` is the red masthead as printed (usually the full name and 文件), `number` reads 梅市扶办〔2018〕15号 and
    may be empty in a draft. A title may hold line breaks where they must fall; without them the renderer balances the
    lines. `sealed` documents leave the place of the seal (date four characters in, signature centred on it); the
    others follow the rule for documents without a seal. `annexes` are listed after the body by their titles.
    """

    issuer: str
    number: str
    title: str
    addressee: str
    date: datetime.date
    signature: str
    lead: tuple[Paragraph, ...] = ()
    sections: tuple[Section, ...] = ()
    annexes: tuple[Annex, ...] = ()
    copy_to: str = ""
    printed_by: str = ""
    printed_on: datetime.date | None = None
    sealed: bool = True

    def __post_init__(self):
        if not self.lead and not any(section.blocks for section in self.sections):
            raise ValueError("公文没有正文：首页必须显示正文，请先生成正文再排版")
        if self.number and ("〔" not in self.number or "〕" not in self.number):
            raise ValueError(f"发文字号的年份应当用六角括号〔〕括入：{self.number}")
