"""Forms of the ledger workbooks: which one is wanted, and which file is to be checked."""
from django import forms
from django.conf import settings
from django.db.models import Q

from funds.filters import YEARS
from funds.forms import RefusableForm
from funds.ledgers.orders import SHORTEST_REASON
from funds.states import LedgerKind
from households.forms import MEGABYTE, programmes_for
from office.models import Area, Officer, Programme
from office.roles import Permission

MASKED, FULL = "masked", "full"


class LedgerForm(RefusableForm):
    """Which ledger, of which area and year; full ID numbers need a reason and somebody else's approval."""

    kind = forms.ChoiceField(label="台账", choices=LedgerKind.choices)
    programme = forms.ModelChoiceField(Programme.objects.none(), label="政策文件", empty_label=None)
    area = forms.ModelChoiceField(Area.objects.none(), label="区域", empty_label=None)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None,
                                  choices=[("", "全部年度"), *((year, f"{year}年") for year in YEARS)])
    numbers = forms.ChoiceField(label="证件号码", choices=[(MASKED, "隐去"), (FULL, "完整号码（须另一人批准）")],
                                initial=MASKED, help_text="只有“到户补助发放”含证件号码")
    reason = forms.CharField(label="用途", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
                             help_text="申请完整号码时必填：写明作什么用、交给谁；批准人看到这一条，并记入操作日志")

    def __init__(self, *args, officer: Officer, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        held = officer.scope_for(Permission.EXPORT_LEDGER)
        self.fields["area"].queryset = Area.objects.filter(
            Q(pk__in=held) | Q(parent__in=held) | Q(parent__parent__in=held)).order_by("code")
        self.fields["area"].label_from_instance = lambda area: f"{area.name}（{area.get_level_display()}）"
        self.fields["programme"].queryset = programmes_for(officer, Permission.EXPORT_LEDGER)

    def clean(self):
        data = super().clean()
        if data.get("numbers") == FULL:
            if data.get("kind") != LedgerKind.PAYMENTS:
                self.add_error("numbers", "这份台账不含证件号码，请选“隐去”")
            elif len(data.get("reason", "").strip()) < SHORTEST_REASON:
                self.add_error("reason", f"请写明用途（至少{SHORTEST_REASON}个字），由另一人审批")
        return data


class CheckForm(forms.Form):
    """A ledger workbook somebody brings back."""

    file = forms.FileField(label="台账文件（.xlsx）", allow_empty_file=True)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith(".xlsx"):
            raise forms.ValidationError("只能核验 .xlsx 文件，请在 Excel 或 WPS 中另存为“Excel 工作簿（.xlsx）”后再上传")
        if file.size > settings.UPLOAD_LIMIT_BYTES:
            raise forms.ValidationError(f"文件超过 {settings.UPLOAD_LIMIT_BYTES // MEGABYTE} MB，"
                                        "请由系统管理员用 verify_chain --file 命令核验")
        return file
