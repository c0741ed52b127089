"""Forms of what is due: promised sums, who helps and pays for villages, and money invested for a yearly return."""
from django import forms
from django.core.exceptions import ValidationError

from funds import pledges
from funds.dividends import after
from funds.filters import programmes_of
from funds.forms import AmountField, DayField, Refusable, RefusableForm, programmes_for
from funds.models import Investment, Pledge
from funds.project_forms import PlaceField
from funds.states import PLEDGING, Source, VillageHelper
from office.access import covers
from office.forms import DateInput
from office.models import Area, Officer, Programme
from office.roles import Permission

# Who can be entered as payer of a village where the document does not say: the budgets, not those who promise.
VILLAGE_PAYERS = (Source.CENTRAL, Source.PROVINCE, Source.HELPER_CITY, Source.CITY, Source.COUNTY, Source.TOWNSHIP)


def _choices(values) -> list[tuple[str, str]]:
    return [(one.value, one.label) for one in values]


class PledgeForm(RefusableForm):
    """A promise as it was made."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label="政策文件", empty_label=None)
    area = PlaceField(label="受助地区", max_length=200, help_text="资金给哪里：输入县、镇、村名称或代码，从提示中选择")
    source = forms.ChoiceField(label="来源", choices=_choices(PLEDGING))
    payer_name = forms.CharField(label="出资单位", max_length=60)
    amount = AmountField(label="认筹金额（元）")
    pledged_on = DayField(label="认筹日期")
    due_on = DayField(label="应到账日期", initial=None, help_text="超过这一天没有到齐，列入逾期")
    note = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args, officer: Officer, **kwargs):
        super().__init__(*args, **kwargs)
        self.officer = officer
        self.fields["programme"].queryset = programmes_for(officer, Permission.RECORD_MONEY)

    def clean_area(self) -> Area:
        area = self.cleaned_data["area"]
        if not covers(self.officer, Permission.RECORD_MONEY, area.pk):
            raise ValidationError(f"{area.name}不在您办理资金的区域内，请选择区域内的地区")
        return area


class PledgeCorrectionForm(PledgeForm):
    """The same, with the reason; says so when somebody else corrected it since the form was opened."""

    reason = forms.CharField(label="更正原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
                             help_text="更正前后的内容和原因都记入操作日志")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, pledge: Pledge, **kwargs):
        self.newest = pledges.version(pledge)
        kwargs["initial"] = {name: getattr(pledge, name) for name in pledges.FACTS} | {
            "area": f"{pledge.area_id} {pledge.area.name}", "seen": self.newest}
        super().__init__(*args, **kwargs)

    def clean(self):
        data = super().clean()
        seen = data.pop("seen", "")
        if seen != self.newest:
            self.data = self.data.copy()
            self.data["seen"] = self.newest
            raise ValidationError("您打开本页之后，这笔认筹已被更正。请先查看最新内容；仍要按您填写的保存，再提交一次")
        return data


class PledgeFilter(forms.Form):
    """Filters of the list as they stand in the address."""

    STATES = (("", "全部"), ("open", "未到齐"), ("late", "逾期未到齐"), ("done", "已到齐"))

    q = forms.CharField(label="出资单位", required=False, max_length=60)
    state = forms.ChoiceField(label="到账", required=False, choices=STATES)
    area = forms.ChoiceField(label="地区", required=False)
    programme = forms.ChoiceField(label="政策文件", required=False)
    source = forms.ChoiceField(label="来源", required=False, choices=[("", "全部"), *_choices(PLEDGING)])

    def __init__(self, *args, areas=(), programmes=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [("", "全部"), *((one.pk, one.name) for one in areas)]
        self.fields["programme"].choices = [("", "全部"), *((one.pk, one.name) for one in programmes)]


class SupportForm(RefusableForm):
    """Who helps the chosen villages; where the document does not say who pays or how much, that as well, with its basis."""

    helper = forms.ChoiceField(label="帮扶级别", choices=[("", "请选择"), *VillageHelper.choices])
    payer = forms.ChoiceField(label="出资方", required=False, choices=[("", "按文件规定；文件没有规定的待定"),
                                                                  *_choices(VILLAGE_PAYERS)])
    guidance_amount = AmountField(label="引导资金（元/村·年）", required=False)
    basis = forms.CharField(label="依据", max_length=120, required=False,
                            help_text="填写出资方或金额时必填：文件名称、文号或会议纪要")

    def __init__(self, *args, entered: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not entered:
            del self.fields["guidance_amount"]


class SupportFilter(forms.Form):
    q = forms.CharField(label="村或镇", required=False, max_length=60)
    kind = forms.ChoiceField(label="村类型", required=False, choices=[
        ("", "全部"), ("poor", "相对贫困村"), ("ordinary", "面上村"), ("unknown", "类型未登记")])
    helper = forms.ChoiceField(label="帮扶级别", required=False, choices=[
        ("", "全部"), ("none", "未登记"), *VillageHelper.choices])
    payer = forms.ChoiceField(label="出资方", required=False, choices=[("", "全部"), ("none", "待定"), *_choices(VILLAGE_PAYERS)])


class InvestmentForm(Refusable, forms.ModelForm):
    """Money put into an enterprise. The day of the principal follows from start and term unless it is stated."""

    amount = AmountField(label="入股资金（元）")
    principal_due_on = forms.DateField(label="本金到期", required=False, widget=DateInput(), help_text="不填按入股日期加期限")

    field_order = ("enterprise", "amount", "starts_on", "term_months", "guaranteed_rate", "principal_due_on", "risk")

    class Meta:
        model = Investment
        fields = ["enterprise", "amount", "starts_on", "term_months", "guaranteed_rate", "principal_due_on", "risk"]
        widgets = {"starts_on": DateInput(), "guaranteed_rate": forms.TextInput(attrs={"inputmode": "decimal"}),
                   "term_months": forms.NumberInput(attrs={"min": 1})}
        labels = {"guaranteed_rate": "保底收益率（%/年）"}
        help_texts = {"risk": "抵押、担保或主要风险"}

    def _post_clean(self):
        """What is stored and whether it may be is decided by the action."""


class InvestmentCorrectionForm(InvestmentForm):
    reason = forms.CharField(label="更正原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
                             help_text="更正前后的内容和原因都记入操作日志")

    field_order = (*InvestmentForm.field_order, "reason")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = self.instance
        if own.principal_due_on == after(own.starts_on, own.term_months):
            self.initial["principal_due_on"] = None      # it goes on following start and term


class InvestmentFilter(forms.Form):
    """Filters of the list; the state is chosen by tabs."""

    q = forms.CharField(label="经营主体或项目", required=False, max_length=60)
    programme = forms.ChoiceField(label="政策文件", required=False)

    def __init__(self, *args, area: Area, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [("", "全部"), *((one.pk, one.name) for one in programmes_of(area))]
