"""Runs: the list, one run with the numbers it used, starting one, and the difference between two."""
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from assessment import differences
from assessment.differences import LABELS
from assessment.engine import lines_of
from assessment.filters import list_url
from assessment.forms import RunForm
from assessment.models import AreaSummary, Result, Run
from assessment.summaries import CRITERIA, counts_of
from assessment.tasks import submit_run
from office import trail
from office.access import allow, covers
from office.models import Area, Job, code_range
from office.roles import Permission

PAGE = 50
KIND_LABELS = {"now_met": "新达标", "no_longer_met": "不再达标", "only_after": "新增的户", "only_before": "不再有的户"}


@allow(Permission.SEE_CASES)
def run_list(request):
    """Finished runs that concern the officer's area, newest first; jobs under way stand on top."""
    before = request.GET.get("before", "")
    runs = Run.objects.visible_to(request.user).select_related("programme", "area", "started_by")
    if before.isdigit():
        runs = runs.filter(pk__lt=int(before[:18]))
    rows = list(runs.order_by("-pk")[:PAGE + 1])
    shown = {run.pk: _shown_area(request.user, run) for run in rows}
    summaries = {(s.run_id, s.area_id): s for s in AreaSummary.objects.filter(
        run__in=rows, area__in=set(shown.values()))}
    for run in rows:
        run.shown_area = shown[run.pk]
        run.own = summaries.get((run.pk, shown[run.pk].pk))
    open_jobs = Job.objects.visible_to(request.user).filter(
        task="assessment.tasks.assess", state__in=(Job.State.QUEUED, Job.State.RUNNING))
    return render(request, "assessment/runs.html", {
        "title": "考核计算", "runs": rows[:PAGE], "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "jobs": open_jobs, "can_assess": request.user.may(Permission.RUN_ASSESSMENT)})


@allow(Permission.SEE_CASES)
def run_page(request, pk):
    """One run: what was asked, every number used with its source, what came out, what to compare it with."""
    run = get_object_or_404(Run.objects.visible_to(request.user).select_related("programme", "area", "started_by"), pk=pk)
    others = (Run.objects.visible_to(request.user).filter(programme=run.programme_id).exclude(pk=run.pk)
              .order_by("-pk")[:30])
    lines = lines_of(run)
    area = _shown_area(request.user, run)
    counts = counts_of(run, lines, area.code)
    here = {"area": area.code, "run": run.pk}
    criteria = [{"label": LABELS[key], "counts": counts["criteria"][key], "not_met_url": list_url(**here, unmet=key),
                 "unknown_url": list_url(**here, unknown=key)} for key in CRITERIA]
    lists = {"all": list_url(**here), "met": list_url(**here, status="met"), "not_met": list_url(**here, status="not_met"),
             "villages": reverse("assessment:poor_villages", args=[area.code]) + f"?run={run.pk}"}
    return render(request, "assessment/run.html", {
        "title": str(run), "run": run, "lines": lines, "area": area, "counts": counts, "criteria": criteria,
        "lists": lists, "others": others,
        "crumbs": [{"label": "考核计算", "url": reverse("assessment:runs")}, {"label": str(run), "url": ""}]})


@allow(Permission.RUN_ASSESSMENT, methods=("GET", "POST"), writes=True)
def run_new(request):
    """Start a run for the own area; the work is a job with progress."""
    form = RunForm(request.POST or None, officer=request.user)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if not covers(request.user, Permission.RUN_ASSESSMENT, asked["area"].code):
            raise PermissionDenied("这个区域不在您的岗位范围内")
        job = submit_run(by=request.user, reason="人工发起", **asked)
        trail.record(request.user, "发起考核计算", job.title, area=asked["area"].code, request=request)
        messages.success(request, "计算已开始，可以离开本页，完成后在“考核计算”里查看")
        return redirect("office:job", job.pk)
    return render(request, "assessment/run_new.html", {
        "title": "新的考核计算", "form": form,
        "crumbs": [{"label": "考核计算", "url": reverse("assessment:runs")}, {"label": "新的考核计算", "url": ""}]})


@allow(Permission.SEE_CASES)
def compare(request):
    """The form of a run's page leads here: on to the difference of the two."""
    pair = [request.GET.get(name, "") for name in ("before", "after")]
    if not all(value.isdigit() for value in pair):
        raise Http404("请选择要比较的两次计算")
    return redirect("assessment:difference", *(int(value[:18]) for value in pair))


@allow(Permission.SEE_CASES)
def difference(request, before, after):
    """Who changed status between two runs, and why, household by household."""
    runs = {run.pk: run for run in Run.objects.visible_to(request.user).filter(pk__in=(before, after))
            .select_related("programme", "area")}
    if before not in runs or after not in runs or before == after:
        raise Http404("没有这两次计算")
    kind = request.GET.get("kind", "no_longer_met")
    if kind not in KIND_LABELS:
        raise Http404("没有这一类")
    old, new = runs[before], runs[after]
    counts = differences.count(old, new, request.user)
    households = differences.changed(old, new, request.user, kind, request.GET.get("after", ""), PAGE + 1)
    tabs = [{"label": label, "count": getattr(counts, name), "active": name == kind, "url": f"?kind={name}"}
            for name, label in KIND_LABELS.items()]
    return render(request, "assessment/difference.html", {
        "title": f"第{old.pk}次与第{new.pk}次计算的差别", "old": old, "new": new, "counts": counts, "tabs": tabs,
        "lines": list(zip(lines_of(old), lines_of(new), strict=False)), "rows": _reasons(households[:PAGE]),
        "kind": kind, "next": households[PAGE - 1].pk if len(households) > PAGE else None,
        "crumbs": [{"label": "考核计算", "url": reverse("assessment:runs")}, {"label": "差别", "url": ""}]})


def _shown_area(officer, run: Run) -> Area:
    """The run's area, or the officer's own where the run reaches beyond it: counts stop at the posting's border."""
    lo, hi = code_range(run.area_id)
    inside = [code for code in officer.scope if lo <= code < hi]
    above = any(code_range(code)[0] <= run.area_id < code_range(code)[1] for code in officer.scope)
    return run.area if above or not inside else officer.home_area


def _reasons(households: list) -> list[dict]:
    keys = [pk for h in households for pk in (h.before_id, h.after_id) if pk]
    results = Result.objects.select_related("run", "household_year").in_bulk(keys)
    rows = []
    for household in households:
        a, b = results.get(household.before_id), results.get(household.after_id)
        rows.append({"household": household, "name": (b or a).household_year.head_name, "before": a, "after": b,
                     "reasons": differences.reasons(a, b)})
    return rows
