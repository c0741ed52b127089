"""The home page of an area, the map's data, and the list of relatively poor villages."""
import json
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from assessment import dashboard
from assessment.explanation import explain_village, line_for
from assessment.models import AreaSummary, Run, VillageResult
from office.access import allow, area_or_404
from office.mandate import LineInForce
from office.models import Area, Level
from office.money import from_fen, grouped
from office.roles import Permission

OUTLINES = {"4414": "geo_meizhou_counties", "4415": "geo_shanwei_counties", "4416": "geo_heyuan_counties",
            "440704": "geo_jiangmen_jianghai"}
FIRST_PAGES = ((Permission.MANAGE_OFFICERS, "office:officers"), (Permission.MANAGE_POSTINGS, "office:postings"),
               (Permission.READ_TRAIL, "office:trail"))


@allow(None)
def home(request):
    """Where work begins: the dashboard of the own area; administrators go to their own page."""
    if request.user.may(Permission.SEE_CASES) and (area := request.user.home_area):
        return area_page(request, area.code)
    for permission, page in FIRST_PAGES:
        if request.user.may(permission):
            return redirect(page)
    return redirect("office:programmes")


@allow(Permission.SEE_CASES)
def area_page(request, code):
    """Dashboard of an area in the chosen or newest run."""
    area = area_or_404(request.user, code)
    runs = _runs_on_offer(request.user, area)
    run = _chosen(request, area, runs)
    context = {"area": area, "title": area.name, "crumbs": _crumbs(request.user, area, run), "runs": runs, "run": run}
    if run is None:
        context |= {"can_assess": request.user.may(Permission.RUN_ASSESSMENT),
                    "inner": Run.objects.visible_to(request.user).in_area(area.code)
                    .select_related("programme", "area").order_by("-year", "area_id", "-pk")[:20]}
        return render(request, "assessment/no_run.html", context)
    outline = OUTLINES.get(area.prefix)
    context |= {
        "board": dashboard.build(area, run),
        "map_url": reverse("assessment:map", args=[area.code]) + f"?run={run.pk}" if outline else "",
        "years": _switches(area, run, runs), "tree_url": reverse("assessment:tree"),
    }
    return render(request, "assessment/dashboard.html", context)


@allow(Permission.SEE_CASES)
def map_data(request, code):
    """Figures of the map: share of persons lifted out per county of the city."""
    area = area_or_404(request.user, code)
    run = _run_or_404(request, area)
    rows = AreaSummary.objects.filter(run=run, level=Level.COUNTY).in_area(area.code).select_related("area")
    items = [{"code": row.area_id[:6], "name": row.area.name,
              "value": round(100 * row.persons_met / row.persons, 1) if row.persons else None,
              "shown": f"{dashboard.rate(row.persons_met, row.persons)}%",
              "url": reverse("assessment:area", args=[row.area_id]) + f"?run={run.pk}"} for row in rows]
    return JsonResponse({"title": "达标人口占在册人口", "unit": "%", "items": items,
                         "geojson": reverse("assessment:outline", args=[area.code])})


@allow(Permission.SEE_CASES)
def outline(request, code):
    """Outlines of the counties of an area (示意图), from the data files of the product."""
    name = OUTLINES.get(area_or_404(request.user, code).prefix)
    if name is None:
        raise Http404("这个区域没有示意图")
    shapes = json.loads((Path(settings.BASE_DIR) / "office" / "data" / f"{name}.geojson").read_text("utf-8"))
    response = HttpResponse(json.dumps(shapes, ensure_ascii=False), content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=86400"
    return response


@allow(Permission.SEE_CASES)
def poor_villages(request, code):
    """Relatively poor villages of an area with their income against the line."""
    area = area_or_404(request.user, code)
    run = _run_or_404(request, area)
    results = (VillageResult.objects.filter(run=run).in_area(area.code).visible_to(request.user)
               .select_related("village", "run__programme").order_by("met", "pc_disposable_income", "village_id"))
    line = line_for([LineInForce.from_json(n) for n in run.numbers], "village")
    rows = [{"result": row, "income": None if row.pc_disposable_income is None
             else grouped(from_fen(row.pc_disposable_income)), "state": explain_village(row).criteria[0].state}
            for row in results]
    return render(request, "assessment/poor_villages.html", {
        "area": area, "run": run, "rows": rows, "line": line, "title": f"{area.name}相对贫困村",
        "crumbs": [*_crumbs(request.user, area, run), {"label": "相对贫困村", "url": ""}]})


def _runs_on_offer(officer, area: Area) -> list[Run]:
    """The newest run of each programme, year and basis that covers the area."""
    above = [area.code[:n].ljust(12, "0") for n in (2, 4, 6, 9, 12)]
    newest = {}
    runs = Run.objects.visible_to(officer).filter(area_id__in=above).select_related("programme", "area")
    for run in runs.order_by("-pk"):
        newest.setdefault((run.programme_id, run.year, run.basis), run)
    return sorted(newest.values(), key=lambda r: (-r.programme.end_year, r.programme_id, -r.year, r.basis))


def _chosen(request, area: Area, runs: list[Run]) -> Run | None:
    if request.GET.get("run"):
        return _run_or_404(request, area)
    programme, year, basis = (request.GET.get(n) for n in ("programme", "year", "basis"))
    fitting = [run for run in runs if programme in (None, "", run.programme_id)
               and year in (None, "", str(run.year)) and basis in (None, "", run.basis)]
    return next(iter(fitting), None)


def _run_or_404(request, area: Area) -> Run:
    wanted = request.GET.get("run", "")
    above = [area.code[:n].ljust(12, "0") for n in (2, 4, 6, 9, 12)]
    run = wanted.isdigit() and Run.objects.visible_to(request.user).filter(
        pk=int(wanted[:18]), area_id__in=above).select_related("programme__area", "area").first()
    if not run:
        raise Http404("没有这次计算，或它不包括这个区域")
    return run


def _switches(area: Area, run: Run, runs: list[Run]) -> list[dict]:
    """Tabs that lead to the other years, bases and programmes of the same area."""
    several = len({r.programme_id for r in runs}) > 1
    url = reverse("assessment:area", args=[area.code])
    return [{"label": f"{r.programme_id + ' ' if several else ''}{r.year}年{r.get_basis_display()}",
             "url": f"{url}?run={r.pk}",
             "active": (r.programme_id, r.year, r.basis) == (run.programme_id, run.year, run.basis)}
            for r in sorted(runs, key=lambda r: (r.programme_id, r.year, r.basis))]


def _crumbs(officer, area: Area, run: Run | None) -> list[dict]:
    visible = set(Area.objects.visible_to(officer).filter(code__in=[a.code for a in area.trail])
                  .values_list("code", flat=True))
    query = f"?run={run.pk}" if run else ""
    crumbs = []
    for step in area.trail:
        above_run = run is not None and len(step.prefix) < len(run.area.prefix)
        url = reverse("assessment:area", args=[step.code]) + ("" if above_run else query)
        crumbs.append({"label": step.name, "url": url if step.code in visible else ""})
    return crumbs
