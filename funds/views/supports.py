"""Villages by whose units help them: what each gets a year and who pays, to be set for one village or for many at once."""
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render

from funds import supports
from funds.entry_forms import SupportFilter, SupportForm
from funds.filters import address, area_of, programmes_of
from funds.rules import funding
from funds.states import Source
from funds.views.overview import way_down
from funds.village_dues import VillageAmounts, VillageCase, kind_label, payer_of, summed, villages_of
from office.access import allow, area_or_404, covers
from office.models import Area, Programme
from office.roles import Permission

SHOWN = 200          # villages on one page


@allow(Permission.SEE_MONEY)
def support_list(request):
    """The villages of an area in a programme that gives sums per village."""
    return _page(request, *_place(request, request.GET))


@allow(Permission.SET_VILLAGE_SUPPORT, methods=("POST",), writes=True)
def support_set(request):
    """The same helper (payer, amount) for all chosen villages; when something is wrong, for none, and nothing is lost."""
    area, programme = _place(request, request.POST)
    if programme is None:
        raise Http404("适用于本地区的文件没有按村安排资金的规定")
    form = SupportForm(request.POST, entered=funding(programme.pk).villages.entered)
    chosen = request.POST.getlist("village")[:2000]
    if form.is_valid():
        villages = list(Area.objects.visible_to(request.user).filter(pk__in=chosen))
        changed = form.carried_out(supports.set_support, request.user, programme, villages, request=request, **form.cleaned_data)
        if changed is not None:
            messages.success(request, f"已登记 {changed} 个村。" if changed else "与已登记的相同，没有改动。")
            kept = {name: request.POST.get(f"keep_{name}", "") for name in ("q", "kind", "helper", "payer", "page")}
            return redirect(address("funds:supports", area=area.pk, programme=programme.pk, **kept))
    return _page(request, area, programme, form, chosen)


def _place(request, asked) -> tuple[Area, Programme | None]:
    """Area and programme of the address; the first programme with sums per village when none is named."""
    code = asked.get("area", "")
    area = area_or_404(request.user, code) if code else request.user.home_area
    offered = [one for one in programmes_of(area) if funding(one.pk).villages]
    key = asked.get("programme", "")
    programme = next((one for one in offered if one.pk == key), None if key else offered[0] if offered else None)
    if key and programme is None:
        raise Http404("这份文件没有按村安排资金的规定")
    return area_of(programme, area) if programme else area, programme


def _page(request, area: Area, programme: Programme | None, form=None, chosen=()):
    crumbs = [*way_down(request.user, area, "funds:supports"), {"label": "村帮扶级别"}]
    if programme is None:
        return render(request, "funds/supports.html", {"title": "村帮扶级别", "programme": None, "area": area, "crumbs": crumbs})
    given = request.GET if request.method == "GET" else {
        name: request.POST.get(f"keep_{name}", "") for name in ("q", "kind", "helper", "payer", "page")}
    asked = SupportFilter(given)
    asked.is_valid()
    rule, everything = funding(programme.pk).villages, villages_of(programme, area)
    amounts = VillageAmounts(programme)
    found = [one for one in everything if _wanted(one, asked.cleaned_data, programme)]
    page = min(max(1, _number(given.get("page"))), max(1, -(-len(found) // SHOWN)))
    here = {"area": area.pk, "programme": programme.pk}
    kept = {name: asked.cleaned_data.get(name) or "" for name in ("q", "kind", "helper", "payer")}
    rows = [_row(one, programme, amounts) for one in found[(page - 1) * SHOWN:page * SHOWN]]
    return render(request, "funds/supports.html", {
        "title": f"村帮扶级别 · {area.name}", "programme": programme, "area": area, "rule": rule, "form": asked, "rows": rows,
        "set_form": form or SupportForm(entered=rule.entered), "chosen": set(chosen),
        "may_set": covers(request.user, Permission.SET_VILLAGE_SUPPORT, area.pk),
        "counts": _counts(everything, programme), "payers": summed(programme, everything), "found": len(found),
        "open_url": address("funds:supports", **here, payer="none"),
        "unset_url": address("funds:supports", **here, helper="none"),
        "unknown_url": address("funds:supports", **here, kind="unknown"),
        "due_url": address("funds:due", **here), "reset_url": address("funds:supports", **here),
        "keep": [{"name": name, "value": value} for name, value in here.items()],
        "kept": [{"name": f"keep_{name}", "value": value} for name, value in {**kept, "page": str(page)}.items() if value],
        "pages": [{"label": f"第{number}页", "active": number == page, "url": address(
            "funds:supports", **here, **kept, page=number)} for number in range(1, -(-len(found) // SHOWN) + 1)],
        "tabs": [{"label": one.name, "url": address("funds:supports", programme=one.pk), "active": one == programme}
                 for one in programmes_of(request.user.home_area) if funding(one.pk).villages],
        "crumbs": crumbs}, status=422 if form is not None and form.errors else 200)


def _number(text: str | None) -> int:
    return int(text[:6]) if text and text.isascii() and text.isdigit() else 1


def _wanted(case: VillageCase, asked: dict, programme: Programme) -> bool:
    """Whether a village meets the filters."""
    rule = funding(programme.pk).villages
    kind = {True: "poor", False: "ordinary", None: "unknown"}[case.kind_in(programme.start_year)[0]]
    concerned = not rule.entered or case.helper in rule.helped_by
    payer = payer_of(rule, case) or ("none" if concerned else "")
    q = asked.get("q") or ""
    return ((not q or q in case.name or q in case.town or case.code.startswith(q))
            and asked.get("kind") in ("", None, kind) and asked.get("helper") in ("", None, case.helper or "none")
            and asked.get("payer") in ("", None, payer))


def _row(case: VillageCase, programme: Programme, amounts: VillageAmounts) -> dict:
    rule, year = amounts.rule, programme.start_year
    is_poor, told = case.kind_in(year)
    concerned, payer = amounts.concerns(case), payer_of(rule, case)
    amount = amounts.amount(case, year) if concerned else None
    return {"case": case, "kind": kind_label(is_poor), "told": told, "poor": is_poor, "concerned": concerned,
            "payer": Source(payer).label if payer else "", "entered": bool(case.support and case.support.payer),
            "amount": amount, "village_url": address("funds:village", case.code),
            "set_url": address("funds:supports", area=case.code[:9].ljust(12, "0"), programme=programme.pk, q=case.name) + "#set"}


def _counts(cases: list[VillageCase], programme: Programme) -> dict:
    kinds = [case.kind_in(programme.start_year)[0] for case in cases]
    rule = funding(programme.pk).villages
    return {"villages": len(cases), "poor": kinds.count(True), "ordinary": kinds.count(False), "unknown": kinds.count(None),
            "unset": sum(not case.helper for case in cases), "self_helped": sum(case.helper in rule.helped_by for case in cases),
            "entered": sum(bool(case.support and case.support.guidance_amount) for case in cases)}
