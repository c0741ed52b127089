"""Money invested for a yearly return: the list with what is due, shared out and at risk, entering it and correcting it."""
import datetime

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from funds import dividends, investments
from funds.entry_forms import InvestmentCorrectionForm, InvestmentFilter, InvestmentForm
from funds.filters import address
from funds.ledger import plain_text
from funds.models import Investment, Project
from funds.rules import timing
from office.access import allow, require
from office.models import AuditEvent
from office.money import grouped
from office.paging import page_by_key
from office.roles import Permission

HOME = {"label": "资产收益", "url": "/funds/investments/"}
TABS = {"": "全部", "near": "本金即将到期", "past": "本金已到期"}


@allow(Permission.SEE_MONEY)
def investment_list(request):
    """Investments of the officer's area with dividends due and shared out, and principals that fall due."""
    today = timezone.localdate()
    rule = timing("principal_notice_days", today)
    form = InvestmentFilter(request.GET, area=request.user.home_area)
    form.is_valid()
    asked = form.cleaned_data
    found = Investment.objects.visible_to(request.user).select_related("project__area")
    if asked.get("programme"):
        found = found.filter(project__programme=asked["programme"])
    if q := asked.get("q"):
        found = found.filter(Q(enterprise__contains=q) | Q(project__name__contains=q) | Q(project__number__startswith=q))
    conditions = {"": Q(), "past": Q(principal_due_on__lte=today),
                  "near": Q(principal_due_on__gt=today, principal_due_on__lte=today + datetime.timedelta(days=rule.value))}
    state = request.GET.get("state", "")
    state = state if state in TABS else ""
    kept = {name: asked.get(name) or "" for name in ("q", "programme")}
    page = page_by_key(found.filter(conditions[state]), request.GET, descending=True)
    page.rows[:] = dividends.standings(request.user, page.rows, today)
    return render(request, "funds/investments.html", {
        "title": "资产收益", "form": form, "page": page, "rule": rule, "state": state,
        "keep": [{"name": "state", "value": state}] if state else [],
        "tabs": [{"label": label, "url": address("funds:investments", **kept, state=value), "active": value == state,
                  "count": found.filter(conditions[value]).count()} for value, label in TABS.items()]})


@allow(Permission.RECORD_MONEY, methods=("GET", "POST"), writes=True)
def investment_new(request, pk):
    """Take an investment of a project's money down; a second click finds the first."""
    project = get_object_or_404(Project.objects.visible_to(request.user).select_related("area"), pk=pk)
    require(request.user, Permission.RECORD_MONEY, project.area_id)
    form = InvestmentForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        stored = form.carried_out(_record, request, project, form.cleaned_data)
        if stored:
            return redirect(address("funds:project", project.pk) + "#investments")
    return _form(request, form, project, "登记入股")


@transaction.atomic
def _record(request, project: Project, facts: dict) -> Investment:
    Project.objects.select_for_update().get(pk=project.pk)          # two clicks wait for one another here
    newest = project.investments.filter(recorded_by=request.user).order_by("-pk").first()
    if newest and (newest.enterprise, newest.amount, newest.starts_on, newest.term_months) == (
            plain_text(facts["enterprise"]), facts["amount"], facts["starts_on"], facts["term_months"]):
        messages.info(request, "这笔入股已经登记，没有重复登记。")
        return newest
    stored = investments.record(request.user, project, request=request, **facts)
    messages.success(request, f"已登记入股 {grouped(stored.amount)} 元，本金 {stored.principal_due_on} 到期。")
    return stored


@allow(Permission.RECORD_MONEY, methods=("GET", "POST"), writes=True)
def investment_edit(request, pk):
    """Correct what was taken down wrongly, with the reason."""
    found = get_object_or_404(Investment.objects.visible_to(request.user).select_related("project__area"), pk=pk)
    require(request.user, Permission.RECORD_MONEY, found.project.area_id)
    form = InvestmentCorrectionForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        stored = form.carried_out(investments.correct, found, request.user, request=request, **form.cleaned_data)
        if stored:
            messages.success(request, "已更正。")
            return redirect(address("funds:project", stored.project_id) + "#investments")
    steps = AuditEvent.objects.filter(subject=investments.subject_of(found)).order_by("sequence")[:100]
    return _form(request, form, found.project, "更正入股", steps=list(steps))


def _form(request, form, project: Project, title: str, steps=()):
    without = form.instance if form.instance.pk else None
    return render(request, "funds/investment_form.html", {
        "title": title, "form": form, "project": project, "room": investments.room(project, without), "steps": steps,
        "draft": f"investment-{without.pk if without else f'of-{project.pk}'}", "back_url": address("funds:project", project.pk),
        "crumbs": [HOME, {"label": project.number, "url": address("funds:project", project.pk)}, {"label": title}]},
        status=422 if form.errors else 200)
