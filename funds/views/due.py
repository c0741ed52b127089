"""What is due in a programme: by payer, level and year, what came, what is missing, what is late, and by which clause."""
from collections import defaultdict
from decimal import Decimal

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from funds import due
from funds.due import Due
from funds.filters import address, programmes_of
from funds.rules import funding
from funds.states import Source
from funds.views.overview import way_down
from office.access import allow, area_or_404
from office.models import Programme
from office.roles import Permission

KINDS = {"standard": "财政扶贫投入标准", "minimum": "每年最低投入", "extra": "另行安排的专项", "village": "按村安排",
         "pledge": "认筹资金"}
MOST = 400            # dues shown in one table; villages by year are many


@allow(Permission.SEE_MONEY)
def due_page(request):
    """Dues of one programme in one area, with clause and quotation, opening to movements and people."""
    code = request.GET.get("area", "")
    area = area_or_404(request.user, code) if code else request.user.home_area
    programmes = [one for one in programmes_of(area) if _has_rules(one)]
    if not programmes:
        return render(request, "funds/due.html", {"title": "应到资金", "programme": None, "area": area,
                                                  "crumbs": way_down(request.user, area)})
    key = request.GET.get("programme", "")
    programme = next((one for one in programmes if one.pk == key), None if key else programmes[0])
    if programme is None:
        raise Http404("这份文件没有资金安排的规定")
    today = timezone.localdate()
    found = due.dues(programme, area)
    base_year = due.base_year_of(programme, area.pk)
    groups = _groups(programme, found, today)
    return render(request, "funds/due.html", {
        "title": f"应到资金 · {area.name}", "programme": programme, "area": area, "groups": groups, "today": today,
        "payers": _by_payer(found, today), "total": _sums(found, today), "years": _by_year(found, today),
        "base_year": base_year, "rules": _quotations(programme, found),
        "people_url": _people(programme, area.pk, base_year), "programme_url": reverse("office:programme", args=[programme.pk]),
        "tabs": [{"label": one.name, "url": address("funds:due", area=area.pk, programme=one.pk), "active": one is programme}
                 for one in programmes],
        "crumbs": [{"label": "资金总览", "url": address("funds:overview", area=area.pk)}, {"label": "应到资金"}]})


def _has_rules(programme: Programme) -> bool:
    rules = funding(programme.pk)
    return bool(rules.standard or rules.yearly or rules.villages)


def _people(programme: Programme, code: str, year: int | None) -> str:
    """The register's list of the households that were counted."""
    rule = funding(programme.pk).standard
    if rule is None or year is None:
        return ""
    return address("assessment:household_list", area=code, year=year, programme=programme.pk,
                   labour="able" if rule.counts == "labour" else "")


def _groups(programme: Programme, found: list[Due], today) -> list[dict]:
    """Tables by kind of due; every line with where it leads."""
    by_kind = defaultdict(list)
    for one in found:
        by_kind[one.kind].append({
            "due": one, "late": one.late(today), "missing": one.missing,
            "url": address("funds:movements", area=one.area_code, programme=programme.pk, source=one.payer, year=one.year,
                           kind="appropriation")})
    return [{"kind": kind, "label": label, "rows": by_kind[kind][:MOST], "more": len(by_kind[kind]) - MOST
             if len(by_kind[kind]) > MOST else 0} for kind, label in KINDS.items() if by_kind[kind]]


def _sums(rows: list[Due], today) -> dict:
    known = [one for one in rows if one.amount is not None]
    return {"amount": sum((one.amount for one in known), Decimal(0)), "received": sum((one.received for one in rows), Decimal(0)),
            "missing": sum((one.missing for one in known), Decimal(0)),
            "late": sum((one.late(today) or Decimal(0) for one in known), Decimal(0)),
            "unknown": len(rows) - len(known)}


def _by_payer(found: list[Due], today) -> list[dict]:
    """One line per payer, the payers outside the budget by name of their kind."""
    order = {value: place for place, value in enumerate(Source.values)}
    payers = sorted({one.payer for one in found}, key=lambda payer: order.get(payer, 99))
    return [{"label": Source(payer).label if payer else "出资单位待定",
             **_sums([one for one in found if one.payer == payer], today)} for payer in payers]


def _by_year(found: list[Due], today) -> list[dict]:
    """One line per year; what is due for the whole programme stands first."""
    years = sorted({one.year for one in found}, key=lambda year: year or 0)
    return [{"label": f"{year}年" if year else "整个政策期", **_sums([one for one in found if one.year == year], today)}
            for year in years]


def _quotations(programme: Programme, found: list[Due]) -> list:
    """The numbers that the dues rest on, with clause and the document's own words."""
    keys = {one.key for one in found}
    numbers = [one for one in programme.numbers.order_by("pk") if one.key in keys or one.key.startswith("share_")]
    return [one for one in numbers if one.quote]
