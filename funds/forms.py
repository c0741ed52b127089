"""Forms of the money. They read what was typed; whether money may move so is said by the actions (funds.ledger.Refused)."""
import datetime
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils import timezone

from funds import pledges
from funds.filters import YEARS
from funds.ledger import Refused
from funds.models import Account, Pledge, Project
from funds.states import AccountKind, ProjectState, Source, Stage
from office.access import within
from office.forms import DateInput
from office.models import Area, Officer, Programme
from office.money import MoneyError, grouped, parse
from office.roles import Permission

SPENDABLE = (ProjectState.ENTERED, ProjectState.UNDER_WAY, ProjectState.COMPLETED, ProjectState.ACCEPTED)

TWIN_SECONDS = 60            # the same entry by the same person within this time is a second click


def a_moment_ago() -> datetime.datetime:
    """Since when an entry that says all the same is a second click, and not recorded again."""
    return timezone.now() - datetime.timedelta(seconds=TWIN_SECONDS)


class AmountField(forms.CharField):
    """Yuan with at most two decimals, as typed (1,234.50); finer amounts are refused, never rounded."""

    def __init__(self, *, zero: bool = False, **kwargs):
        self.zero = zero
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(max_length=30, **kwargs)

    def clean(self, value) -> Decimal | None:
        text = super().clean(value)
        try:
            amount = parse(text)
        except MoneyError as error:
            raise ValidationError(str(error)) from error
        if amount is not None and (amount < 0 or not amount and not self.zero):
            raise ValidationError("金额不能小于零" if self.zero else "金额必须大于零")
        return amount


class DayField(forms.DateField):
    def __init__(self, **kwargs):
        kwargs.setdefault("widget", DateInput())
        kwargs.setdefault("initial", timezone.localdate)
        super().__init__(**kwargs)

    def clean(self, value) -> datetime.date | None:
        day = super().clean(value)
        if day is not None and day.year < YEARS[0]:
            raise ValidationError(f"日期早于 {YEARS[0]} 年，请核对年份")
        return day


class Refusable:
    """A form whose action may refuse: the sentence stands at the field it is about, else on top; nothing typed is lost."""

    def say(self, refused: Refused) -> None:
        shown = refused.field in self.fields and not self.fields[refused.field].widget.is_hidden
        self.add_error(refused.field if shown else None, str(refused))

    def carried_out(self, action, *args, **facts):
        """What the action returns; None when it refused."""
        try:
            return action(*args, **facts)
        except Refused as refused:
            self.say(refused)
            return None


class RefusableForm(Refusable, forms.Form):
    """A form of its own fields, whose action may refuse."""


def areas_for(officer: Officer, permission: Permission):
    """Areas an officer may enter money for: the own ones, and the next level inside them."""
    held = officer.scope_for(permission)
    return Area.objects.filter(Q(pk__in=held) | Q(parent__in=held)).order_by("code")


def programmes_for(officer: Officer, permission: Permission):
    held = officer.scope_for(permission)
    above = {code[:digits].ljust(12, "0") for code in held for digits in (2, 4, 6, 9, 12)}
    return Programme.objects.filter(Q(area_id__in=above) | within("area_id", held)).order_by("issued_on", "key")


def _promise(pledge: Pledge) -> str:
    return (f"{pledge.payer_name} · {pledge.area.name} · 认筹 {grouped(pledge.amount)} 元，已到 {grouped(pledge.arrived)} 元，"
            f"应于 {pledge.due_on} 前到账")


def _place(area: Area) -> str:
    return f"{area.name}（{area.get_level_display()}）"


class AppropriationForm(RefusableForm):
    """A document that grants money. The day of arrival may be later than the day of the document."""

    document_number = forms.CharField(label="指标文号", max_length=60, help_text="与文件一致，例如 粤财农〔2017〕1号")
    line = forms.IntegerField(label="行次", min_value=1, max_value=999, initial=1, help_text="一份文件下达多笔时依次填 1、2、3")
    title = forms.CharField(label="资金名称", max_length=120)
    programme = forms.ModelChoiceField(Programme.objects.none(), label="政策文件", empty_label=None)
    area = forms.ModelChoiceField(Area.objects.none(), label="收入单位所在区域", empty_label=None)
    source = forms.ChoiceField(label="资金来源级次", choices=Source.choices)
    payer_name = forms.CharField(label="下达单位", max_length=60)
    issued_on = DayField(label="下达日期", initial=None)
    on = DayField(label="到账日期", required=False, initial=None, help_text="不填按下达日期")
    year = forms.TypedChoiceField(label="资金年度", coerce=int, required=False, empty_value=None,
                                  choices=[("", "按下达日期"), *((year, f"{year}年") for year in YEARS)])
    amount = AmountField(label="下达金额（元）")
    subject_code = forms.RegexField(r"^[0-9]{3,7}$", label="功能科目", help_text="例如 2130504",
                                    error_messages={"invalid": "功能科目是3至7位数字，例如 2130504"})
    economic_code = forms.RegexField(r"^[0-9]{3,5}$", label="经济科目", required=False,
                                     error_messages={"invalid": "经济科目是3至5位数字，例如 30499"})
    uses = forms.CharField(label="允许用途", widget=forms.Textarea(attrs={"rows": 4}),
                           help_text="一行一项。以后的安排和支付只能用于这里写明的用途，入账后不能更改")
    special_line = forms.ChoiceField(label="专项", required=False)
    pledge = forms.ModelChoiceField(Pledge.objects.none(), label="对应认筹", required=False, empty_label="不是认筹资金",
                                    help_text="填了来源和下达单位后，只列出该单位尚未到齐的认筹",
                                    error_messages={"invalid_choice": "这笔认筹不在您办理资金的区域内，或已经到齐"})
    note = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args, officer: Officer, special_lines=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes_for(officer, Permission.RECORD_MONEY)
        self.fields["area"].queryset = areas_for(officer, Permission.RECORD_MONEY)
        self.fields["area"].label_from_instance = _place
        self.fields["pledge"].queryset = pledges.open_to(officer)
        self.fields["pledge"].label_from_instance = _promise
        self.fields["pledge"].widget.attrs |= {
            "hx-get": reverse_lazy("funds:pledge_options"), "hx-include": "closest form", "hx-swap": "innerHTML",
            "hx-params": "source,payer_name,programme,pledge",
            "hx-trigger": ", ".join(f"change from:#id_{name}" for name in ("source", "payer_name", "programme"))}
        self.fields["special_line"].choices = [("", "不是专项"), *special_lines]

    def clean_uses(self) -> list[str]:
        return [line for text in self.cleaned_data["uses"].splitlines() for line in text.replace("；", "、").split("、")
                if line.strip()]


class StepForm(RefusableForm):
    """What every movement needs besides its amount."""

    on = DayField(label="日期")
    number = forms.CharField(label="凭证号", max_length=40, required=False, help_text="不填则自动编号")
    note = forms.CharField(label="备注", max_length=200, required=False)


class TransferForm(StepForm):
    """Amounts for the areas directly below; those left blank get nothing."""

    def __init__(self, *args, account: Account, **kwargs):
        super().__init__(*args, **kwargs)
        self.areas = list(Area.objects.filter(parent=account.area_id).order_by("code"))
        for area in self.areas:
            self.fields[f"part_{area.pk}"] = AmountField(label=area.name, required=False)

    @property
    def part_fields(self) -> list:
        return [self[f"part_{area.pk}"] for area in self.areas]

    def clean(self):
        data = super().clean()
        data["parts"] = {area: data[f"part_{area.pk}"] for area in self.areas if data.get(f"part_{area.pk}")}
        if not data["parts"] and not self.errors:
            raise ValidationError("请至少填写一个地区的金额")
        return data


class CommitForm(StepForm):
    project = forms.ModelChoiceField(Project.objects.none(), label="项目", empty_label="请选择",
                                     help_text="只列出已入库、用途在指标文允许范围内的项目")
    amount = AmountField(label="金额（元）")

    field_order = ("project", "amount", "on", "number", "note")

    def __init__(self, *args, account: Account, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = Project.objects.in_area(account.area_id).filter(
            programme=account.programme_id, state__in=SPENDABLE, use__in=account.appropriation.uses.values("name"))


class PayForm(StepForm):
    stage = forms.ChoiceField(label="款项", choices=Stage.choices)
    amount = AmountField(label="金额（元）")
    payee = forms.CharField(label="收款单位", max_length=60)
    payee_account = forms.RegexField(r"^[0-9]{4,30}$", label="收款账户", required=False, help_text="只保存后四位",
                                     error_messages={"invalid": "账户只填数字，至少四位"})
    network_number = forms.CharField(label="涉农网编号", max_length=40, required=False)

    field_order = ("stage", "amount", "payee", "payee_account", "on", "number", "network_number", "note")

    def clean_payee_account(self) -> str:
        return self.cleaned_data["payee_account"][-4:]


class RefundForm(StepForm):
    to_account = forms.ModelChoiceField(Account.objects.none(), label="退回到", empty_label=None)
    amount = AmountField(label="金额（元）")

    field_order = ("to_account", "amount", "on", "number", "note")

    def __init__(self, *args, account: Account, **kwargs):
        super().__init__(*args, **kwargs)
        same = Account.objects.filter(appropriation=account.appropriation_id)
        self.fields["to_account"].queryset = {
            AccountKind.PAYEE: same.filter(kind=AccountKind.PROJECT, project=account.project_id),
            AccountKind.PROJECT: same.filter(kind=AccountKind.BUDGET, area_id__in=[
                area.pk for area in account.area.trail]),
            AccountKind.BUDGET: Account.objects.filter(
                kind=AccountKind.SOURCE, movements_out__appropriation=account.appropriation_id).distinct()}[account.kind]


class CarryOverForm(StepForm):
    amount = AmountField(label="金额（元）", required=False, help_text="不填则结转全部余额")

    field_order = ("amount", "on", "number", "note")


class ReversalForm(RefusableForm):
    on = DayField(label="冲正日期")
    reason = forms.CharField(label="冲正原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
                             help_text="写明哪里登记错了；原流水不删不改，另记一笔相反的流水")
