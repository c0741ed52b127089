"""What is due in a programme: by payer, level and year, what came, what is missing, what is late, and by which clause."""
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from funds import due
from funds.due import Due
from funds.entry_lists import NO_LINE
from funds.filters import address, area_of, programmes_of
from funds.printed_sums import printed_sums
from funds.rules import funding
from funds.states import Source
from funds.views.overview import way_down
from funds.village_dues import ORDINARY, POOR
from office.access import allow, area_or_404
from office.models import Area, Programme
from office.roles import Permission

KINDS = {"standard": "财政扶贫投入标准", "minimum": "每年最低投入", "extra": "另行安排的专项", "village": "按村安排",
         "pledge": "认筹资金"}
MOST = 100            # dues shown in one table; villages by year are many
KIND_CODES = {POOR: "poor", ORDINARY: "ordinary"}
PAYING_LEVELS = {
    "省级以上": (Source.CENTRAL, Source.PROVINCE), "市级": (Source.HELPER_CITY, Source.CITY, Source.CITY_FUND),
    "县级": (Source.COUNTY,), "镇级": (Source.TOWNSHIP,),
    "预算外": (Source.UNIT, Source.INDUSTRY, Source.SOCIETY, Source.LOAN), "出资单位待定": ("",)}


@allow(Permission.SEE_MONEY)
def due_page(request):
    """Dues of one programme in one area, with clause and quotation, opening to movements and people."""
    code = request.GET.get("area", "")
    area = area_or_404(request.user, code) if code else request.user.home_area
    programmes = sorted(programmes_of(area), key=lambda one: not _has_rules(one))      # those with rules first
    if not programmes:
        return render(request, "funds/due.html", {"title": "应到资金", "programme": None, "area": area,
                                                  "crumbs": way_down(request.user, area)})
    key = request.GET.get("programme", "")
    programme = next((one for one in programmes if one.pk == key), None if key else programmes[0])
    if programme is None:
        raise Http404("这份文件不适用于本地区")
    area, today = area_of(programme, area), timezone.localdate()
    found = due.dues(programme, area)
    base_year = due.base_year_of(programme, area.pk)
    groups = _groups(programme, area, found, today)
    own_sums = funding(programme.pk).printed

    def summed(rows: list[Due]) -> dict:
        return {**_sums(rows, today), "url": _opening(programme, area, rows)}

    return render(request, "funds/due.html", {
        "title": f"应到资金 · {area.name}", "programme": programme, "ruled": _has_rules(programme), "area": area,
        "groups": groups, "today": today,
        "payers": _by_payer(found, summed), "total": _sums(found, today), "years": _by_year(found, summed),
        "levels": _by_level(found, summed), "printed": printed_sums(programme, found) if area.pk == programme.area_id else [],
        "printed_elsewhere": bool(own_sums) and area.pk != programme.area_id, "minimums": any(
            one.kind == "minimum" for one in found), "villages": _villages(programme, area, found, today),
        "base_year": base_year, "rules": _quotations(programme, found),
        "people_url": _people(programme, area.pk, base_year), "programme_url": reverse("office:programme", args=[programme.pk]),
        "tabs": [{"label": one.name, "url": address("funds:due", area=code, programme=one.pk), "active": one is programme}
                 for one in programmes],
        "places": _places(request.user, area, programme),
        "crumbs": [*way_down(request.user, area, "funds:due"), {"label": "应到资金"}]})


def _places(officer, area: Area, programme: Programme) -> list[dict]:
    """The areas directly below that the officer sees, as links to the same page."""
    below = Area.objects.visible_to(officer).filter(parent=area).exclude(level="village").order_by("code")
    return [{"label": one.name, "url": address("funds:due", area=one.pk, programme=programme.pk)} for one in below]


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


def _groups(programme: Programme, area: Area, found: list[Due], today) -> list[dict]:
    """Tables by kind of due; every line with where it leads. Villages have a table of their own (`_villages`)."""
    by_kind = defaultdict(list)
    for one in found:
        if one.kind == "village":
            continue
        by_kind[one.kind].append({
            "due": one, "late": one.late(today), "missing": one.missing,
            "own_url": address("funds:pledge", _pledge(one)) if one.kind == "pledge" else "",
            "url": _movements(programme, area.pk, one)})
    return [{"kind": kind, "label": label, "shared": _shared([row["due"] for row in by_kind[kind]]),
             "rows": by_kind[kind][:MOST], "more": max(0, len(by_kind[kind]) - MOST)}
            for kind, label in KINDS.items() if by_kind[kind]]


def _pledge(one: Due) -> str:
    return one.key.removeprefix("pledge:")


def _movements(programme: Programme, code: str, one: Due) -> str:
    """The movements that a due's received sum is made of."""
    if one.kind == "pledge":
        return address("funds:movements", pledge=_pledge(one))
    line = {} if one.kind == "village" else {"line": one.key if one.kind == "extra" else NO_LINE}
    return address("funds:movements", flow="received", area=one.area_code if one.kind == "village" else code,
                   programme=programme.pk, source=one.payer, year=one.year, **line)


def _opening(programme: Programme, area: Area, rows: list[Due]) -> str:
    """Where the received sum of some dues leads: to its movements, or to the lines below when several came together."""
    by_standard = {one.payer for one in rows if one.kind == "standard"}
    came = [one for one in rows if one.received and (one.kind != "minimum" or one.payer not in by_standard)]
    return _movements(programme, area.pk, came[0]) if len(came) == 1 else "#dues"


def _shared(rows: list[Due]) -> dict | None:
    """How the dues of a table came about, when it is the same for all of them and so need not stand in every line."""
    told = {(one.derivation, one.clause) for one in rows}
    return {"derivation": rows[0].derivation, "clause": rows[0].clause} if len(told) == 1 and len(rows) > 1 else None


def _villages(programme: Programme, area: Area, found: list[Due], today) -> dict | None:
    """Sums per village by payer, kind of village and year, and the villages that lack most."""
    rows = [one for one in found if one.kind == "village"]
    if funding(programme.pk).villages is None:
        return None
    groups = defaultdict(list)
    for one in rows:
        groups[one.payer, one.subject, one.year].append(one)
    order = {value: place for place, value in enumerate(Source.values)}
    here = {"area": area.pk, "programme": programme.pk}
    made = [{"label": Source(payer).label if payer else "出资单位待定", "open": not payer, "subject": subject, "year": year,
             "villages": len(ones), "late": _sums(ones, today)["late"], "sums": _sums(ones, today),
             "each": ones[0].amount if len({one.amount for one in ones}) == 1 else None,
             "url": address("funds:supports", **here, payer=payer or "none", kind=KIND_CODES.get(subject, ""))}
            for (payer, subject, year), ones in sorted(groups.items(), key=lambda item: (
                order.get(item[0][0], 99), item[0][1], item[0][2]))]
    short = sorted((one for one in rows if one.missing), key=lambda one: (-(one.late(today) or 0), one.area_code, one.year))
    return {"label": funding(programme.pk).villages.label, "rows": made, "short": [_village_row(programme, one, today)
            for one in short[:MOST]], "more": max(0, len(short) - MOST), "supports_url": address("funds:supports", **here),
            "count": len({one.area_code for one in rows})}


def _village_row(programme: Programme, one: Due, today) -> dict:
    return {"due": one, "late": one.late(today), "missing": one.missing, "sheet_url": address("funds:village", one.area_code),
            "url": _movements(programme, one.area_code, one)}


def _sums(rows: list[Due], today) -> dict:
    """Sums of some dues. A yearly minimum is the floor, year by year, of what its payer owes by the standard: where both
    are due they are one sum, the larger of the share and the floors together."""
    by_standard = {one.payer for one in rows if one.kind == "standard"}
    floors = defaultdict(list)
    for one in rows:
        if one.kind == "minimum" and one.payer in by_standard:
            floors[one.payer].append(one)
    counted = [_with_floors(one, floors[one.payer]) if one.kind == "standard" and one.payer in floors else one
               for one in rows if one.kind != "minimum" or one.payer not in by_standard]
    known = [one for one in counted if one.amount is not None]
    late = sum((_late(one, floors.get(one.payer, ()) if one.kind == "standard" else (), today) for one in known), Decimal(0))
    return {"amount": sum((one.amount for one in known), Decimal(0)),
            "received": sum((one.received for one in counted), Decimal(0)),
            "missing": sum((one.missing for one in known), Decimal(0)), "late": late, "unknown": len(counted) - len(known)}


def _with_floors(standard: Due, floors: list[Due]) -> Due:
    return replace(standard, amount=max(standard.amount, sum((one.amount for one in floors), Decimal(0))))


def _late(one: Due, floors, today) -> Decimal:
    """What is late of a due; before its own day, what is late of its yearly floors and has not come since."""
    late = one.late(today) or Decimal(0)
    return max(late, min(sum((floor.late(today) or Decimal(0) for floor in floors), Decimal(0)), one.missing))


def _by_payer(found: list[Due], summed: Callable) -> list[dict]:
    """One line per payer, the payers outside the budget by name of their kind."""
    order = {value: place for place, value in enumerate(Source.values)}
    payers = sorted({one.payer for one in found}, key=lambda payer: order.get(payer, 99))
    return [{"label": Source(payer).label if payer else "出资单位待定",
             **summed([one for one in found if one.payer == payer])} for payer in payers]


def _by_level(found: list[Due], summed: Callable) -> list[dict]:
    """One line per level of the payers; those outside the budget are one."""
    made = []
    for label, payers in PAYING_LEVELS.items():
        if rows := [one for one in found if one.payer in payers]:
            made.append({"label": label, **summed(rows)})
    return made


def _by_year(found: list[Due], summed: Callable) -> list[dict]:
    """One line per year; what is due for the whole programme stands first."""
    years = sorted({one.year for one in found}, key=lambda year: year or 0)
    return [{"label": f"{year}年" if year else "整个政策期", **summed([one for one in found if one.year == year])}
            for year in years]


def _quotations(programme: Programme, found: list[Due]) -> list:
    """The numbers that the dues and the document's own sums rest on, with clause and the document's own words."""
    keys = {one.key for one in found} | {one.number for one in funding(programme.pk).printed}
    numbers = [one for one in programme.numbers.order_by("pk") if one.key in keys or one.key.startswith("share_")]
    return [one for one in numbers if one.quote]
