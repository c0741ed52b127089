"""Writes a bulletin (通报) about an area from a stored run, keeps it as data, and reads it back as a document.

`write` gives the content as it is stored: plain JSON with figures marked by what they open. `document_of` gives what
`assessment.pdf` sets in type. Equal runs, areas and periods give equal documents: nothing here asks for the time.
"""
import datetime
import hashlib
import json
from dataclasses import asdict

from assessment.bulletin import money as money_part
from assessment.bulletin.address import Address, address_of
from assessment.bulletin.annexes import annexes
from assessment.bulletin.demands import demands
from assessment.bulletin.document import (
    Annex,
    Block,
    BulletinDocument,
    Column,
    Figure,
    Paragraph,
    Section,
    SubHeading,
    Table,
)
from assessment.bulletin.facts import CannotCompose, Facts, Terms
from assessment.bulletin.followup import points_named
from assessment.bulletin.money_figures import MONEY, money_of
from assessment.bulletin.places import places
from assessment.bulletin.problems import problems
from assessment.bulletin.progress import lead, overall
from assessment.bulletin.text import printed
from assessment.models import Run
from office.calendar import Quarter
from office.models import Area

__all__ = ["CannotCompose", "Terms", "compose", "content_digest", "document_of", "issued", "marked_document", "write"]

DRAFT_NUMBER = "〔草稿〕"      # stands where the number will stand; the office gives the number when it issues
BLOCKS = {"paragraph": Paragraph, "subheading": SubHeading, "table": Table, "figure": Figure}
KINDS = {kind: name for name, kind in BLOCKS.items()}


def compose(run: Run, area: Area, period: str) -> BulletinDocument:
    """The draft of a bulletin with the proposed dates, ready for the page."""
    return document_of(write(run, area, period))


def write(run: Run, area: Area, period: str, *, terms: Terms | None = None, issuer: str = "",
          corrects: str = "") -> dict:
    """The content of a bulletin. Raises CannotCompose with a sentence when run, area and period do not fit.

    `corrects` names the issued bulletin that this one corrects (its number, or its title).
    """
    quarter = Quarter.parse(period)
    _check(run, area, quarter)
    facts = Facts(run, area, quarter, terms or Terms.proposed(run, quarter))
    who = _address(facts)
    issuer = issuer or who.issuer
    money = money_of(facts)
    behind = annexes(facts, who, money)
    numbers = {key: index for index, key in enumerate(behind, start=1)}
    title = f"关于{quarter.label}{who.whole}脱贫攻坚工作进展情况的通报"
    document = BulletinDocument(
        issuer=issuer if issuer.endswith("文件") else f"{issuer}文件", number=DRAFT_NUMBER,
        title=f"{title}（更正）" if corrects else title, addressee=who.addressee, date=facts.terms.dated,
        signature=issuer.removesuffix("文件"), lead=lead(facts, who, corrects),
        sections=(overall(facts, who, money_part.progress(money, who, numbers)), places(facts, who),
                  problems(facts, who, numbers, money_part.problems(money, who)),
                  demands(facts, who, issuer.removesuffix("文件"), numbers, money_part.demands(money, who))),
        annexes=tuple(behind.values()), copy_to=who.copy_to, printed_by=issuer.removesuffix("文件"),
        printed_on=facts.terms.dated)
    return {
        "format": 1, "document": _as_json(document), "named": points_named(facts),
        "terms": {name: day.isoformat() for name, day in asdict(facts.terms).items()},
        "here": {"year": run.year, "programme": run.programme_id, "run": run.pk, "area": area.code},
        "compared_with": {"run": facts.baseline.run.pk, "words": facts.baseline.words} if facts.baseline else None,
        "corrects": corrects, MONEY: money.stored() if money else None,
    }


def issued(content: dict, number: str, on: datetime.date) -> dict:
    """The content with number and date of issue in place; nothing else changes."""
    day = on.isoformat()
    return content | {"document": content["document"] | {"number": number, "date": day, "printed_on": day}}


def content_digest(content: dict) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def document_of(content: dict) -> BulletinDocument:
    """The document as printed."""
    return printed(marked_document(content))


def marked_document(content: dict) -> BulletinDocument:
    """The document with the marks of its figures, for the preview."""
    stored = content["document"]
    made = BulletinDocument(**{
        **stored, "date": datetime.date.fromisoformat(stored["date"]),
        "printed_on": datetime.date.fromisoformat(stored["printed_on"]), "lead": _blocks(stored["lead"]),
        "sections": tuple(Section(s["heading"], _blocks(s["blocks"])) for s in stored["sections"]),
        "annexes": tuple(Annex(a["title"], _blocks(a["blocks"]), a["landscape"]) for a in stored["annexes"])})
    return made


def _check(run: Run, area: Area, quarter: Quarter) -> None:
    if run.year != quarter.year:
        raise CannotCompose(f"第{run.pk}次考核计算是{run.year}年度的，不能用于{quarter.label}的通报")
    if not area.code.startswith(run.area.prefix):
        raise CannotCompose(f"第{run.pk}次考核计算的范围是{run.area.name}，不包括{area.name}（{area.code}）")
    if run.state != Run.State.DONE:
        raise CannotCompose(f"第{run.pk}次考核计算还没有完成，不能用于通报")


def _address(facts: Facts) -> Address:
    parent = facts.area.parent
    return address_of(facts.area.name, facts.area.level, [place.area.name for place in facts.places],
                      parent.name if parent else "")


# The document as JSON


def _as_json(document: BulletinDocument) -> dict:
    stored = {"lead": _blocks_as_json(document.lead),
              "sections": [{"heading": s.heading, "blocks": _blocks_as_json(s.blocks)} for s in document.sections],
              "annexes": [{"title": a.title, "blocks": _blocks_as_json(a.blocks), "landscape": a.landscape}
                          for a in document.annexes]}
    for name in ("issuer", "number", "title", "addressee", "signature", "copy_to", "printed_by", "sealed"):
        stored[name] = getattr(document, name)
    stored["date"], stored["printed_on"] = document.date.isoformat(), document.printed_on.isoformat()
    return stored


def _blocks_as_json(blocks: tuple[Block, ...]) -> list[dict]:
    return [{"kind": KINDS[type(block)], **json.loads(json.dumps(asdict(block)))} for block in blocks]


def _blocks(stored: list[dict]) -> tuple[Block, ...]:
    return tuple(_block(dict(one)) for one in stored)


def _block(stored: dict) -> Block:
    kind = BLOCKS[stored.pop("kind")]
    if kind is Table:
        stored["columns"] = tuple(Column(**column) for column in stored["columns"])
        stored["rows"] = tuple(tuple(row) for row in stored["rows"])
        stored["total"] = tuple(stored["total"]) if stored["total"] else None
    return kind(**stored)
