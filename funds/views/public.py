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
FEWEST = 3             # households; a project for fewer is not named, since everybody there would know whom it means
NAME_LENGTH = 4        # a text no longer than this without one of the words below may be a person's name
BODIES = ("公司", "社", "厂", "场", "会", "局", "办", "站", "所", "中心", "院",
          "校", "队", "政府", "部", "处", "村", "镇", "街道", "园")


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
        one.public_name, one.public_implementer = _public_name(one), _public_body(one.implementer)
    return render(request, "funds/public.html", {
        "area": area, "day": today, "whole": whole, "programmes": dashboard.lines(lens, "programme", today),
        "years": dashboard.lines(lens, "year", today), "sources": dashboard.lines(lens, "source", today),
        "projects": projects[:MOST], "more": len(projects) > MOST})


def _public_name(project: Project) -> str:
    """The project's name, but for one that concerns a household or two."""
    return f"{project.category}到户项目" if 0 < project.households < FEWEST else project.name


def _public_body(implementer: str) -> str:
    """Who carries it out, when that is a body and not a person."""
    is_person = len(implementer) <= NAME_LENGTH and not any(word in implementer for word in BODIES)
    return "个人" if is_person and implementer else implementer
