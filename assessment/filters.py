"""The filters of the household list as they stand in the address: read, checked, and turned into a selection.

Addresses may come from other pages: `year area programme run` say which households, `q idn idt` look for one,
`status unmet unknown labour category cause residence place income_from income_to` narrow down, `sort` orders.
"""
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils import timezone

from assessment.models import Run
from assessment.register import ANY, PLACES, SORTS, STATUSES, Selection, newest_year
from assessment.rows import CRITERION_LABELS
from assessment.search import TOKENS, from_parameters, understand
from households.codes import Category, Cause, Residence
from office.access import area_or_404
from office.models import Area, Programme

YEARS = range(2014, 2031)      # what the register takes (workbook contract)
LABOUR = {"able": "有劳动能力", "unable": "无劳动能力"}
CRITERION_CHOICES = list(CRITERION_LABELS.items())


def _choice(label: str, choices, empty: str = "全部") -> forms.ChoiceField:
    listed = list(choices.items()) if isinstance(choices, dict) else list(choices)
    return forms.ChoiceField(label=label, choices=[("", empty), *listed], required=False)


def _amount(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=-10 ** 9, max_value=10 ** 9, decimal_places=2, required=False)


class RegisterFilters(forms.Form):
    """What can be narrowed down. A value that is not on offer is said at its field and counts as not given."""

    q = forms.CharField(label="查找", required=False, max_length=60, widget=forms.TextInput(attrs={
        "type": "search", "placeholder": "姓名、拼音首字母、户编号、证件号码或其后六位", "autocomplete": "off"}))
    year = forms.TypedChoiceField(label="年度", choices=[(y, f"{y}年") for y in YEARS], coerce=int, required=False)
    programme = forms.ChoiceField(label="政策文件", required=False)
    status = _choice("是否达标", STATUSES)
    unmet = _choice("未达标项", CRITERION_CHOICES, "不限")
    unknown = _choice("待核项", [(ANY, "任一项"), *CRITERION_CHOICES], "不限")
    labour = _choice("劳动能力", LABOUR)
    category = _choice("贫困户属性", Category.choices)
    cause = _choice("主要致贫原因", Cause.choices)
    residence = _choice("城乡", Residence.choices)
    place = _choice("所在村", PLACES)
    income_from = _amount("人均收入（元）不低于")
    income_to = _amount("人均收入（元）低于")

    def __init__(self, data, programmes: list[Programme], **options):
        super().__init__(data, **options)
        self.fields["programme"].choices = [("", "自动选择"), *((p.key, p.name) for p in programmes)]
        if len(programmes) < 2:
            self.fields["programme"].widget = forms.HiddenInput()

    @property
    def leading(self) -> list:
        """The fields always in sight, beside the search and the area."""
        return [self[name] for name in ("year", "programme", "status", "unmet") if not self[name].is_hidden]

    @property
    def folded(self) -> list:
        """The fields that stand folded away."""
        return [self[name] for name in FOLDED]

    def show_year(self, year: int) -> None:
        """Show the year that is in use where none was asked for."""
        self.data = {**self.data.dict(), "year": str(year)}


NARROWING = ("status", "unmet", "unknown", "labour", "category", "cause", "residence", "place", "income_from",
             "income_to")
FOLDED = tuple(name for name in NARROWING if name not in ("status", "unmet"))
SEARCHING = ("q", "idn", "idt")
IDENTIFYING = ("year", "area", "programme", "run")
REMEMBERED = (*IDENTIFYING, *SEARCHING, *NARROWING, "sort")


@dataclass
class Listing:
    """A request for a list, understood: the selection, the form to show again, and the address it came from."""

    selection: Selection | None      # None: the register holds nothing in this officer's area yet
    form: RegisterFilters
    area: Area | None
    programme: Programme | None
    programmes: list[Programme]
    parameters: QueryDict

    @property
    def run(self) -> Run | None:
        return self.selection.run if self.selection else None

    def query(self, **changes) -> str:
        """The address's parameters with some changed; None or blank takes one away. Starts with "?" when any are left."""
        kept = {name: self.parameters[name] for name in REMEMBERED if self.parameters.get(name)}
        kept |= {name: str(value) for name, value in changes.items()}
        return query_of(**kept)

    @property
    def in_force(self) -> list[dict[str, str]]:
        """Filters in force as label and the address that lifts each."""
        found = []
        if self.selection and (search := self.selection.search):
            found.append({"label": search.label, "url": self.query(q="", idn="", idt="") or "?"})
        for name in NARROWING:
            value = self.form.cleaned_data.get(name)
            if value not in (None, ""):
                field = self.form.fields[name]
                shown = dict(field.choices).get(value, value) if hasattr(field, "choices") else value
                found.append({"label": f"{field.label}：{shown}", "url": self.query(**{name: ""}) or "?"})
        if self.parameters.get("run") and self.run:
            found.append({"label": f"固定第{self.run.pk}次计算", "url": self.query(run="") or "?"})
        return found

    @property
    def folded_in_use(self) -> bool:
        return any(self.form.cleaned_data.get(name) not in (None, "") or name in self.form.errors for name in FOLDED)

    @property
    def unseen(self) -> list[tuple[str, str]]:
        """Parameters that the form passes on without a field: a pinned run, the order, a search by ID number."""
        hidden = ["run", "sort", *TOKENS] + (["programme"] if self.form["programme"].is_hidden else [])
        return [(name, self.parameters[name]) for name in hidden if self.parameters.get(name)]

    @property
    def plain_url(self) -> str:
        """The list without anything but year, area and programme."""
        return list_url(**{name: self.parameters.get(name, "") for name in ("year", "area", "programme")})


def query_of(**parameters) -> str:
    """Parameters as "?a=b&c=d"; blanks and None are left out, and nothing at all is an empty text."""
    kept = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"?{urlencode(kept)}" if kept else ""


def list_url(**parameters) -> str:
    """Address of the household list narrowed down as given, for figures that open what they are made of."""
    return reverse("assessment:household_list") + query_of(**parameters)


def fit_for_address(parameters) -> tuple[dict[str, str], bool]:
    """Parameters as they may stand in an address, and whether an ID number had to be replaced by its blind index."""
    kept = {name: parameters[name].strip() for name in REMEMBERED if parameters.get(name)}
    search = understand(kept.get("q", ""), timezone.localdate())
    if not (search and search.is_secret):
        if search:      # a new search replaces the one before
            kept = {name: value for name, value in kept.items() if name not in TOKENS}
        return kept, False
    kept = {name: value for name, value in kept.items() if name not in SEARCHING}
    return kept | search.parameters, True


def programmes_for(area_code: str) -> list[Programme]:
    """Programmes whose area contains this one or lies inside it; with the newest document last."""
    above = [area_code[:n].ljust(12, "0") for n in (2, 4, 6, 9, 12)]
    lo_hi = Area.objects.within(area_code)
    return list(Programme.objects.filter(area_id__in=above) | Programme.objects.filter(area__in=lo_hi))


def read(officer, parameters: QueryDict) -> Listing:
    """The listing that an address asks for. Http404 for an area outside the scope or a run the officer cannot see."""
    area = area_or_404(officer, parameters["area"]) if parameters.get("area") else None
    place = area or officer.home_area
    programmes = programmes_for(place.code) if place else []
    form = RegisterFilters(parameters, programmes)
    form.is_valid()
    given = form.cleaned_data
    run = _pinned(officer, parameters.get("run", ""))
    year = run.year if run else given.get("year") or (newest_year(officer, area.code if area else "") or
                                                      newest_year(officer))
    if year is None:
        return Listing(None, form, area, None, programmes, parameters)
    form.show_year(year)
    programme, run = _judged_by(run, given.get("programme"), programmes, year, place)
    sort = parameters.get("sort", "no")
    if sort.lstrip("-") not in SORTS:
        sort = "no"
    narrowing = {name: given[name] for name in NARROWING if given.get(name) not in (None, "")}
    selection = Selection(officer.scope, year, area.code if area else "", run,
                          from_parameters(parameters, timezone.localdate()), pinned=bool(parameters.get("run")),
                          sort=sort, **narrowing)
    return Listing(selection, form, area, programme, programmes, parameters)


def _pinned(officer, number: str) -> Run | None:
    if not number:
        return None
    run = Run.objects.visible_to(officer).select_related("programme").filter(pk=number).first() if number.isdigit() \
        and len(number) < 10 else None
    if run is None:
        raise Http404("没有这次计算")
    return run


def _judged_by(pinned: Run | None, key: str, programmes: list[Programme], year: int,
               place: Area) -> tuple[Programme | None, Run | None]:
    """The programme asked for, or the one in force in the year, and its latest run; several in force: the first judged."""
    if pinned:
        return pinned.programme, pinned
    candidates = [p for p in programmes if p.key == key] if key else [p for p in programmes if year in p.years]
    for programme in candidates:
        if run := Run.objects.latest(programme.key, year, place.code):
            return programme, run
    return (candidates[0] if candidates else None), None
