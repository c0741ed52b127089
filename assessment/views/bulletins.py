"""Bulletins: the list, drafting one as a job, reading it with every figure opened, issue, withdrawal, correction, file."""
import hashlib

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe

from assessment.bulletin import actions as bulletin_actions
from assessment.bulletin.compose import marked_document
from assessment.bulletin.document import Figure, Paragraph, SubHeading
from assessment.bulletin.facts import Terms
from assessment.bulletin.forms import TERM_LABELS, BulletinFilter, DraftForm, IssueForm, WithdrawForm
from assessment.bulletin.text import plain, segments
from assessment.engine import lines_of
from assessment.filters import list_url
from assessment.models import Bulletin, Run
from assessment.tasks import submit_draft, submit_issue
from assessment.typesetting import chinese_number
from funds.filters import address as money_address
from office import trail
from office.access import allow, covers, require
from office.calendar import Quarter
from office.paging import page_by_key
from office.roles import Permission
from office.statistics import is_unconfirmed

COLUMNS = [{"label": "标题"}, {"label": "区域"}, {"label": "季度"}, {"label": "状态"}, {"label": "依据"}, {"label": "政策文件"},
           {"label": "页数", "numeric": True}, {"label": "印发 / 起草"}]
TONES = {"draft": "wait", "issued": "good", "withdrawn": "none"}


@allow(Permission.SEE_CASES)
def bulletin_list(request):
    own = Bulletin.objects.visible_to(request.user)
    periods = own.order_by("-period").values_list("period", flat=True).distinct()
    form = BulletinFilter(request.GET, periods=periods)
    found = own.select_related("area", "run", "made_by", "issued_by").defer("content")
    if form.is_valid():
        found = found.filter(**{name: value for name, value in form.cleaned_data.items() if value})
    page = page_by_key(found, request.GET, descending=True, size=30)
    return render(request, "assessment/bulletins.html", {
        "title": "通报", "form": form, "page": page, "columns": COLUMNS, "rows": [_row(one) for one in page],
        "filtered": any(form.cleaned_data.values()), "may_issue": request.user.may(Permission.ISSUE_BULLETIN),
        "crumbs": [{"label": "通报"}]})


def _row(one: Bulletin) -> dict:
    signed = f"{one.issued_on:%Y-%m-%d} {one.issued_by}" if one.issued_on else ""
    return {"url": reverse("assessment:bulletin", args=[one.pk]), "cells": [
        {"text": one.title, "sub": one.number or "未编号"}, one.area.name, Quarter.parse(one.period).label,
        {"text": one.get_state_display(), "tone": TONES[one.state]},
        {"text": f"第{one.run_id}次", "url": reverse("assessment:run", args=[one.run_id])}, one.run.programme_id,
        str(one.pages), signed or f"{one.made_by or '系统'}起草"]}


@allow(Permission.SEE_CASES)
def bulletin_page(request, pk):
    """The text as it will be printed; every figure leads to the list of what it counts."""
    bulletin = _bulletin_or_404(request, pk)
    may = covers(request.user, Permission.ISSUE_BULLETIN, bulletin.area_id)
    return _show(request, bulletin, IssueForm(initial={"on": bulletin.content["document"]["date"]}) if may else None)


def _show(request, bulletin: Bulletin, form: IssueForm | None, status: int = 200) -> HttpResponse:
    document = marked_document(bulletin.content)
    # Whoever only receives it reads the text; the lists behind its figures lie outside their area.
    here = bulletin.content["here"] if covers(request.user, Permission.SEE_CASES, bulletin.area_id) else None
    superseded = bulletin_actions.superseded_by(bulletin) if bulletin.state == Bulletin.State.ISSUED else None
    newer = Run.objects.latest(bulletin.run.programme_id, bulletin.run.year, bulletin.area_id)
    return render(request, "assessment/bulletin.html", {
        "title": bulletin.title, "bulletin": bulletin, "document": document, "form": form, "superseded": superseded,
        "tone": TONES[bulletin.state], "lead": [_linked(one.text, here) for one in document.lead],
        "newer": newer if newer and newer.pk > bulletin.run_id and bulletin.state == Bulletin.State.DRAFT else None,
        "parts": [{"heading": f"{chinese_number(index)}、{section.heading}", "blocks": _blocks(section.blocks, here)}
                  for index, section in enumerate(document.sections, start=1)],
        "annexes": [{"label": f"附件{index}", "title": annex.title.replace("\n", ""), "blocks": _blocks(annex.blocks, here)}
                    for index, annex in enumerate(document.annexes, start=1)],
        "unconfirmed": [line.statistic_label for line in lines_of(bulletin.run) if is_unconfirmed(line.source)][:1],
        "facts": _about(bulletin), "withdrawn": bulletin.content.get("withdrawn"),
        "crumbs": [{"label": "通报", "url": reverse("assessment:bulletins")}, {"label": bulletin.title}]}, status=status)


def _compared_words(compared: dict) -> str:
    """What the bulletin was compared with, and the run behind it where the words do not name it."""
    run = f"第{compared['run']}次"
    return compared["words"] if run in compared["words"] else f"{compared['words']}，{run}计算"


def _about(bulletin: Bulletin) -> list[dict]:
    terms = Terms(**bulletin.content["terms"])
    compared = bulletin.content["compared_with"]
    rows = [
        {"label": "区域和季度", "value": f"{bulletin.area.name} {Quarter.parse(bulletin.period).label}"},
        {"label": "依据", "value": f"{bulletin.run} · {bulletin.run.area.name}", "url": bulletin.run.get_absolute_url()},
        {"label": "对比", "value": _compared_words(compared) if compared else "没有更早的计算",
         "url": reverse("assessment:run", args=[compared["run"]]) if compared else ""},
        {"label": "起草", "value": f"{bulletin.made_by or '系统'}"},
        {"label": "成文文件", "value": f"{bulletin.pages} 页", "hint": f"SHA-256 {bulletin.sha256[:16]}…"},
        *({"label": label, "value": getattr(terms, name)} for name, label in TERM_LABELS.items())]
    if bulletin.issued_on:
        rows.insert(1, {"label": "印发", "value": bulletin.number,
                        "hint": f"{bulletin.issued_on:%Y-%m-%d}，签发人 {bulletin.issued_by}"})
    return rows


def _blocks(blocks, here: dict | None) -> list[dict]:
    """Blocks with their numbers as printed: （一） for headings, 表1 and 图1 stay with their captions."""
    shown, second = [], 0
    for block in blocks:
        if isinstance(block, Paragraph):
            shown.append({"kind": "paragraph", "text": _linked(block.text, here)})
        elif isinstance(block, SubHeading):
            second += 1
            shown.append({"kind": "heading", "text": f"（{chinese_number(second)}）{block.text}"})
        elif isinstance(block, Figure):
            shown.append({"kind": "figure", "svg": mark_safe(block.svg), "caption": block.caption})
        else:
            shown.append({
                "kind": "table", "table": block, "rows": [[_linked(cell, here) for cell in row] for row in block.rows],
                "total": [plain(cell) for cell in block.total or ()]})
    return shown


def _linked(text: str, here: dict | None) -> SafeString:
    """A text whose marked figures are links; without a place to look (`here` None) they are plain."""
    return format_html_join("", "{}", ((format_html('<a href="{}">{}</a>', _address(filters, here), piece)
                                        if filters is not None and here else piece,) for piece, filters in segments(text)))


def _address(filters: dict[str, str], here: dict) -> str:
    if filters.get("page") == "poor_villages":
        return reverse("assessment:poor_villages", args=[here["area"]]) + f"?run={here['run']}"
    if filters.get("page") == "money":
        return money_address("funds:overview", area=here["area"], programme=here["programme"], as_of=filters["as_of"])
    return list_url(**{**here, **filters})


@allow(Permission.ISSUE_BULLETIN, methods=("GET", "POST"), writes=True)
def bulletin_new(request):
    """Draft a bulletin, or the correction of an issued one (`corrects`); the work is a job with progress."""
    corrects = _corrected(request)
    form = DraftForm(request.POST or None, officer=request.user, corrects=corrects, initial=_initial(request, corrects))
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        require(request.user, Permission.ISSUE_BULLETIN, asked["area"].code)
        job = submit_draft(run=asked["run"], area=asked["area"], period=asked["period"], by=request.user,
                           terms=asked["terms"], issuer=asked["issuer"].strip(), corrects=corrects)
        messages.success(request, "正在起草，可以离开本页，完成后在“通报”里查看。")
        return redirect("office:job", job.pk)
    title = "更正通报" if corrects else "起草通报"
    return render(request, "assessment/bulletin_new.html", {
        "title": title, "form": form, "corrects": corrects, "ready": bool(form.fields["period"].choices),
        "crumbs": [{"label": "通报", "url": reverse("assessment:bulletins")}, {"label": title}]})


def _corrected(request) -> Bulletin | None:
    number = request.GET.get("corrects", "")
    if not number:
        return None
    bulletin = _bulletin_or_404(request, int(number) if number.isdigit() and len(number) < 19 else 0)
    require(request.user, Permission.ISSUE_BULLETIN, bulletin.area_id)
    if bulletin.state != Bulletin.State.ISSUED or bulletin_actions.superseded_by(bulletin):
        raise Http404("只有已印发、还没有更正过的通报可以更正")
    return bulletin


def _initial(request, corrects: Bulletin | None) -> dict:
    given = {name: request.GET[name] for name in ("area", "period", "programme", "run") if request.GET.get(name)}
    if corrects:
        given["issuer"] = corrects.content["document"]["signature"]
    return given


@allow(Permission.ISSUE_BULLETIN, methods=("POST",), writes=True)
def bulletin_issue(request, pk):
    """Issue under a number and date: checked at once, set as a job."""
    bulletin = _bulletin_or_404(request, pk)
    require(request.user, Permission.ISSUE_BULLETIN, bulletin.area_id)
    form = IssueForm(request.POST)
    if form.is_valid():
        try:
            bulletin_actions.check_issue(bulletin, form.cleaned_data["number"], form.cleaned_data["on"])
        except ValidationError as refusal:
            form.add_error(None, refusal)
    if not form.is_valid():
        return _show(request, bulletin, form, status=422)
    job = submit_issue(bulletin, number=form.cleaned_data["number"], on=form.cleaned_data["on"], by=request.user)
    messages.success(request, "正在编号、排版并固定，完成后不能再改。")
    return redirect("office:job", job.pk)


@allow(Permission.ISSUE_BULLETIN, methods=("POST",), writes=True)
def bulletin_withdraw(request, pk):
    """Take a draft back, with a reason."""
    bulletin = _bulletin_or_404(request, pk)
    require(request.user, Permission.ISSUE_BULLETIN, bulletin.area_id)
    form = WithdrawForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError("没有撤回：请写明撤回原因（200字以内）")
        bulletin_actions.withdraw(bulletin, reason=form.cleaned_data["reason"], by=request.user, request=request)
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        messages.success(request, "草稿已撤回，内容和原因仍可查看。")
    return redirect("assessment:bulletin", pk=bulletin.pk)


@allow(Permission.SEE_CASES)
def bulletin_file(request, pk):
    """The PDF as stored, proven by its digest."""
    bulletin = _bulletin_or_404(request, pk)
    try:
        content = bulletin_actions.pdf_of(bulletin)
    except bulletin_actions.FileLost as lost:
        raise Http404(str(lost)) from lost
    trail.record(request.user, "下载通报", f"bulletin:{bulletin.pk}", area=bulletin.area_id, request=request,
                 detail={"title": bulletin.title, "sha256": hashlib.sha256(content).hexdigest()})
    state = "" if bulletin.state == Bulletin.State.ISSUED else f"（{bulletin.get_state_display()}）"
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{bulletin.title}{state}.pdf")
    return response


def _bulletin_or_404(request, pk: int) -> Bulletin:
    return get_object_or_404(Bulletin.objects.visible_to(request.user).select_related(
        "area__parent", "run__programme", "run__area", "made_by", "issued_by"), pk=pk)
