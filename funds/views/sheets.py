"""Sheets: the money of one project, and that of a village or township with its projects, now or as of a day."""
import datetime

from django.shortcuts import redirect, render
from django.utils import timezone

from funds import dashboard, sheets
from funds.filters import DayForm, address, parameters_of
from funds.flows import Lens
from funds.holdings import holdings
from funds.idle import WORDS, days_idle, limits, rule_in_words
from funds.models import Account, Movement, Project
from funds.states import AccountKind, Kind, ProjectState
from funds.views.movements import steps_for
from funds.views.overview import way_down
from office.access import allow, area_or_404
from office.models import Level, Officer
from office.money import from_fen
from office.roles import Permission

LONGEST = 200          # projects and movements that a sheet lists; the lists behind it have all
FIGURES = ("committed", "paid", "payees", "households", "unpaid")
TONE_OF_MARK = {"one": "wait", "two": "bad", "": ""}
TONES = {ProjectState.PROPOSED: "wait", ProjectState.REVIEWED: "wait", ProjectState.ENTERED: "info",
         ProjectState.UNDER_WAY: "info", ProjectState.COMPLETED: "good", ProjectState.ACCEPTED: "good",
         ProjectState.REMOVED: "none"}


def _day_of(request) -> datetime.date | None:
    form = DayForm(request.GET)
    form.is_valid()
    return form.cleaned_data.get("as_of")


def project_money(request, project: Project) -> dict:
    """The money of a project for its page: sums, what lies unpaid and since when, and the movements that name it."""
    as_of = _day_of(request)
    moved = Movement.objects.visible_to(request.user).filter(project=project)
    shown = moved.filter(on__lte=as_of) if as_of else moved
    movements = list(shown.filter(batch__isnull=True).select_related(
        "appropriation", "from_account", "to_account", "recorded_by", "approved_by").order_by("sequence")[:LONGEST + 1])
    return {
        "money": sheets.of_project(project, as_of), "movements": movements[:LONGEST], "more": len(movements) > LONGEST,
        "has_moved": moved.exists(), "accounts": _unpaid(request.user, project, as_of),
        "form": DayForm(request.GET), "as_of": as_of, "rule": rule_in_words(as_of or timezone.localdate()),
        "reset_url": address("funds:project", project.pk),
        "movements_url": address("funds:movements", project=project.pk, as_of=as_of),
        "links": {name: address("funds:movements", project=project.pk, flow=name, as_of=as_of) for name in FIGURES}}


def _unpaid(officer: Officer, project: Project, as_of: datetime.date | None) -> list[Account]:
    """Accounts of the project in which money lies, with since when, and what the officer may do with it now."""
    day = as_of or timezone.localdate()
    held = {one.pk: from_fen(one.fen) for one in holdings(Account.objects.visible_to(officer).filter(
        project=project, kind=AccountKind.PROJECT), as_of)}
    accounts = list(Account.objects.filter(pk__in=held).select_related("area", "appropriation", "project").order_by(
        "appropriation__issued_on", "pk"))
    for account in accounts:
        account.held, account.days = held[account.pk], days_idle(account.appropriation.issued_on, day)
        account.mark = limits(day).mark(account.days)
        account.steps = [] if as_of else steps_for(officer, account)
        account.url = address("funds:account", account.pk, as_of=as_of)
    return accounts


@allow(Permission.SEE_MONEY)
def village(request, code):
    """A village's (or township's, county's) sheet: projects, payments to households, by year and source, now or on a day."""
    area = area_or_404(request.user, code)
    if area.level in (Level.PROVINCE, Level.CITY):       # a sheet is of a place where money is used
        return redirect(address("funds:overview", area=area.pk))
    lens = Lens(request.user, area, as_of=_day_of(request))
    rows, whole = sheets.of_place(lens)
    for row in (*rows, whole):
        row.links = _links(lens, **row.query)
    items = sheets.household_items(lens)
    for row in items:
        asked = {"item": row["item"], "item_year": row["year"], "sheet": 1}
        row["links"] = {"paid": address("funds:movements", **parameters_of(lens), **asked, kind=Kind.HOUSEHOLD_PAYMENT),
                        "returned": address("funds:movements", **parameters_of(lens), **asked, kind=Kind.REFUND),
                        "net": address("funds:movements", **parameters_of(lens), **asked)}
    projects = list(Project.objects.visible_to(request.user).in_area(area.pk).select_related("area").order_by("-year", "number")
                    [:LONGEST + 1])
    money = sheets.of_projects([row.pk for row in projects], lens.as_of)
    for row in projects:
        row.money, row.tone = money.get(row.pk, sheets.Sums()), TONES[row.state]
    day = lens.as_of or timezone.localdate()
    days = max((days_idle(one.issued_on, day) for one in dashboard.idle_holdings(lens, today=day)), default=None)
    mark = limits(day).mark(days)
    return render(request, "funds/village.html", {
        "title": f"{area.name}资金台账", "area": area, "rows": rows, "whole": whole, "projects": projects[:LONGEST],
        "more": len(projects) > LONGEST, "longest": LONGEST, "items": items, "lens": lens, "form": DayForm(request.GET),
        "reset_url": address("funds:village", area.pk), "rule": rule_in_words(day), "days": days,
        "mark_word": WORDS[mark], "tone": TONE_OF_MARK[mark], "idle_url": address("funds:accounts", **parameters_of(lens)),
        "movements_url": address("funds:movements", **parameters_of(lens)),
        "all_projects": address("funds:projects", area=area.pk),
        "village_url": address("assessment:village", area.pk) if area.level == "village" else "",
        "crumbs": [*way_down(request.user, area)[:-1], {"label": area.name}]})


def _links(lens: Lens, **query) -> dict[str, str]:
    """Where each figure of a sheet leads."""
    return {name: address("funds:movements", **{**parameters_of(lens), **query}, sheet=1, flow=name) for name in FIGURES}
