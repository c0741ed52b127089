"""Forms of bulletins: what to draft, under which number to issue."""
from django import forms
from django.utils import timezone

from assessment.bulletin.facts import Terms, covering_run, known_on
from assessment.filters import programmes_for
from assessment.models import Bulletin, Run
from office.access import within
from office.calendar import Quarter
from office.forms import DateInput
from office.models import Area, Level, Programme
from office.roles import Permission

TERM_LABELS = {"verify_by": "待核事项核实期限", "rectify_by": "整改完成期限", "report_by": "整改情况报送期限"}


class DraftForm(forms.Form):
    """Area, quarter and run of a bulletin, and the dates it sets; dates left blank are counted in working days."""

    area = forms.ModelChoiceField(Area.objects.none(), label="通报区域", empty_label=None)
    period = forms.ChoiceField(label="季度")
    programme = forms.ModelChoiceField(Programme.objects.none(), label="政策文件", empty_label=None)
    run = forms.ModelChoiceField(Run.objects.none(), label="依据的考核计算", required=False,
                                 empty_label="最近一次（公布数先于预测数）", help_text="一般不用选；要用某一次计算的结果时再指定")
    issuer = forms.CharField(label="发文机关", max_length=40, required=False,
                             help_text="版头和落款用的全称；不填为“××扶贫开发领导小组办公室”")
    dated = forms.DateField(label="拟印发日期", required=False, widget=DateInput(),
                            help_text="不填为季度结束（或所用统计数公布）后第5个工作日")
    verify_by = forms.DateField(label=TERM_LABELS["verify_by"], required=False, widget=DateInput(),
                                help_text="不填为印发后第10个工作日")
    rectify_by = forms.DateField(label=TERM_LABELS["rectify_by"], required=False, widget=DateInput(),
                                help_text="不填为印发后第20个工作日")
    report_by = forms.DateField(label=TERM_LABELS["report_by"], required=False, widget=DateInput(),
                                help_text="不填为印发后第25个工作日")

    def __init__(self, *args, officer, corrects: Bulletin | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.corrects = corrects
        held = officer.scope_for(Permission.ISSUE_BULLETIN)
        areas = Area.objects.filter(within("code", held), level__in=(Level.CITY, Level.COUNTY)).order_by("code")
        runs = Run.objects.visible_to(officer).select_related("programme", "area").order_by("-pk")
        self.fields["area"].queryset = areas
        keys = {programme.key for code in held for programme in programmes_for(code)}
        self.fields["programme"].queryset = Programme.objects.filter(pk__in=keys)
        self.fields["run"].queryset = runs
        self.fields["run"].label_from_instance = _run_label
        self.fields["period"].choices = [(str(q), q.label) for q in _quarters(runs)]
        if corrects:
            self.fields["area"].queryset = areas.filter(pk=corrects.area_id)
            self.fields["programme"].queryset = Programme.objects.filter(pk=corrects.run.programme_id)
            self.fields["period"].choices = [(corrects.period, Quarter.parse(corrects.period).label)]

    def clean(self):
        data = super().clean()
        area, programme, period = (data.get(name) for name in ("area", "programme", "period"))
        if not (area and programme and period):
            return data
        quarter = Quarter.parse(period)
        run = data.get("run") or covering_run(programme.pk, quarter.year, area.code)
        if run is None:
            self.add_error("period", f"没有{quarter.year}年度覆盖{area.name}的考核计算，请先在“考核计算”里计算")
        elif run.programme_id != programme.pk or run.year != quarter.year:
            self.add_error("run", f"这次计算是{run.programme_id} {run.year}年度的，与所选文件和季度不符")
        elif not area.code.startswith(run.area.prefix):
            self.add_error("run", f"这次计算的范围是{run.area.name}，不包括{area.name}")
        else:
            data["run"] = run
            data["terms"] = self._terms(run, quarter)
        return data

    def _terms(self, run: Run, quarter: Quarter) -> Terms | None:
        """The dates asked for, those left blank as proposed; an order that cannot be is said at its field."""
        asked = {name: self.cleaned_data.get(name) for name in ("dated", *TERM_LABELS)}
        first = max(quarter.end, known_on(run))
        if asked["dated"] and asked["dated"] <= first:
            self.add_error("dated", f"应在{first:%Y-%m-%d}（季度结束且所用统计数已公布）以后")
        proposed = Terms.proposed(run, quarter, asked["dated"])
        terms = Terms(**{name: day or getattr(proposed, name) for name, day in asked.items()})
        for earlier, later in (("dated", "verify_by"), ("verify_by", "rectify_by"), ("rectify_by", "report_by")):
            if getattr(terms, later) < getattr(terms, earlier) or terms.verify_by == terms.dated == getattr(terms, later):
                self.add_error(later, f"应晚于{getattr(terms, earlier):%Y-%m-%d}（{self.fields[earlier].label}）")
        return terms


def _run_label(run: Run) -> str:
    return (f"第{run.pk}次 · {run.programme_id} · {run.year}年 · {run.get_basis_display()} · {run.area.name} · "
            f"{timezone.localtime(run.finished_at):%Y-%m-%d}")


def _quarters(runs) -> list[Quarter]:
    """Quarters that have ended, of the years with runs, the newest first."""
    today = timezone.localdate()
    years = sorted(set(runs.order_by().values_list("year", flat=True)), reverse=True)
    quarters = [Quarter(year, number) for year in years for number in (4, 3, 2, 1)]
    return [quarter for quarter in quarters if quarter.end < today]


class IssueForm(forms.Form):
    """The number under which the office issues, and the day."""

    number = forms.CharField(label="发文字号", max_length=40, help_text="按本机关发文登记填写，例如：×扶办〔2018〕15号")
    on = forms.DateField(label="印发日期", widget=DateInput())

    def clean_number(self):
        """Square and round brackets around the year are what keyboards have; the number carries hexagonal ones."""
        text = "".join(self.cleaned_data["number"].split())
        return text.translate(str.maketrans("[]［］【】()（）", "〔〕〔〕〔〕〔〕〔〕"))


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="撤回原因", max_length=200)


class BulletinFilter(forms.Form):
    """Narrows the list of bulletins."""

    state = forms.ChoiceField(label="状态", choices=[("", "全部"), *Bulletin.State.choices], required=False)
    period = forms.ChoiceField(label="季度", required=False)

    def __init__(self, *args, periods=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = [("", "全部"), *((p, Quarter.parse(p).label) for p in periods)]
