"""Published figures: list, history of corrections, entry by the county or city office."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from import_export.formats.base_formats import CSV, XLSX

from office import actions, jobs, trail
from office.access import allow
from office.forms import StatisticFilter, StatisticForm
from office.models import Area, Statistic
from office.resources import StatisticResource
from office.roles import Permission
from office.statistics import is_unconfirmed, shown_figure

FORMATS = {"xlsx": XLSX, "csv": CSV}
RECOMPUTE = "assessment.tasks.recompute_after_statistic"


def _asked(request):
    """The filter form and the figures it leaves."""
    form = StatisticFilter(
        request.GET, areas=Area.objects.filter(statistics__isnull=False).distinct().order_by("code"),
        years=Statistic.objects.order_by("-year").values_list("year", flat=True).distinct())
    found = Statistic.objects.select_related("area", "entered_by").order_by("key", "area_id", "-year", "basis", "-known_on")
    if form.is_valid():
        found = found.filter(**{name: value for name, value in form.cleaned_data.items() if value})
    return form, found


@allow(Permission.READ_PROGRAMMES)
def statistic_list(request):
    form, found = _asked(request)
    rows = list(found)
    versions = dict(Statistic.history.values_list("id").annotate(Count("history_id")).order_by())
    for row in rows:
        row.shown, row.unconfirmed = shown_figure(row.value), is_unconfirmed(row.source)
        row.corrections = versions.get(row.pk, 1) - 1
    query = request.GET.urlencode()
    return render(request, "office/statistics.html", {
        "title": "统计数", "form": form, "rows": rows, "may_enter": request.user.may(Permission.ENTER_STATISTIC),
        "export_url": f"{reverse('office:statistics_export')}?format=xlsx&{query}",
        "csv_url": f"{reverse('office:statistics_export')}?format=csv&{query}"})


@allow(Permission.READ_PROGRAMMES)
def statistics_export(request):
    """What the list shows, as Excel or CSV."""
    name = request.GET.get("format", "xlsx")
    if name not in FORMATS:
        raise Http404("只能导出 xlsx 或 csv")
    _, found = _asked(request)
    made = FORMATS[name]()
    content = made.export_data(StatisticResource().export(found))
    if name == "csv":
        content = "\ufeff" + content   # without the mark Excel takes UTF-8 for the local code page
    trail.record(request.user, "导出统计数", detail={"format": name, "rows": found.count()}, request=request)
    answer = HttpResponse(content, content_type=made.get_content_type())
    answer["Content-Disposition"] = f'attachment; filename="statistics-{timezone.localdate():%Y%m%d}.{name}"'
    return answer


@allow(Permission.READ_PROGRAMMES)
def statistic_page(request, pk):
    """One figure with every value it had, who changed it and why."""
    statistic = get_object_or_404(Statistic.objects.select_related("area", "entered_by"), pk=pk)
    may_enter = request.user.may(Permission.ENTER_STATISTIC) and \
        actions.statistic_areas(request.user).filter(pk=statistic.area_id).exists()
    versions = list(statistic.history.select_related("history_user"))
    for version in versions:
        version.shown = shown_figure(version.value)
    return render(request, "office/statistic.html", {
        "title": str(statistic), "statistic": statistic, "unconfirmed": is_unconfirmed(statistic.source),
        "shown": shown_figure(statistic.value), "versions": versions, "may_enter": may_enter, "crumbs": _crumbs("详情")})


@allow(Permission.ENTER_STATISTIC, methods=("GET", "POST"), writes=True)
def statistic_new(request):
    form = StatisticForm(request.POST or None, officer=request.user)
    return _entry(request, form, "录入统计数")


@allow(Permission.ENTER_STATISTIC, methods=("GET", "POST"), writes=True)
def statistic_edit(request, pk):
    """Correct a stored figure, with a reason."""
    statistic = get_object_or_404(Statistic.objects.filter(area__in=actions.statistic_areas(request.user)), pk=pk)
    form = StatisticForm(request.POST or None, instance=statistic, officer=request.user, correcting=True)
    return _entry(request, form, "更正统计数")


def _entry(request, form, title):
    """Check, ask what is doubtful, store, have the affected runs computed again."""
    doubts = []
    if request.method == "POST" and form.is_valid():
        entered = form.instance
        stored = Statistic.objects.filter(pk=entered.pk).first() if form.correcting else actions.same_figure(entered)
        doubts = actions.doubts_about(entered, stored)
        seen = str(stored.value) if stored else ""
        # A confirmation counts for the figure that was shown with it, not for one a colleague stored meanwhile.
        if not doubts or form.cleaned_data["confirmed"] and form.cleaned_data["seen"] == seen:
            return _store(request, form)
        form.data = form.data.copy()
        form.data["seen"] = seen
        form.data.pop("confirmed", None)
    return render(request, "office/statistic_form.html", {
        "title": title, "form": form, "doubts": doubts, "crumbs": _crumbs(title),
        "check_url": "" if form.correcting else reverse("office:statistic_check")})


def _store(request, form):
    entered = form.instance
    # Without its key: whether it replaces a stored figure is found by what identifies it, in one way for both pages.
    entered.pk = None
    try:
        statistic, changed = actions.enter_statistic(statistic=entered, by=request.user, request=request,
                                                     reason=form.cleaned_data.get("reason", ""))
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)
        return render(request, "office/statistic_form.html", {
            "title": "录入统计数", "form": form, "doubts": [], "crumbs": _crumbs("录入统计数")})
    if not changed:
        messages.info(request, "这个数已经在系统中，没有变化。")
        return redirect("office:statistic", pk=statistic.pk)
    job = jobs.submit(RECOMPUTE, "统计数更新后重新计算", owner=request.user, statistic=statistic.pk)
    messages.success(request, f"已保存：{statistic} {shown_figure(statistic.value)}。受影响的考核正在重新计算（任务 {job.pk}），"
                     "原有结果保留；完成后可在“考核计算”查看差异。")
    return redirect("office:statistic", pk=statistic.pk)


@allow(Permission.ENTER_STATISTIC, methods=("POST",))
def statistic_check(request):
    """The field just left, with its error if there is one."""
    form = StatisticForm(request.POST, officer=request.user)
    name = request.headers.get("HX-Trigger-Name", "")
    if name not in form.fields:
        raise Http404
    form.is_valid()
    return render(request, "_components/form_field.html", {
        "field": form[name], "check_url": reverse("office:statistic_check")})


def _crumbs(label: str) -> list[dict]:
    return [{"label": "统计数", "url": reverse("office:statistics")}, {"label": label}]

