"""Filters of the money pages as they stand in the address: which money is looked at, and how lists are narrowed."""
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from funds.flows import Lens
from funds.states import BatchState, Kind, ProjectState, Source
from office.access import area_or_404
from office.forms import DateInput
from office.models import Area, Programme
from office.models.area import Level

YEARS = range(2014, 2031)        # of an appropriation, as its table allows
LEVELS = dict(Level.choices)
VOUCHERS_AT_ONCE = 500           # that may be approved together


def address(view: str, *args, **parameters) -> str:
    """Address of a view with the parameters that are not blank."""
    kept = {name: value for name, value in parameters.items() if value not in (None, "", 0, False)}
    return reverse(view, args=args) + (f"?{urlencode(kept)}" if kept else "")


class LensForm(forms.Form):
    """Programme, year, source and day; what is not on offer is said at its field and counts as not given."""

    programme = forms.ChoiceField(label="政策文件", required=False)
    year = forms.TypedChoiceField(label="资金年度", required=False, coerce=int, empty_value=None,
                                  choices=[("", "全部"), *((year, f"{year}年") for year in YEARS)])
    source = forms.ChoiceField(label="资金来源", required=False, choices=[("", "全部"), *Source.choices])
    as_of = forms.DateField(label="截至日期", required=False, widget=DateInput())

    def __init__(self, *args, programmes=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [("", "全部"), *((one.pk, one.name) for one in programmes)]


class DayForm(forms.Form):
    """The day as of which a page is read."""

    as_of = forms.DateField(label="截至日期", required=False, widget=DateInput())


def programmes_of(area: Area) -> list[Programme]:
    """Programmes whose money can lie in the area: those of the area, of areas above it and inside it."""
    digits = len(area.prefix)
    return [one for one in Programme.objects.order_by("issued_on", "key")
            if one.area_id[:digits] == area.prefix or area.pk.startswith(Area(code=one.area_id).prefix)]


def area_of(programme: Programme, area: Area) -> Area:
    """Where a programme counts when an area is looked at: there, and from above the programme's own area as a whole."""
    return programme.area if programme.area_id.startswith(area.prefix) else area


def read_lens(request, form_class=LensForm) -> tuple[Lens, LensForm]:
    """The money that the address asks for; without an area that of the officer's own. 404 outside the scope."""
    code = request.GET.get("area", "")
    area = area_or_404(request.user, code) if code else request.user.home_area
    form = form_class(request.GET, programmes=programmes_of(area))
    form.is_valid()
    asked = {name: form.cleaned_data.get(name) for name in ("programme", "year", "source", "as_of")}
    return Lens(officer=request.user, area=area, programme=asked["programme"] or "", year=asked["year"],
                source=asked["source"] or "", as_of=asked["as_of"]), form


def parameters_of(lens: Lens) -> dict:
    """The lens as parameters of an address."""
    return {"area": lens.area.pk, "programme": lens.programme, "year": lens.year, "source": lens.source, "as_of": lens.as_of}


class MovementFilter(LensForm):
    kind = forms.ChoiceField(label="类型", required=False, choices=[("", "全部"), *Kind.choices])
    q = forms.CharField(label="凭证号、文号或收款人", required=False, max_length=60)
    since = forms.DateField(label="从", required=False, widget=DateInput())

    field_order = ("q", "kind", "programme", "year", "source", "since", "as_of")


class AppropriationFilter(LensForm):
    q = forms.CharField(label="文号或名称", required=False, max_length=60)
    flag = forms.ChoiceField(label="关注", required=False, choices=[
        ("", "全部"), ("late", "超期未分解"), ("one", "满一年未用完"), ("two", "满两年未用完")])

    field_order = ("q", "programme", "year", "source", "flag")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["as_of"]


class ProjectFilter(forms.Form):
    q = forms.CharField(label="编码或名称", required=False, max_length=60)
    programme = forms.ChoiceField(label="政策文件", required=False)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None,
                                  choices=[("", "全部"), *((year, f"{year}年") for year in YEARS)])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *ProjectState.choices])
    area = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput())

    def __init__(self, *args, programmes=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [("", "全部"), *((one.pk, one.name) for one in programmes)]


class VoucherFilter(forms.Form):
    q = forms.CharField(label="凭证号", required=False, max_length=40)


class BatchFilter(forms.Form):
    q = forms.CharField(label="批次号或事项", required=False, max_length=60)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None,
                                  choices=[("", "全部"), *((year, f"{year}年") for year in YEARS)])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *BatchState.choices])
