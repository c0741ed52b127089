"""Payments to households: a list from the register, checked, approved by another person, paid, matched with the bank."""
from collections import Counter

from django.contrib import messages
from django.db import transaction
from django.db.models import Case, Count, Exists, JSONField, OuterRef, Q, Sum, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from funds import payment_lists, payments, tasks
from funds.filters import BatchFilter, address
from funds.forms import a_moment_ago
from funds.ledger import Refused
from funds.models import BatchLine, Movement, PaymentBatch
from funds.project_forms import BANK_FILE_LIMIT, BatchForm, PayDayForm, ReturnForm
from funds.states import BankResult, BatchState, Finding, Kind
from funds.views.guidance import next_step
from office.access import allow, covers
from office.fields import MoneyField
from office.models import AuditEvent, Officer
from office.money import grouped
from office.paging import page_by_key
from office.roles import Permission
from office.sessions import unattended

HOME = {"label": "到户发放", "url": "/funds/batches/"}
TONES = {BatchState.DRAFT: "none", BatchState.CHECKED: "wait", BatchState.APPROVED: "info", BatchState.PAID: "info",
         BatchState.RECONCILED: "good", BatchState.CLOSED: "good", BatchState.DISCARDED: "none"}
LINE_TABS = (("", "全部"), ("live", "列入发放"), ("findings", "有疑点"), ("failed", "银行退回"))


def visible_batches(officer: Officer):
    """Batches of the officer's area, and wider ones that pay households there."""
    lines = BatchLine.objects.visible_to(officer).filter(batch=OuterRef("pk"))
    return PaymentBatch.objects.filter(Q(pk__in=PaymentBatch.objects.visible_to(officer).values("pk")) | Exists(lines))


def one_batch(request, pk) -> PaymentBatch:
    """The batch, if the officer may see it or a part of it."""
    return get_object_or_404(visible_batches(request.user).select_related(
        "area", "account__area", "account__project", "appropriation", "project", "programme", "recorded_by", "approved_by",
        "job", "investment"), pk=pk)


def _of_own_area(officer: Officer, rows: list[PaymentBatch]) -> dict[int, dict]:
    """Number and sum of the lines that the officer may see, for batches that reach beyond the own area."""
    found = BatchLine.objects.visible_to(officer).filter(batch__in=rows, live=True).order_by().values("batch").annotate(
        count=Count("pk"), total=Sum("amount", output_field=MoneyField()))
    return {row["batch"]: row for row in found}


@allow(Permission.SEE_MONEY)
def batch_list(request):
    """Batches, the latest first; of a wider one the clerk of a township sees the own part only."""
    form = BatchFilter(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    found = visible_batches(request.user).select_related("area", "recorded_by", "approved_by")
    found = found.filter(**{name: asked[name] for name in ("year", "state") if asked.get(name)})
    if q := asked.get("q"):
        found = found.filter(Q(number=q) | Q(item__contains=q))
    page = page_by_key(found, request.GET, descending=True)
    whole = {row.pk for row in page if covers(request.user, Permission.SEE_MONEY, row.area_id)}
    part = _of_own_area(request.user, [row.pk for row in page if row.pk not in whole])
    for row in page:
        row.tone = TONES[row.state]
        row.is_part = row.pk not in whole
        row.shown_count, row.shown_total = (row.lines_count, row.total) if row.pk in whole else (
            part.get(row.pk, {}).get("count", 0), part.get(row.pk, {}).get("total", 0))
    return render(request, "funds/batches.html", {
        "title": "到户发放", "form": form, "page": page, "may_record": request.user.may(Permission.RECORD_MONEY)})


@allow(Permission.RECORD_MONEY, methods=("GET", "POST"), writes=True)
def batch_new(request):
    """What is paid, by which standard, out of which account; a job then makes and checks the list."""
    given = {"account": request.GET.get("account", ""), **_as_before(request)}
    form = BatchForm(request.POST or None, officer=request.user, initial=given)
    if request.method == "POST" and form.is_valid():
        made = form.carried_out(_create, request, form.cleaned_data)
        if made:
            return redirect("funds:batch", made.pk)
    return render(request, "funds/batch_form.html", {
        "title": "新建发放批次", "form": form, "crumbs": [HOME, {"label": "新建发放批次"}]},
        status=422 if form.errors else 200)


def _as_before(request) -> dict:
    """What the form begins with: the facts of the list that is to be paid again to those whom the bank could not reach."""
    number = request.GET.get("again", "")
    before = visible_batches(request.user).filter(pk=int(number[:15])).first() if number.isascii() and number.isdigit() else None
    if before is None:
        return {"year": timezone.localdate().year}
    return {name: getattr(before, name) for name in ("account", "area", "item", "year", "unit", "standard", "use", "purpose",
                                                     "investment", "basis")}


@transaction.atomic
def _create(request, facts: dict) -> PaymentBatch:
    facts["account"] = type(facts["account"]).objects.select_for_update(of=("self",)).select_related(
        "area", "appropriation", "project", "programme").get(pk=facts["account"].pk)   # two clicks wait for one another here
    twin = PaymentBatch.objects.filter(
        account=facts["account"], area=facts["area"], item=facts["item"].strip(), year=facts["year"], standard=facts["standard"],
        recorded_by=request.user, recorded_at__gte=a_moment_ago(), state__in=(BatchState.DRAFT, BatchState.CHECKED)).first()
    if twin:
        messages.info(request, "这个批次刚刚已经建立，没有重复建立。")
        return twin
    made = payment_lists.create(request.user, **facts, request=request)
    tasks.submit_list(made, request.user)
    return made


@unattended
@allow(Permission.SEE_MONEY)
def batch(request, pk):
    """One batch: what stands in the list and why not, who did which step when, and what the bank said."""
    found = one_batch(request, pk)
    busy = found.job is not None and found.job.is_open
    job = {"job": found.job, "poll_url": reverse("funds:batch", args=[found.pk]),
           "cancel_url": reverse("office:job_cancel", args=[found.job.pk])
           if busy and found.job.owner_id == request.user.pk else ""}
    if request.htmx:
        return render(request, "_components/job_progress.html", job) if busy else HttpResponse(headers={"HX-Refresh": "true"})
    lines = found.lines.all() if covers(request.user, Permission.SEE_MONEY, found.area_id) else \
        BatchLine.objects.visible_to(request.user).filter(batch=found)
    chosen = request.GET.get("lines", "")
    context = {} if busy else _lines_context(request, lines, chosen)
    rights = _rights(request.user, found, busy)
    if not busy:
        unanswered, failed = context["counted"]["of_unanswered"], context["counted"]["of_failed"]
        rights["may_return"] = rights["may_return"] and unanswered > 0
        context["next"] = next_step(found, rights, unanswered, failed)
        context["may_pay_again"] = rights["may_close"] and failed > 0
    return render(request, "funds/batch.html", {
        "title": f"{found.item}", "batch": found, "tone": TONES[found.state], "busy": busy, **job, **context,
        "is_part": lines.model is BatchLine and not covers(request.user, Permission.SEE_MONEY, found.area_id),
        "steps": list(AuditEvent.objects.filter(subject=f"批次 {found.number}").order_by("sequence")[:50]),
        "returns": list(found.returns.select_related("received_by")), "pay_form": PayDayForm(), "return_form": ReturnForm(),
        "max_bytes": BANK_FILE_LIMIT, "failed_job": found.job is not None and found.job.state in ("failed", "cancelled"),
        "movements_url": address("funds:movements", batch=found.pk),
        "sees_account": covers(request.user, Permission.SEE_MONEY, found.account.area_id), **rights,
        "crumbs": [HOME, {"label": found.number}]})


def _rights(officer: Officer, found: PaymentBatch, busy: bool) -> dict:
    """Which buttons the officer gets in the present state."""
    records = not busy and covers(officer, Permission.RECORD_MONEY, found.account.area_id)
    approves = not busy and covers(officer, Permission.APPROVE_MONEY, found.account.area_id)
    return {"may_remake": records and found.is_open, "may_pay": records and found.state == BatchState.APPROVED,
            "may_return": records and found.state in (BatchState.PAID, BatchState.RECONCILED),
            "may_close": records and found.state == BatchState.RECONCILED,
            "may_discard": records and (found.is_open or found.state == BatchState.APPROVED),
            "may_approve": approves and found.state == BatchState.CHECKED and found.recorded_by_id != officer.pk
            and found.lines_count > 0}


_CHOSEN = {"": Q(), "live": Q(live=True), "findings": ~Q(findings=[]), "failed": Q(result="failed")}      # of LINE_TABS


def _counted(lines) -> tuple[dict, Counter]:
    """How many lines of each sort a list has, and how often each finding occurs, in one pass over the list."""
    counted, findings = Counter(), Counter()
    said = Case(When(live=False, then="findings"), output_field=JSONField())      # lines that are paid have none
    sorts = lines.order_by().values_list("live", "result", said).annotate(
        count=Count("pk"), total=Sum("amount", output_field=MoneyField()))
    for live, result, codes, count, total in sorts:
        findings.update(dict.fromkeys(codes or (), count))
        counted.update({"of_all": count, "of_live": count * live, "of_findings": count * bool(codes),
                        "of_success": count * (result == BankResult.SUCCESS), "of_failed": count * (result == BankResult.FAILED),
                        "of_unanswered": count * (live and not result), "live_total": total * live})
    return {name: counted[name] for name in ("of_all", "of_live", "of_findings", "of_success", "of_failed", "of_unanswered",
                                             "live_total")}, findings


def _lines_context(request, lines, chosen: str) -> dict:
    counted, findings = _counted(lines)
    words = dict(Finding.choices)
    shown = lines.filter(_CHOSEN.get(chosen, Q())).select_related("household__village")
    page = page_by_key(shown.defer("card"), request.GET, key="position")
    posted = dict(Movement.objects.filter(      # the conditions of the index `movement_line_paid_once`, so that it is used
        ~Q(kind=Kind.REVERSAL), batch_line__isnull=False, batch_line__in=[row.pk for row in page], kind=Kind.HOUSEHOLD_PAYMENT,
    ).order_by().values_list("batch_line", "pk"))
    for row in page:
        row.reasons = [words.get(code, code) for code in row.findings]
        row.movement = posted.get(row.pk)
    return {"page": page, "counted": counted,
            "findings": [{"label": words.get(code, code), "count": count} for code, count in findings.most_common()],
            "tabs": [{"label": label, "url": f"?lines={key}" if key else "?", "active": key == chosen,
                      "count": counted[f"of_{key or 'all'}"]} for key, label in LINE_TABS]}


@allow(Permission.RECORD_MONEY, methods=("POST",), writes=True)
def batch_remake(request, pk):
    """Make the list from the register again and check it; only while it is open."""
    found = one_batch(request, pk)
    with transaction.atomic():
        locked = PaymentBatch.objects.select_for_update(of=("self",)).select_related("job").get(pk=found.pk)
        if not locked.is_open:
            messages.info(request, f"批次{locked.get_state_display()}，名单不能再改动。")
        elif locked.job is None or not locked.job.is_open:
            tasks.submit_list(found, request.user)
    return redirect("funds:batch", found.pk)


def _step(request, pk, act, words: str):
    """Do one step and say what happened, or why not."""
    found = one_batch(request, pk)
    try:
        act(found, request.user, request=request)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, words)
    return redirect("funds:batch", found.pk)


@allow(Permission.APPROVE_MONEY, methods=("POST",), writes=True)
def batch_approve(request, pk):
    """Approve the list as it was shown: number and sum come along, so that nobody approves another list unseen."""
    found = one_batch(request, pk)
    shown = (request.POST.get("lines", ""), request.POST.get("total", ""))
    if found.state == BatchState.CHECKED and shown != (str(found.lines_count), str(found.total)):
        messages.error(request, "名单在您打开本页之后重新核对过，请先查看最新名单再批准。")
        return redirect("funds:batch", found.pk)
    if found.approved_by_id not in (None, request.user.pk) and found.state != BatchState.DISCARDED:
        messages.info(request, f"名单已由{found.approved_by}先行批准，没有重复批准。")
        return redirect("funds:batch", found.pk)
    words = f"已批准 {found.lines_count} 笔，合计 {grouped(found.total)} 元；名单不能再改动。"
    return _step(request, pk, payment_lists.approve, words)


@allow(Permission.RECORD_MONEY, methods=("POST",), writes=True)
def batch_discard(request, pk):
    """Set a list aside that was not paid."""
    return _step(request, pk, payment_lists.discard, "批次已作废，名单中的人员可以列入其他批次。")


@allow(Permission.RECORD_MONEY, methods=("POST",), writes=True)
def batch_close(request, pk):
    """File a batch that the bank has answered in full."""
    return _step(request, pk, payments.close, "批次已归档。")


@allow(Permission.RECORD_MONEY, methods=("POST",), writes=True)
def batch_pay(request, pk):
    """Pay the approved list by a job. A second click finds the job or the paid list and pays nobody twice."""
    found = one_batch(request, pk)
    form = PayDayForm(request.POST)
    if not form.is_valid():
        messages.error(request, "发放日期填写有误，没有发放。")
        return redirect("funds:batch", found.pk)
    on = form.cleaned_data["on"]
    with transaction.atomic():
        locked = PaymentBatch.objects.select_for_update(of=("self",)).select_related("job").get(pk=found.pk)
        if locked.state != BatchState.APPROVED:
            messages.info(request, f"批次{locked.get_state_display()}，没有重复发放。")
        elif locked.job is not None and locked.job.is_open:
            messages.info(request, "正在发放，没有重复提交。")
        elif on > timezone.localdate():
            messages.error(request, f"发放日期 {on} 还没有到，没有发放。")
        else:
            tasks.submit_payment(found, request.user, on)
    return redirect("funds:batch", found.pk)
