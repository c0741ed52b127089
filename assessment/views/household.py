"""The page of one household: its status explained, its people, income and guarantees over the years, its history."""
from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from assessment import changes, filters, record
from assessment.views.places import way_down
from funds.sheets import payments_to
from households.codes import Cause
from households.models import Household, HouseholdYear, MemberYear
from office import trail
from office.access import allow, covers
from office.masking import mask_card, mask_phone
from office.reveal import reveal
from office.roles import Permission

# What may be shown in clear: where it is kept, and what it is called.
REVEALED = {"phone": (HouseholdYear, "phone", "联系电话"), "bank_card": (HouseholdYear, "bank_card", "银行卡号"),
            "id_number": (MemberYear, "id_number", "证件号码"), "member_phone": (MemberYear, "phone", "联系电话"),
            "disability_card": (MemberYear, "disability_card", "残疾证号")}
HOUSING = ("dangerous_house", "danger_level", "housing_area", "has_electricity", "has_broadcast", "has_network",
           "has_sanitary_toilet", "fuel_type", "road_type", "road_distance", "arable_area", "forest_area",
           "orchard_area", "water_area", "in_cooperative")
UNITS = {"housing_area": "平方米", "road_distance": "公里", "arable_area": "亩", "forest_area": "亩", "orchard_area": "亩",
         "water_area": "亩"}


@never_cache
@allow(Permission.SEE_CASES)
def household(request, no: str):
    """Everything the register and the runs say of one household, in the year asked for."""
    found = get_object_or_404(Household.objects.visible_to(request.user).select_related("village"), no=no)
    listing = filters.read(request.user, request.GET)
    years = record.years_of(found)
    year = _chosen(years, request.GET.get("year", ""))
    pinned = listing.run if request.GET.get("run") else None
    verdicts = record.verdicts_on(year, pinned)
    members = record.members_of(year)
    trail.record(request.user, "查看户", f"household:{no}", area=found.village_id, request=request,
                 detail={"year": year.year})
    context = {
        "title": f"{year.head_name}户", "household": found, "year": year, "years": years, "listing": listing,
        "verdicts": verdicts, "cards": record.criterion_cards(verdicts), "members": members,
        "active": sum(person.is_active for person in members), "stale": _is_stale(year, members, verdicts),
        "income_rows": record.income_table(years), "income_columns": record.income_columns(years),
        "guarantee_rows": record.guarantee_table(years), "changes": changes.changes_of(years),
        "tabs": _tabs(found, years, year, listing), "basics": _basics(year), "housing": _housing(year),
        "payments": payments_to(no), "may_see_money": request.user.may(Permission.SEE_MONEY),
        "may_reveal": covers(request.user, Permission.REVEAL_PERSONAL, found.village_id),
        "crumbs": [*way_down(request.user, found.village, lambda place: _place_url(place, year.year)),
                   {"label": f"{year.head_name}户"}],
        "back_url": reverse("assessment:household_list") + listing.query(year=year.year)}
    if listing.selection and listing.selection.year == year.year:
        context |= dict(zip(("previous", "next"), listing.selection.neighbours(no), strict=True))
    return render(request, "households/household.html", context | {"list_query": listing.query(year=year.year)})


class ReasonForm(forms.Form):
    reason = forms.CharField(label="查看原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
                             help_text="至少5个字，例如“核对社保卡号，电话通知本人”。原因、时间和您的姓名会记入操作日志。")


@never_cache
@allow(Permission.REVEAL_PERSONAL, methods=("GET", "POST"))
def household_reveal(request, no: str, what: str, pk: int):
    """Ask for the reason, then show one number once; the answer is never kept by a browser or proxy."""
    if what not in REVEALED:
        raise Http404("没有这一项")
    found = get_object_or_404(Household.objects.visible_to(request.user).select_related("village"), no=no)
    model, field, label = REVEALED[what]
    owner = {"household": found} if model is HouseholdYear else {"household_year__household": found}
    row = get_object_or_404(model.objects.visible_to(request.user), pk=pk, **owner)
    form, value = ReasonForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            value = reveal(request.user, row, field, form.cleaned_data["reason"], request)
        except ValidationError as error:
            form.add_error("reason", error)
    name = row.head_name if model is HouseholdYear else row.name
    page = {"title": f"查看{label}", "form": form, "value": value, "label": label, "name": name, "household": found,
            "back_url": reverse("assessment:household", args=[no]) + filters.query_of(year=row.year)}
    return render(request, "households/reveal.html", page, status=422 if form.errors else 200)


def _chosen(years: list[HouseholdYear], asked: str) -> HouseholdYear:
    """The year asked for, else the newest one."""
    if not years:
        raise Http404("这一户没有年度数据")
    return next((year for year in years if str(year.year) == asked), years[-1])


def _is_stale(year: HouseholdYear, members: list[MemberYear], verdicts: list[record.Verdict]) -> bool:
    """Whether the register changed after one of the verdicts shown was computed."""
    oldest = min((verdict.run.created_at for verdict in verdicts), default=None)
    return oldest is not None and max(year.updated_at, *(person.updated_at for person in members), year.updated_at) > oldest


def _tabs(found: Household, years: list[HouseholdYear], shown: HouseholdYear, listing: filters.Listing) -> list[dict]:
    base = reverse("assessment:household", args=[found.no])
    return [{"label": f"{year.year}年", "url": base + listing.query(year=year.year, run=""), "active": year is shown}
            for year in years]


def _place_url(place, year: int) -> str:
    if place.level == "village":
        return reverse("assessment:village", args=[place.code]) + filters.query_of(year=year)
    return filters.list_url(area=place.code, year=year)


def _basics(year: HouseholdYear) -> list[dict]:
    """What the register says of the household itself; numbers masked."""
    causes = dict(Cause.choices)
    others = "、".join(causes.get(code, code) for code in filter(None, year.other_causes.split(",")))
    return [
        {"label": "贫困户属性", "value": year.get_category_display()},
        {"label": "劳动能力", "value": "有劳动能力" if year.labour_capacity else "无劳动能力"},
        {"label": "主要致贫原因", "value": year.get_main_cause_display(), "hint": others and f"其他：{others}"},
        {"label": "城乡类别", "value": year.get_residence_display()},
        {"label": "识别标准", "value": year.get_standard_display()},
        {"label": "首次识别时间", "value": year.first_identified_on and f"{year.first_identified_on:%Y-%m-%d}"},
        {"label": "联系电话", "value": mask_phone(year.phone), "reveal": year.phone and "phone"},
        {"label": "银行卡号", "value": mask_card(year.bank_card), "hint": year.bank_name,
         "reveal": year.bank_card and "bank_card"}]


def _housing(year: HouseholdYear) -> list[dict]:
    """Housing, land and services; a blank yes/no is unknown and shown as such."""
    rows = []
    for name in HOUSING:
        value = getattr(year, name)
        if isinstance(value, bool):
            value = "是" if value else "否"
        elif value not in (None, "") and name in UNITS:
            value = f"{value.normalize():f} {UNITS[name]}"
        rows.append({"label": HouseholdYear._meta.get_field(name).verbose_name, "value": value})
    return rows
