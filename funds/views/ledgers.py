"""The auditors' workbooks in the browser: ask for one, have full numbers approved, take it, and check one that comes back."""
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from funds import chain, tasks
from funds.ledger import Refused
from funds.ledger_forms import FULL, CheckForm, LedgerForm
from funds.ledgers import checking, orders
from funds.models import Account, ExportRecord, Movement
from funds.states import ExportState
from office import trail
from office.access import allow
from office.models import Job
from office.money import grouped
from office.paging import page_by_key
from office.roles import Permission
from office.sessions import unattended

HOME = {"label": "资金台账", "url": "/funds/ledgers/"}
TONES = {ExportState.REQUESTED: "wait", ExportState.QUEUED: "info", ExportState.DONE: "good", ExportState.TAKEN: "none",
         ExportState.REFUSED: "bad", ExportState.FAILED: "bad"}
WHAT = {"changed": ("改动", "wait"), "added": ("添加", "bad"), "removed": ("删除", "bad"), "moved": ("移动", "wait"),
        "seal": ("校验", "bad")}


def _export(request, pk: int) -> ExportRecord:
    found = orders.visible_to(request.user).select_related(
        "programme", "area", "requested_by", "decided_by", "job")
    return get_object_or_404(found, pk=pk)


@allow(Permission.SEE_MONEY)
def export_list(request):
    """Every export of the own area, the latest first: who took what, with which figures."""
    if not any(request.user.may(permission) for permission in orders.DECIDING):
        raise PermissionDenied("您的岗位不导出也不审批台账；核验台账请用“核验台账”页")
    found = orders.visible_to(request.user).select_related("programme", "area", "requested_by")
    state = request.GET.get("state", "")
    if state in ExportState.values:
        found = found.filter(state=state)
    page = page_by_key(found, request.GET, descending=True)
    for record in page:
        record.tone = TONES[record.state]
    return render(request, "funds/ledger_exports.html", {
        "title": "资金台账", "page": page, "may_export": request.user.may(Permission.EXPORT_LEDGER),
        "tabs": [{"label": label, "url": f"?state={value}" if value else "?", "active": value == state}
                 for value, label in [("", "全部"), *ExportState.choices]]})


@allow(Permission.EXPORT_LEDGER, methods=("GET", "POST"), writes=True)
def export_new(request):
    """Ask for a ledger: a job writes it at once; with full numbers somebody else approves first."""
    form = LedgerForm(request.POST or None, officer=request.user)
    if request.method == "POST" and form.is_valid():
        record = form.carried_out(_order, request, form.cleaned_data)
        if record:
            return redirect("funds:ledger_export", pk=record.pk)
    return render(request, "funds/ledger_export_new.html", {
        "title": "导出台账", "form": form, "crumbs": [HOME, {"label": "导出台账"}]}, status=422 if form.errors else 200)


@transaction.atomic
def _order(request, asked: dict) -> ExportRecord:
    record = orders.order(request.user, asked["kind"], asked["programme"], asked["area"], asked["year"],
                          masked=asked["numbers"] != FULL, reason=asked["reason"], request=request)
    if record.state == ExportState.QUEUED:
        tasks.submit_export(record)
    return record


@unattended
@allow(Permission.SEE_MONEY)
def export_page(request, pk):
    """One export: its progress, its figures, the decision on it, and the file for who asked."""
    record = _export(request, pk)
    busy = record.job is not None and record.job.is_open and record.state == ExportState.QUEUED
    own = record.requested_by_id == request.user.pk
    job = {"job": record.job, "poll_url": reverse("funds:ledger_export", args=[record.pk]),
           "cancel_url": reverse("office:job_cancel", args=[record.job.pk]) if busy and own else ""}
    if request.htmx:
        return render(request, "_components/job_progress.html", job) if busy else HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "funds/ledger_export.html", job | {
        "title": f"{record.area.name}{record.get_kind_display()}", "record": record, "tone": TONES[record.state], "busy": busy,
        "facts": _facts(record), "may_take": own and record.state == ExportState.DONE and orders.path_of(record).is_file(),
        "is_swept": record.state == ExportState.DONE and not orders.path_of(record).is_file(),
        "keep_days": settings.KEEP_FILES_DAYS,
        "may_retry": own and record.state == ExportState.QUEUED and not busy,
        "may_decide": orders.may_decide(request.user, record), "own": own,
        "crumbs": [HOME, {"label": record.number}]})


def _facts(record: ExportRecord) -> list[dict]:
    """The record in words."""
    numbers = "隐去" if record.masked else "完整号码"
    return [
        {"label": "导出编号", "value": record.number}, {"label": "政策文件", "value": record.programme.name},
        {"label": "区域", "value": record.area.name},
        {"label": "年度", "value": f"{record.year}年" if record.year else "全部年度"},
        {"label": "证件号码", "value": numbers}, {"label": "导出人", "value": str(record.requested_by or "系统命令")},
        {"label": "用途", "value": record.reason}, {"label": "审批人", "value": str(record.decided_by or "")},
        {"label": "审批意见", "value": record.decision_note}]


def _decide(request, pk: int, approve: bool):
    record = _export(request, pk)
    try:
        with transaction.atomic():
            record = orders.decide(record, request.user, approve=approve, note=request.POST.get("reason", ""), request=request)
            if approve:
                tasks.submit_export(record)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "已批准，文件生成后由申请人下载一次。" if approve else "已退回申请，没有生成文件。")
    return redirect("funds:ledger_export", pk=pk)


@allow(Permission.SEE_MONEY, methods=("POST",), writes=True)
def export_approve(request, pk):
    """A second person lets full numbers out."""
    return _decide(request, pk, approve=True)


@allow(Permission.SEE_MONEY, methods=("POST",), writes=True)
def export_refuse(request, pk):
    return _decide(request, pk, approve=False)


@allow(Permission.EXPORT_LEDGER, methods=("POST",), writes=True)
def export_retry(request, pk):
    """Send the work again of an export whose job ended without an outcome."""
    with transaction.atomic():
        record = get_object_or_404(ExportRecord.objects.select_for_update(of=("self",)), pk=pk, requested_by=request.user)
        if record.state == ExportState.QUEUED and not (record.job and record.job.is_open):
            tasks.submit_export(record)
    return redirect("funds:ledger_export", pk=pk)


@allow(Permission.EXPORT_LEDGER, methods=("GET", "POST"), writes=True)
def export_file(request, pk):
    """The workbook, for who asked for it; one with full numbers once, and only by a click on its button."""
    record = get_object_or_404(orders.visible_to(request.user), pk=pk, requested_by=request.user)
    if not record.masked and request.method != "POST":
        return redirect("funds:ledger_export", pk=pk)
    try:
        file = orders.take(record, request.user, request=request)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("funds:ledger_export", pk=pk)
    return FileResponse(file, as_attachment=True, filename=orders.path_of(record).name)


@allow(Permission.SEE_MONEY, methods=("GET", "POST"), writes=True)
def check_new(request):
    """Upload a ledger that came back: a job compares it with what it says of itself and with what was noted here."""
    form = CheckForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = checking.receive(form.cleaned_data["file"])
        except OSError:
            form.add_error("file", "服务器磁盘已满或不可写，文件没有收下，请联系系统管理员后重新上传")
        else:
            return redirect("funds:ledger_checked", pk=tasks.submit_check(request.user, kept).pk)
    return render(request, "funds/ledger_check.html", {
        "title": "核验台账", "form": form, "crumbs": [HOME, {"label": "核验台账"}],
        "checks": Job.objects.filter(task=tasks.CHECK, owner=request.user)[:10], **_chain_of(request.user)},
        status=422 if form.errors else 200)


def _chain_of(officer) -> dict:
    """Where the chain ends, and what the last check of the whole ledger found; places out of scope without a link."""
    verified = Job.objects.filter(task=tasks.VERIFY, owner=officer).order_by("-pk").first()
    found = verified.result if verified and verified.state == Job.State.DONE else {}
    sequence, digest = chain.head()
    return {"sequence": sequence, "digest": digest, "verified": verified,
            "bad_movement": Movement.objects.visible_to(officer).filter(pk=found.get("first_bad")).first(),
            "bad_account": Account.objects.visible_to(officer).filter(pk=found.get("account")).first()}


@allow(Permission.SEE_MONEY, methods=("POST",), writes=True)
def ledger_verify(request):
    """Recompute the whole chain and all balances in the background; the outcome stands on the page of the check."""
    tasks.submit_verification(request.user)
    trail.record(request.user, "发起核对资金流水链", request=request)
    return redirect("funds:ledger_check")


@unattended
@allow(Permission.SEE_MONEY)
def check_page(request, pk):
    """What the check found: in one sentence, and row by row."""
    job = get_object_or_404(Job.objects.filter(task=tasks.CHECK, owner=request.user), pk=pk)
    shown = {"job": job, "poll_url": reverse("funds:ledger_checked", args=[job.pk])}
    if request.htmx:
        return render(request, "_components/job_progress.html", shown) if job.is_open else \
            HttpResponse(headers={"HX-Refresh": "true"})
    found = job.result if job.state == Job.State.DONE else {}
    findings = [one | {"word": WHAT[one["what"]][0], "tone": WHAT[one["what"]][1]} for one in found.get("findings", [])]
    stated = found.get("stated", {})
    record = orders.visible_to(request.user).filter(number=stated.get("导出编号", "")).first()
    return render(request, "funds/ledger_checked.html", shown | {
        "title": f"核验结果 · {job.parameters['name']}", "found": found, "findings": findings,
        "count": len(findings) + found.get("more", 0), "record": record, "total": grouped(Decimal(found.get("total", 0))),
        "facts": [{"label": name, "value": stated.get(name, ""), "wide": name == "链头"}
                  for name in ("导出编号", "行数", "控制列", "控制总数", "链头序号", "链头")],
        "crumbs": [HOME, {"label": "核验台账", "url": reverse("funds:ledger_check")}, {"label": "核验结果"}]})
