"""The tree of areas, and the page of one village."""
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse

from assessment import filters, places
from assessment.models import AreaSummary
from assessment.views.places import in_scope, way_down
from office.access import allow, area_or_404
from office.models import Area, Level
from office.roles import Permission
from villages.models import VillageYear


@allow(Permission.SEE_CASES)
def tree(request):
    """Areas from the officer's own down to the villages, opened along one way, with the counts of the latest run."""
    parameters = request.GET.copy()
    name = parameters.get("q", "").strip()[:30]
    for own in ("open", "q"):
        parameters.pop(own, None)
    listing = filters.read(request.user, parameters)
    roots = list(Area.objects.filter(pk__in=request.user.scope).order_by("code"))
    opened = area_or_404(request.user, request.GET["open"]) if request.GET.get("open") else roots[0] if len(roots) == 1 else None
    year = listing.selection.year if listing.selection else None
    rows = []
    if year:
        rows = places.counted_alone(places.found_by_name(request.user, name), listing.run, year) if name \
            else places.branches(roots, opened, listing.run, year)
    return render(request, "villages/tree.html", {
        "title": "区域和村", "listing": listing, "year": year, "name": name, "form": listing.form,
        "rows": [_branch(row, request.user, listing) for row in rows],
        "crumbs": [*way_down(request.user, request.user.home_area, _tree_url), {"label": "区域和村"}]})


@allow(Permission.SEE_CASES)
def village(request, code: str):
    """A village's facts over the years, its result against the village line, and its households by status."""
    place = area_or_404(request.user, code)
    if place.level != Level.VILLAGE:
        raise Http404("这不是村的代码")
    years = list(VillageYear.objects.filter(village=place).order_by("year"))
    parameters = request.GET.copy()
    parameters["area"] = code
    if not parameters.get("year") and not parameters.get("run") and years:
        parameters["year"] = str(years[-1].year)
    listing = filters.read(request.user, parameters)
    year = listing.selection.year if listing.selection else None
    run = listing.run
    summary = AreaSummary.objects.filter(run=run, area=place).first() if run else None
    pinned = run if request.GET.get("run") else None
    return render(request, "villages/village.html", {
        "title": place.name, "village": place, "year": year, "years": years, "listing": listing, "run": run,
        "current": next((one for one in years if one.year == year), None), "summary": summary,
        "figures": _figures(summary, code, run) if summary else [],
        "verdicts": places.village_verdicts(place, year, pinned) if year else [],
        "facts": places.village_facts(years), "causes": _causes(place, year, run) if year else [],
        "points": _points(summary, code, run) if summary else [],
        "tabs": _tabs(place, years, year), "list_url": filters.list_url(area=code, year=year),
        "crumbs": way_down(request.user, place, _tree_url)})


def _tree_url(area: Area) -> str:
    return reverse("assessment:tree") + filters.query_of(open=area.code)


def _branch(row: places.Branch, officer, listing: filters.Listing) -> dict:
    """A branch with the addresses it leads to: opening or closing it, its page, its households."""
    year = listing.selection.year
    base = {"year": year, "programme": listing.parameters.get("programme"), "run": listing.parameters.get("run")}
    target = row.area.code if not row.is_open else row.area.parent_id
    if not target or not in_scope(officer, target):
        target = None
    return {"row": row, "list_url": filters.list_url(area=row.area.code, **base),
            "met_url": filters.list_url(area=row.area.code, status="met", **base),
            "url": reverse("assessment:village", args=[row.area.code]) + filters.query_of(year=year) if row.is_village
            else reverse("assessment:tree") + filters.query_of(open=target, **base)}


def _figures(summary: AreaSummary, code: str, run) -> list[dict]:
    """Key figures of the village; each opens the households it counts."""
    def link(**more):
        return filters.list_url(area=code, run=run.pk, **more)
    missing = summary.households - summary.households_met
    return [{"label": "户数", "value": summary.households, "unit": "户", "url": link(), "tone": ""},
            {"label": "在册人口", "value": summary.persons, "unit": "人", "url": link(), "tone": ""},
            {"label": "达标户", "value": summary.households_met, "unit": "户", "url": link(status="met"), "tone": "good"},
            {"label": "未达标户", "value": missing, "unit": "户", "url": link(status="not_met"),
             "tone": "bad" if missing else "good"}]


def _points(summary: AreaSummary, code: str, run) -> list[dict]:
    return [{**point, "not_met_url": filters.list_url(area=code, run=run.pk, unmet=point["key"]),
             "unknown_url": filters.list_url(area=code, run=run.pk, unknown=point["key"])}
            for point in places.open_points(summary) if point["not_met"] or point["unknown"]]


def _causes(place: Area, year: int, run) -> list[dict]:
    return [{**cause, "url": filters.list_url(area=place.code, year=year, cause=cause["key"])}
            for cause in places.causes_in(place, year, run)]


def _tabs(place: Area, years: list[VillageYear], shown: int | None) -> list[dict]:
    base = reverse("assessment:village", args=[place.code])
    return [{"label": f"{one.year}年", "url": base + filters.query_of(year=one.year), "active": one.year == shown}
            for one in years]
