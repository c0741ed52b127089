"""Forms of the project library and of payments to households."""
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from funds.filters import YEARS
from funds.forms import AmountField, DayField, Refusable, RefusableForm, areas_for, programmes_for
from funds.models import Account, Investment, PermittedUse, Project
from funds.states import AccountKind, BatchPurpose, BatchUnit, ProjectState
from office.access import covers, within
from office.forms import AreaField, DateInput
from office.models import Area, Officer
from office.money import grouped
from office.roles import Permission

BANK_FILE_LIMIT = 20 * 1024 * 1024
COURSE = (ProjectState.ENTERED, ProjectState.UNDER_WAY, ProjectState.COMPLETED, ProjectState.ACCEPTED)


PROJECT_LEVELS = ("county", "township", "village")


class PlaceField(AreaField):
    """An area by name or code, with suggestions from where the officer may enter money."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.source = "funds:place_options"


def _sum(label: str) -> AmountField:
    return AmountField(label=label, required=False, zero=True)


class VersionedForm(Refusable, forms.ModelForm):
    """Says so when somebody else stored the row since the form was opened, instead of writing over it."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        newest = self.instance.history.first() if self.instance.pk else None
        self.newest = str(newest.pk) if newest else ""
        self.fields["seen"].initial = self.newest
        self.newest_by = newest.history_user if newest else None

    def clean(self):
        data = super().clean()
        if self.instance.pk and data.get("seen") != self.newest:
            self.data = self.data.copy()
            self.data["seen"] = self.newest
            raise ValidationError(f"您打开本页之后，{self.newest_by or '别人'}修改过这个项目。"
                                  "请先查看最新内容；仍要按您填写的保存，再提交一次")
        return data


class ProjectForm(VersionedForm):
    """A project as applied for. Once it is in the library only its course changes (`CourseForm`)."""

    planned_fiscal = _sum("计划投资：财政（元）")
    planned_own = _sum("计划投资：自筹（元）")
    planned_social = _sum("计划投资：社会（元）")
    expected_income = _sum("预期收益（元/年）")
    area = PlaceField(label="地点", max_length=200, help_text="输入镇、村名称或代码，从提示中选择")

    class Meta:
        model = Project
        fields = ["number", "name", "programme", "area", "year", "category", "sub_category", "use", "construction",
                  "in_poor_village", "implementer", "person_responsible", "assisting_unit", "content", "planned_fiscal",
                  "planned_own", "planned_social", "planned_start", "planned_end", "villages", "households", "persons",
                  "poor_households", "poor_persons", "mechanism", "expected_income"]
        widgets = {"content": forms.Textarea(attrs={"rows": 3}), "use": forms.TextInput(attrs={"list": "use-options"}),
                   **{name: DateInput() for name in ("planned_start", "planned_end")}}
        help_texts = {"use": "须是所用指标文允许的用途之一", "number": "项目库编码"}

    def __init__(self, *args, officer: Officer, **kwargs):
        super().__init__(*args, **kwargs)
        self.officer = officer
        if self.instance.pk:
            self.initial["area"] = f"{self.instance.area_id} {self.instance.area.name}"
        self.fields["programme"].queryset = programmes_for(officer, Permission.PROPOSE_PROJECT)
        self.uses = list(PermittedUse.objects.order_by("name").values_list("name", flat=True).distinct()[:60])

    def clean_area(self) -> Area:
        area = self.cleaned_data["area"]
        if area.level not in PROJECT_LEVELS or not covers(self.officer, Permission.PROPOSE_PROJECT, area.pk):
            raise ValidationError(f"{area.name}不在您申报项目的区域内，请选择区域内的县、镇或村")
        return area

    def clean(self):
        data = super().clean()
        for name in ("planned_fiscal", "planned_own", "planned_social"):
            data[name] = data.get(name) or 0
        if data.get("planned_start") and data.get("planned_end") and data["planned_end"] < data["planned_start"]:
            self.add_error("planned_end", "计划完工不能早于计划开工")
        if data.get("poor_households") and data["poor_households"] > (data.get("households") or 0):
            self.add_error("poor_households", "贫困户不能多于受益户")
        if data.get("poor_persons") and data["poor_persons"] > (data.get("persons") or 0):
            self.add_error("poor_persons", "贫困人口不能多于受益人口")
        return data


DAYS = ("actual_start", "actual_end", "accepted_on", "handed_over_on", "rated_on")


class CourseForm(VersionedForm):
    """How a project of the library goes on: progress, acceptance, result."""

    settlement_price = _sum("结算价（元）")
    actual_income = _sum("实际收益（元）")
    state = forms.ChoiceField(label="状态", choices=[(state.value, state.label) for state in COURSE])

    class Meta:
        model = Project
        fields = ["state", "progress", "actual_start", "actual_end", "settlement_price", "accepted_on", "acceptance",
                  "acceptance_number", "actual_income", "asset_owner", "handed_over_on", "rating", "score", "rated_on"]
        widgets = {name: DateInput() for name in DAYS}

    def clean(self):
        data = super().clean()
        state = data.get("state")
        if state in (ProjectState.COMPLETED, ProjectState.ACCEPTED) and not data.get("actual_end"):
            self.add_error("actual_end", "已完工的项目须填实际完工日期")
        if state == ProjectState.ACCEPTED and not data.get("accepted_on"):
            self.add_error("accepted_on", "已验收的项目须填验收日期")
        today = timezone.localdate()
        for name in DAYS:
            if data.get(name) and data[name] > today:
                self.add_error(name, "日期还没有到")
        return data


def paying_accounts(officer: Officer):
    """Accounts out of which the officer may pay households."""
    return Account.objects.filter(within("area_id", officer.scope_for(Permission.RECORD_MONEY)), balance__gt=0,
                                  kind__in=(AccountKind.BUDGET, AccountKind.PROJECT)).select_related(
        "area", "appropriation", "project").order_by("appropriation__issued_on", "key")


def account_label(account: Account) -> str:
    where = account.project.name if account.project else account.area.name
    return (f"{account.appropriation.document_number} · {where} · {account.get_kind_display()}"
            f" · 余额 {grouped(account.balance)} 元")


class BatchForm(RefusableForm):
    """What is paid to whom: the list itself is made from the register."""

    account = forms.ModelChoiceField(Account.objects.none(), label="付款账户", empty_label="请选择")
    area = forms.ModelChoiceField(Area.objects.none(), label="发放范围", empty_label=None,
                                  help_text="范围内在册的户全部列入，再逐户核对")
    item = forms.CharField(label="发放事项", max_length=60,
                           help_text="同一事项同一年度每户（人）只能发放一次，例如 2018年油茶种植补助")
    year = forms.TypedChoiceField(label="年度", coerce=int, choices=[(year, f"{year}年") for year in YEARS])
    unit = forms.ChoiceField(label="标准单位", choices=BatchUnit.choices)
    standard = AmountField(label="标准（元）", help_text="每户或每人的金额")
    use = forms.CharField(label="资金用途", max_length=60, widget=forms.TextInput(attrs={"list": "use-options"}),
                          help_text="须是付款账户指标文允许的用途")
    purpose = forms.ChoiceField(label="性质", choices=BatchPurpose.choices)
    investment = forms.ModelChoiceField(Investment.objects.none(), label="资产收益", required=False, empty_label="不是分红")
    basis = forms.CharField(label="依据", max_length=120, required=False, help_text="批准发放的文件或会议纪要")

    def __init__(self, *args, officer: Officer, **kwargs):
        super().__init__(*args, **kwargs)
        accounts = paying_accounts(officer)
        self.fields["account"].queryset = accounts
        self.fields["account"].label_from_instance = account_label
        self.fields["area"].queryset = areas_for(officer, Permission.RECORD_MONEY)
        self.fields["area"].label_from_instance = lambda area: f"{area.name}（{area.get_level_display()}）"
        self.fields["investment"].queryset = Investment.objects.visible_to(officer)
        self.uses = list(PermittedUse.objects.filter(appropriation__in=accounts.order_by().values("appropriation")).order_by(
            "name").values_list("name", flat=True).distinct())


class PayDayForm(RefusableForm):
    on = DayField(label="发放日期", help_text="资金从账户划出的日期")


class ReturnForm(RefusableForm):
    file = forms.FileField(label="银行回盘文件（.csv 或 .xlsx）", allow_empty_file=True)
    on = DayField(label="回盘日期")

    def clean_file(self):
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith((".csv", ".txt", ".xlsx")):
            raise ValidationError("只能上传 .csv 或 .xlsx 文件；旧版 .xls 请在 Excel 或 WPS 中另存为 .xlsx")
        if file.size > BANK_FILE_LIMIT:
            raise ValidationError(f"文件超过 {BANK_FILE_LIMIT // 1024 // 1024} MB，请核对是否选错文件")
        if not file.size:
            raise ValidationError("文件是空的，请向银行重新索取")
        return file
