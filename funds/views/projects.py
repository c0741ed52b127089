"""The project library, one project with its money, and a village's sheet."""
from decimal import Decimal

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from funds import dividends, library, sheets
from funds.filters import ProjectFilter, address
from funds.forms import programmes_for
from funds.ledger import Refused
from funds.library import WAITING
from funds.models import Project
from funds.project_forms import PROJECT_LEVELS, CourseForm, ProjectForm
from funds.states import ProjectState
from funds.views import watch
from funds.views.sheets import TONES, project_money
from office.access import allow, area_or_404, covers, within
from office.models import Area, AuditEvent, Officer, Programme
from office.paging import page_by_key
from office.roles import Permission

HOME = {"label": "项目库", "url": "/funds/projects/"}


@allow(Permission.SEE_MONEY)
def project_list(request):
    """Projects of the officer's area with what was planned, bound and paid."""
    form = ProjectFilter(request.GET, programmes=Programme.objects.order_by("issued_on", "key"))
    form.is_valid()
    asked = form.cleaned_data
    found = Project.objects.visible_to(request.user).select_related("area", "programme")
    if code := asked.get("area"):
        found = found.in_area(area_or_404(request.user, code).pk)
    found = found.filter(**{name: asked[name] for name in ("programme", "year", "state") if asked.get(name)})
    if q := asked.get("q"):
        found = found.filter(Q(number__startswith=q) | Q(name__contains=q))
    page = page_by_key(found, request.GET, descending=True)
    money = sheets.of_projects([row.pk for row in page])
    for row in page:
        row.money, row.tone = money.get(row.pk, sheets.Sums()), TONES[row.state]
    return render(request, "funds/projects.html", {
        "title": "项目库", "form": form, "page": page, "may_apply": request.user.may(Permission.PROPOSE_PROJECT)})


@allow(Permission.SEE_MONEY)
def project(request, pk):
    """One project: plan, course, money by stage, and everybody who dealt with it."""
    found = get_object_or_404(Project.objects.visible_to(request.user).select_related(
        "area", "programme", "recorded_by", "approved_by"), pk=pk)
    sheet = project_money(request, found)
    money = sheet["money"]
    may_approve = covers(request.user, Permission.APPROVE_MONEY, found.area_id)
    may_record = covers(request.user, Permission.RECORD_MONEY, found.area_id)
    waits_for_review = library.waits_for_review(found)
    return render(request, "funds/project.html", {
        "title": found.name, "project": found, "tone": TONES[found.state], **sheet,
        "plan": _plan(found), "course": _course(found), "watch": watch.of_project(request.user, found),
        "waiting": found.state in WAITING, "may_enter": may_approve and found.state in WAITING
        and not waits_for_review and found.recorded_by_id != request.user.pk, "is_own": found.recorded_by_id == request.user.pk,
        "may_remove": may_approve and found.state != ProjectState.REMOVED and not sheet["has_moved"],
        "may_edit": library.may_change(found, request.user), "waits_for_review": waits_for_review,
        "may_review": found.state == ProjectState.PROPOSED and found.recorded_by_id != request.user.pk and covers(
            request.user, Permission.REVIEW_PROJECT, found.area_id),
        **_investments(request.user, found, money.committed, may_record),
        "trail": list(AuditEvent.objects.filter(subject=f"项目 {found.number}").order_by("sequence")[:100]),
        "crumbs": [HOME, {"label": found.number}]})


def _investments(officer: Officer, found: Project, committed: Decimal, may_record: bool) -> dict:
    """What of the project's money was invested, and whether there is some left to invest."""
    standings = dividends.standings(officer, list(found.investments.select_related("project__area")), timezone.localdate())
    left = committed - sum((one.investment.amount for one in standings), Decimal(0))
    return {"investments": standings, "may_record": may_record, "may_invest": may_record and left > 0
            and found.entered_on is not None and found.state != ProjectState.REMOVED}


def _plan(found: Project) -> list[dict]:
    def label(name: str) -> str:
        return str(Project._meta.get_field(name).verbose_name)

    rows = [{"label": label(name), "value": getattr(found, name)} for name in (
        "number", "category", "sub_category", "use", "implementer", "person_responsible", "assisting_unit",
        "approval_document", "mechanism")]
    rows[2:2] = [{"label": "建设性质", "value": found.get_construction_display()},
                 {"label": "地点", "value": found.area.name, "url": address("funds:village", found.area_id)
                  if found.area.level == "village" else "", "hint": "相对贫困村" if found.in_poor_village else ""}]
    rows.append({"label": "受益", "value": f"{found.villages} 村 {found.households} 户 {found.persons} 人",
                 "hint": f"其中贫困户 {found.poor_households} 户 {found.poor_persons} 人"})
    rows.append({"label": "内容及规模", "value": found.content, "wide": True})
    return rows


def _span(start, end) -> str:
    return f"{start or '—'} 至 {end or '—'}" if start or end else ""


def _course(found: Project) -> list[dict]:
    return [
        {"label": "入库", "value": str(found.entered_on or ""), "hint": f"{found.approved_by} 审定" if found.approved_by else ""},
        {"label": "计划工期", "value": _span(found.planned_start, found.planned_end)},
        {"label": "实际工期", "value": _span(found.actual_start, found.actual_end)},
        {"label": "进度", "value": f"{found.progress}%"},
        {"label": "验收", "value": str(found.accepted_on or ""),
         "hint": " ".join(filter(None, (found.acceptance, found.acceptance_number)))},
        {"label": "资产归属", "value": found.asset_owner, "hint": f"{found.handed_over_on} 移交" if found.handed_over_on else ""},
        {"label": "绩效评价", "value": found.rating, "hint": " ".join(filter(None, (
            f"{found.score.normalize():f} 分" if found.score is not None else "", str(found.rated_on or ""))))}]


@allow(Permission.PROPOSE_PROJECT, methods=("GET", "POST"), writes=True)
def project_new(request):
    """Apply for a project."""
    given = {"year": timezone.localdate().year, "programme": programmes_for(request.user, Permission.PROPOSE_PROJECT).last()}
    return _entry(request, ProjectForm(request.POST or None, officer=request.user, initial=given), "申报项目")


@allow(Permission.PROPOSE_PROJECT, methods=("GET", "POST"), writes=True)
def project_edit(request, pk):
    """Change an application; of a project in the library only its course."""
    found = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    if found.state == ProjectState.REMOVED:
        raise Http404("项目已出库")
    library.require_change(found, request.user, found.area_id)
    if found.state in WAITING:
        return _entry(request, ProjectForm(request.POST or None, instance=found, officer=request.user), "修改项目申报")
    return _entry(request, CourseForm(request.POST or None, instance=found), "登记实施情况")


def _entry(request, form, title):
    if request.method == "POST" and form.is_valid():
        try:
            stored = library.keep(form.instance, request.user, request=request)
        except Refused as refused:
            form.say(refused)
        else:
            messages.success(request, _next_step(stored))
            return redirect("funds:project", stored.pk)
    own = form.instance if form.instance.pk else None
    return render(request, "funds/project_form.html", {
        "title": title, "form": form, "uses": getattr(form, "uses", []), "course": isinstance(form, CourseForm),
        "back_url": address("funds:project", own.pk) if own else address("funds:projects"),
        "crumbs": [HOME, *([{"label": own.number, "url": address("funds:project", own.pk)}] if own else []),
                   {"label": title}]}, status=422 if form.errors else 200)


@allow(Permission.PROPOSE_PROJECT)
def place_options(request):
    """Suggestions while typing: places where the officer may apply or enter money, the way down behind the name."""
    text = request.GET.get("area", "").strip()
    found = list(Area.objects.filter(
        within("code", request.user.scope_for(Permission.PROPOSE_PROJECT)), Q(name__contains=text) | Q(code__startswith=text),
        level__in=PROJECT_LEVELS).select_related("parent").order_by("code")[:20]) if text else []
    return render(request, "office/options.html", {
        "options": [{"value": f"{place.pk} {place.name}", "label": place.parent.name if place.parent else place.name}
                    for place in found]})


def _next_step(stored: Project) -> str:
    if stored.entered_on:
        return "已保存。"
    if library.waits_for_review(stored):
        return "已保存；先由镇分管领导审核，再由县审定入库。"
    return "已保存；由另一人审定入库后才能安排资金。"


@allow(Permission.REVIEW_PROJECT, methods=("POST",), writes=True)
def project_review(request, pk):
    """The township's review, before the county decides."""
    found = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    try:
        library.review(found, request.user, request=request)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"项目 {found.number} 已审核，等待县审定入库。")
    return redirect("funds:project", found.pk)


@allow(Permission.APPROVE_MONEY, methods=("POST",), writes=True)
def project_enter(request, pk):
    """Into the library, by another person than the one who applied."""
    found = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    try:
        library.enter(found, request.user, request=request)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"项目 {found.number} 已入库，可以安排资金。")
    return redirect("funds:project", found.pk)


@allow(Permission.APPROVE_MONEY, methods=("POST",), writes=True)
def project_remove(request, pk):
    """Turn an application down, or take a project without money out of the library, with a reason."""
    found = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    try:
        library.turn_down(found, request.user, reason=request.POST.get("reason", ""), request=request)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"项目 {found.number} 已出库。")
    return redirect("funds:project", found.pk)
