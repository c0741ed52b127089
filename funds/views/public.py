"""The fund page anybody may read (公告公示): totals by document, year and project. No person, no household, no number of either.

Open without a login: the view says so itself (`login_not_required`), and `tests/test_access_everywhere.py` lists its address.
"""
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import cache_control

from funds import dashboard, sheets
from funds.dashboard import Lens
from funds.library import WAITING
from funds.models import Project
from funds.states import ProjectState
from office.access import allow
from office.models import Area

PUBLISHED = ("city", "county", "township")      # where notices of funds are put up
MOST = 300


@login_not_required
@cache_control(public=True, max_age=300)
@allow(None)
def public_funds(request, code):
    """What a place received and what became of it."""
    area = get_object_or_404(Area, pk=code, level__in=PUBLISHED)
    today = timezone.localdate()
    lens = Lens(officer=None, area=area)
    whole = dashboard.total(lens, today)
    if not whole.received and not whole.transferred:
        raise Http404("这个地区没有公告的扶贫资金")
    projects = list(Project.objects.in_area(area.pk).exclude(state__in=(*WAITING, ProjectState.REMOVED)).select_related("area")
                    .order_by("-year", "number")[:MOST + 1])
    money = sheets.of_projects([one.pk for one in projects])
    for one in projects:
        one.money = money.get(one.pk, sheets.Sums())
    return render(request, "funds/public.html", {
        "area": area, "day": today, "whole": whole, "programmes": dashboard.lines(lens, "programme", today),
        "years": dashboard.lines(lens, "year", today), "sources": dashboard.lines(lens, "source", today),
        "projects": projects[:MOST], "more": len(projects) > MOST})
