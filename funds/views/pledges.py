"""Sums promised from outside the budget: the list with what came and what is late, one of them, entering and correcting."""
import datetime
from decimal import Decimal

from django.contrib import messages
from django.db import transaction
from django.db.models import F, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from funds import pledges
from funds.entry_forms import PledgeCorrectionForm, PledgeFilter, PledgeForm
from funds.filters import address
from funds.forms import a_moment_ago
from funds.models import Movement, Pledge
from office.access import allow, covers
from office.fields import MoneyField
from office.models import Area, AuditEvent, Officer, Programme
from office.money import grouped
from office.paging import page_by_key
from office.roles import Permission

HOME = {"label": "认筹资金", "url": "/funds/pledges/"}


@allow(Permission.SEE_MONEY)
def pledge_list(request):
    """Promises of the officer's area, narrowed by the address, with their sums and those that are late."""
    today, seen = timezone.localdate(), Pledge.objects.visible_to(request.user)
    form = PledgeFilter(request.GET, areas=Area.objects.filter(pk__in=seen.values("area")).order_by("code"),
                        programmes=Programme.objects.filter(pk__in=seen.values("programme")).order_by("issued_on", "key"))
    form.is_valid()
    asked = form.cleaned_data
    found = pledges.with_arrived(seen).filter(**{name: asked[name] for name in ("programme", "source") if asked.get(name)})
    if asked.get("area"):
        found = found.in_area(asked["area"])
    if asked.get("q"):
        found = found.filter(payer_name__contains=asked["q"])
    narrowed = {"open": {"arrived__lt": F("amount")}, "late": {"arrived__lt": F("amount"), "due_on__lt": today},
                "done": {"arrived__gte": F("amount")}}.get(asked.get("state"), {})
    found = found.filter(**narrowed)
    page = page_by_key(found.select_related("area", "programme"), request.GET, descending=True)
    for row in page:
        row.missing, row.late = max(row.amount - row.arrived, Decimal(0)), pledges.is_late(row, today)
        row.movements_url = address("funds:movements", pledge=row.pk)
    return render(request, "funds/pledges.html", {
        "title": "认筹资金", "form": form, "page": page, "sums": _sums(found, today), "late_url": "?state=late",
        "may_record": request.user.may(Permission.RECORD_MONEY), "narrowed": any(asked.values())})


def _sums(found, today: datetime.date) -> dict:
    """Promised, come, missing and late of all pledges that the filters leave, in one statement each."""
    money = MoneyField()
    short = found.filter(arrived__lt=F("amount"))
    missing = Sum(F("amount") - F("arrived"), output_field=money, default=0)
    return found.aggregate(promised=Sum("amount", output_field=money, default=0),
                           came=Sum("arrived", output_field=money, default=0)) | {
        "missing": short.aggregate(total=missing)["total"],
        "late": short.filter(due_on__lt=today).aggregate(total=missing)["total"]}


def _visible(request, pk: int) -> Pledge:
    rows = Pledge.objects.visible_to(request.user).select_related("area", "programme", "recorded_by")
    return get_object_or_404(pledges.with_arrived(rows), pk=pk)


@allow(Permission.SEE_MONEY)
def pledge(request, pk):
    """One promise: what came, by which documents, what is still missing, and every correction with its reason."""
    found = _visible(request, pk)
    today = timezone.localdate()
    documents = list(found.appropriations.order_by("issued_on", "pk")[:100])
    posted = set(Movement.objects.filter(appropriation__in=documents, kind="appropriation", reversed_by__isnull=True)
                 .values_list("appropriation", flat=True))
    standing = set(pledges.documents_of(found).values_list("pk", flat=True))
    for one in documents:
        one.word, one.tone = ("已入账", "good") if one.pk in posted else \
            ("待复核", "wait") if one.pk in standing else ("已作废", "none")
    may_record = covers(request.user, Permission.RECORD_MONEY, found.area_id)
    missing = max(found.amount - found.arrived, Decimal(0))
    return render(request, "funds/pledge.html", {
        "title": f"{found.payer_name}认筹", "pledge": found, "late": pledges.is_late(found, today), "documents": documents,
        "missing": missing, "days": (today - found.due_on).days, "may_record": may_record,
        "movements_url": address("funds:movements", pledge=found.pk), "steps": _steps(found),
        "enter_url": address("funds:appropriation_new", pledge=found.pk) if may_record and missing else "",
        "crumbs": [HOME, {"label": found.payer_name}]})


def _steps(found: Pledge) -> list[AuditEvent]:
    """What was done to it; corrections with what was changed, in words."""
    steps = list(AuditEvent.objects.filter(subject=pledges.subject_of(found)).order_by("sequence")[:100])
    for step in steps:
        words = [f"{Pledge._meta.get_field(name).verbose_name}：{before} → {after}"
                 for name, (before, after) in step.detail.get("changed", {}).items()]
        step.words = "；".join([*words, *([f"原因：{step.detail['reason']}"] if step.detail.get("reason") else [])])
    return steps


@allow(Permission.RECORD_MONEY, methods=("GET", "POST"), writes=True)
def pledge_new(request):
    """Take a promise down; a second click finds the first."""
    home = request.user.home_area
    form = PledgeForm(request.POST or None, officer=request.user, initial={
        "area": f"{home.pk} {home.name}", "programme": request.GET.get("programme")})
    if request.method == "POST" and form.is_valid():
        stored = form.carried_out(_record, request, form.cleaned_data)
        if stored:
            return redirect("funds:pledge", stored.pk)
    return render(request, "funds/pledge_form.html", {
        "title": "登记认筹", "form": form, "back_url": address("funds:pledges"), "draft": "pledge-new",
        "crumbs": [HOME, {"label": "登记认筹"}]}, status=422 if form.errors else 200)


@transaction.atomic
def _record(request, facts: dict) -> Pledge:
    Officer.objects.select_for_update().get(pk=request.user.pk)     # two clicks wait for one another here
    twin = Pledge.objects.filter(recorded_by=request.user, recorded_at__gte=a_moment_ago(), **facts).first()
    if twin:
        messages.info(request, "这笔认筹刚刚已经登记，没有重复登记。")
        return twin
    stored = pledges.record(request.user, request=request, **facts)
    messages.success(request, f"已登记{stored.payer_name}认筹 {grouped(stored.amount)} 元；到账后登记指标文并选定这笔认筹。")
    return stored


@allow(Permission.RECORD_MONEY, methods=("GET", "POST"), writes=True)
def pledge_edit(request, pk):
    """Correct what was taken down wrongly, with the reason."""
    found = _visible(request, pk)
    form = PledgeCorrectionForm(request.POST or None, officer=request.user, pledge=found)
    if request.method == "POST" and form.is_valid():
        stored = form.carried_out(pledges.correct, found, request.user, request=request, **form.cleaned_data)
        if stored:
            messages.success(request, "已更正。")
            return redirect("funds:pledge", stored.pk)
    return render(request, "funds/pledge_form.html", {
        "title": "更正认筹", "form": form, "back_url": address("funds:pledge", found.pk), "draft": f"pledge-{found.pk}",
        "crumbs": [HOME, {"label": found.payer_name, "url": address("funds:pledge", found.pk)}, {"label": "更正"}]},
        status=422 if form.errors else 200)


@allow(Permission.RECORD_MONEY)
def pledge_options(request):
    """Open promises of the payer that a document's form names, as choices of its field."""
    found = pledges.open_to(request.user)
    asked = {name: request.GET.get(name, "").strip() for name in ("source", "programme", "payer_name")}
    found = found.filter(**{name: value for name, value in asked.items() if value})
    return render(request, "funds/pledge_options.html", {"pledges": found[:100], "chosen": request.GET.get("pledge", "")})
