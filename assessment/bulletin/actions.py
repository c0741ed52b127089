"""What happens to bulletins: drafted and stored with their file, issued for good, withdrawn as drafts, corrected anew.

An issued bulletin is never changed again, and the database refuses it too; a correction is a new bulletin with the
next revision. A file is found by what is in it: the same content gives the same file.
"""
import datetime
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from assessment.bulletin.compose import CannotCompose, Terms, content_digest, document_of, issued, write
from assessment.bulletin.facts import covering_run, known_on
from assessment.models import Bulletin, Run
from assessment.pdf import CannotRender, render_counted
from office import trail
from office.calendar import Quarter, chinese_date
from office.models import Area, Level, Officer

FOLDER = "bulletins"
# A number of an official document: issuer's abbreviation, year in hexagonal brackets, number without leading zero.
NUMBER = re.compile(r"[^\s〔〕\[\]()（）\d]{2,20}〔(\d{4})〕[1-9]\d{0,4}号")


class FileLost(RuntimeError):
    """The stored file is gone or altered and cannot be made again; the sentence says so."""


@dataclass(frozen=True)
class Made:
    """A bulletin written and set, not yet stored."""

    run: Run
    area: Area
    period: str
    revision: int
    content: dict
    pdf: bytes
    pages: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.pdf).hexdigest()


def make(run: Run, area: Area, period: str, *, terms: Terms | None = None, issuer: str = "",
         corrects: Bulletin | None = None) -> Made:
    """Write and set a bulletin; nothing is stored. Raises CannotCompose with a sentence."""
    quarter = Quarter.parse(period)
    if quarter.end >= timezone.localdate():
        raise CannotCompose(f"{quarter.label}到{chinese_date(quarter.end)}才结束，结束以后才能起草这一季度的通报")
    words = f"《{corrects.title}》（{corrects.number}）" if corrects else ""
    content = write(run, area, str(quarter), terms=terms, issuer=issuer, corrects=words)
    try:
        pdf, pages = render_counted(document_of(content))
    except CannotRender as error:
        raise CannotCompose(str(error)) from error
    return Made(run, area, str(quarter), corrects.revision + 1 if corrects else 0, content, pdf, pages)


def keep(made: Made, *, by: Officer | None = None, job=None) -> Bulletin:
    """Store file and draft."""
    file = _store(made.pdf, made.period, made.area.code)
    return Bulletin.objects.create(
        run=made.run, area=made.area, period=made.period, revision=made.revision,
        title=made.content["document"]["title"], content=made.content, content_digest=content_digest(made.content),
        file=file, sha256=made.sha256, pages=made.pages, made_by=by, job=job)


def check_issue(bulletin: Bulletin, number: str, on: datetime.date) -> None:
    """Refuse an issue that cannot stand: ValidationError by field, each sentence with its remedy."""
    errors: dict[str, str] = {}
    if bulletin.state != Bulletin.State.DRAFT:
        raise ValidationError(f"这份通报{bulletin.get_state_display()}，不能再印发")
    shape = NUMBER.fullmatch(number)
    if shape is None:
        errors["number"] = "发文字号应写作“机关代字〔年份〕序号号”，年份用六角括号〔〕，序号不编虚位，例如：×扶办〔2018〕15号"
    elif int(shape[1]) != on.year:
        errors["number"] = f"字号年份{shape[1]}与印发日期{on.year}年不一致"
    elif Bulletin.objects.filter(number=number).exclude(pk=bulletin.pk).exists():
        errors["number"] = f"字号{number}已经用过，请核对发文登记"
    if sentence := _wrong_day(bulletin, on):
        errors["on"] = sentence
    if errors:
        raise ValidationError(errors)
    before = _issued_of(bulletin)
    if bulletin.revision != len(before):
        raise ValidationError(
            f"本期通报已印发（{before[-1].number}）。如需更正，请打开已印发的通报，用“更正”重新起草" if before
            else "被更正的通报没有印发，请重新起草")


def _wrong_day(bulletin: Bulletin, on: datetime.date) -> str:
    quarter = Quarter.parse(bulletin.period)
    first_deadline = datetime.date.fromisoformat(bulletin.content["terms"]["verify_by"])
    known = known_on(bulletin.run)
    if on > timezone.localdate():
        return "印发日期不能晚于今天"
    if on <= quarter.end:
        return f"印发日期应在{quarter.label}结束以后"
    if on < known:
        return f"所用的统计数{chinese_date(known)}才公布，印发日期不能早于这一天"
    if on >= first_deadline:
        return (f"文中第一个整改期限是{chinese_date(first_deadline)}，印发日期不能晚于它；"
                f"请撤回这份草稿，按新的印发日期重新起草")
    return ""


def _issued_of(bulletin: Bulletin) -> list[Bulletin]:
    """Issued bulletins of the same document, area and quarter, first revision first."""
    return list(Bulletin.objects.filter(
        state=Bulletin.State.ISSUED, area=bulletin.area_id, period=bulletin.period,
        run__programme=bulletin.run.programme_id).order_by("revision"))


def issue(bulletin: Bulletin, *, number: str, on: datetime.date, by: Officer, request=None) -> Bulletin:
    """Put number and date into the document, set it anew and freeze it. Raises ValidationError."""
    check_issue(bulletin, number, on)
    content = issued(bulletin.content, number, on)
    try:
        pdf, pages = render_counted(document_of(content))
    except CannotRender as error:
        raise ValidationError(str(error)) from error
    file = _store(pdf, bulletin.period, bulletin.area_id)
    with transaction.atomic():
        # All of the quarter are locked: two drafts of the same bulletin cannot both be issued.
        locked = {one.pk: one for one in Bulletin.objects.select_for_update(of=("self",)).select_related("run")
                  .filter(area=bulletin.area_id, period=bulletin.period)}
        current = locked[bulletin.pk]
        check_issue(current, number, on)
        current.content, current.content_digest = content, content_digest(content)
        current.number, current.issued_on, current.issued_by = number, on, by
        current.file, current.sha256, current.pages = file, hashlib.sha256(pdf).hexdigest(), pages
        current.state, current.job = Bulletin.State.ISSUED, None
        current.save()
        trail.record(by, "印发通报", f"bulletin:{current.pk}", area=current.area_id, request=request,
                     detail={"number": number, "date": on.isoformat(), "run": current.run_id, "sha256": current.sha256})
    return current


def withdraw(bulletin: Bulletin, *, reason: str, by: Officer, request=None) -> None:
    """Take a draft back; the reason stays with it. Raises ValidationError for anything but a draft."""
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError("请写明撤回原因")
    with transaction.atomic():
        current = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
        if current.state != Bulletin.State.DRAFT:
            raise ValidationError(f"这份通报{current.get_state_display()}，只有草稿可以撤回；已印发的请用“更正”")
        current.content |= {"withdrawn": {"reason": reason, "by": str(by), "on": timezone.localdate().isoformat()}}
        current.content_digest = content_digest(current.content)
        current.state, current.job = Bulletin.State.WITHDRAWN, None
        current.save()
        trail.record(by, "撤回通报", f"bulletin:{current.pk}", area=current.area_id, request=request,
                     detail={"title": current.title, "reason": reason})


def superseded_by(bulletin: Bulletin) -> Bulletin | None:
    """The issued correction of an issued bulletin."""
    return next((one for one in _issued_of(bulletin) if one.revision > bulletin.revision), None)


# Files


def _store(pdf: bytes, period: str, code: str) -> str:
    """Write the file under its digest, whole or not at all; returns its path below MEDIA_ROOT."""
    name = f"{FOLDER}/{period}/{code}-{hashlib.sha256(pdf).hexdigest()[:24]}.pdf"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    put(pdf, path)
    return name


def put(content: bytes, path: Path) -> None:
    """Write a file so that nobody ever finds half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def pdf_of(bulletin: Bulletin) -> bytes:
    """The stored file, proven by its digest; a lost or altered one is set again from the stored content."""
    path = Path(settings.MEDIA_ROOT) / bulletin.file
    if path.is_file():
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == bulletin.sha256:
            return content
    try:
        content, _ = render_counted(document_of(bulletin.content))
    except CannotRender as error:
        raise FileLost(f"通报的成文文件丢失或被改动，现在也不能重新排版：{error}") from error
    if hashlib.sha256(content).hexdigest() != bulletin.sha256:
        raise FileLost("通报的成文文件丢失或被改动，用现有字体重新排版也与登记的摘要值不符；请从备份恢复文件")
    path.parent.mkdir(parents=True, exist_ok=True)
    put(content, path)
    return content


# What the schedule owes


def drafts_due(today: datetime.date) -> Iterator[tuple[Run, Area, str]]:
    """The quarter that ended last, for every document and area with bulletins or runs of counties and cities so far.

    An area that has a bulletin of the quarter already (draft or issued) is left alone, so repeating does no harm.
    """
    quarter = Quarter.of(today).previous
    wanted = set(Run.objects.finished().filter(year=quarter.year, area__level__in=(Level.CITY, Level.COUNTY))
                 .values_list("programme_id", "area_id"))
    wanted |= set(Bulletin.objects.values_list("run__programme_id", "area_id"))
    there = set(Bulletin.objects.filter(period=str(quarter)).exclude(state=Bulletin.State.WITHDRAWN)
                .values_list("run__programme_id", "area_id"))
    for programme, code in sorted(wanted - there):
        if (run := covering_run(programme, quarter.year, code)) is not None:
            yield run, Area.objects.get(pk=code), str(quarter)
