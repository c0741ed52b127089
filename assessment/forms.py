"""The form that starts a run."""
import datetime

from django import forms

from office.mandate import MissingStatistic, lines_in_force
from office.models import Area, Programme, code_range
from office.models.statistic import Basis


class RunForm(forms.Form):
    """Programme, year, basis, known-by and area of a run; says at once which figure is missing."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label="政策文件", empty_label=None)
    year = forms.TypedChoiceField(label="年度", coerce=int)
    basis = forms.ChoiceField(label="口径", choices=Basis.choices, initial=Basis.ACTUAL,
                              help_text="公布数：当年实际统计数；预测数：文件印定的线，没有印定的按预测数推算")
    known_by = forms.DateField(label="依据截止日", required=False, widget=forms.DateInput(attrs={"type": "date"}),
                               help_text="只用这一天以前公布的数；不填则用全部已公布的数")
    area = forms.ModelChoiceField(Area.objects.none(), label="范围", empty_label=None)

    def __init__(self, *args, officer, **kwargs):
        super().__init__(*args, **kwargs)
        held = officer.scope
        self.fields["area"].queryset = Area.objects.filter(pk__in=held)
        above = {code[:n].ljust(12, "0") for code in held for n in (2, 4, 6, 9, 12)}
        programmes = Programme.objects.filter(area_id__in=above)
        self.fields["programme"].queryset = programmes
        years = sorted({year for programme in programmes for year in programme.years})
        self.fields["year"].choices = [(year, f"{year}年") for year in years]

    def clean_known_by(self):
        known_by = self.cleaned_data["known_by"]
        if known_by and known_by > datetime.date.today():
            raise forms.ValidationError("依据截止日不能晚于今天")
        return known_by

    def clean(self):
        data = super().clean()
        programme, year, area = (data.get(name) for name in ("programme", "year", "area"))
        if not (programme and year and area):
            return data
        lo, hi = code_range(programme.area_id)
        if not lo <= area.code < hi:
            self.add_error("programme", f"{area.name}不在这份文件的适用区域内")
        elif year not in programme.years:
            self.add_error("year", f"这份文件的年度是{programme.start_year}—{programme.end_year}年")
        else:
            try:
                lines_in_force(programme, year, data["basis"], data.get("known_by"))
            except MissingStatistic as error:
                self.add_error("basis", str(error))
        return data
