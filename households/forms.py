"""Forms of the register's workbooks: handing one in, asking for one."""
from django import forms
from django.conf import settings
from django.db.models import Q

from households.checks import FIRST_YEAR, LAST_YEAR
from office.access import within
from office.models import Area, Officer, Programme, code_range
from office.roles import Permission

MEGABYTE = 1024 * 1024


def programmes_for(officer: Officer, permission: Permission):
    """Programmes whose area shares something with where the officer holds the permission."""
    held = officer.scope_for(permission)
    above = {code[:digits].ljust(12, "0") for code in held for digits in (2, 4, 6, 9, 12)}
    return Programme.objects.filter(Q(area_id__in=above) | within("area_id", held))


class UploadForm(forms.Form):
    """A workbook and the programme it belongs to."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label="政策文件", empty_label=None,
                                       help_text="表中的村必须在这份文件的适用区域和您负责的区域内")
    file = forms.FileField(label="登记表（.xlsx）", allow_empty_file=True)

    def __init__(self, *args, officer: Officer, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes_for(officer, Permission.IMPORT_REGISTER)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith(".xlsx"):
            raise forms.ValidationError("只能上传 .xlsx 文件，请在 Excel 或 WPS 中另存为“Excel 工作簿（.xlsx）”后再上传")
        if file.size > settings.UPLOAD_LIMIT_BYTES:
            raise forms.ValidationError(f"文件超过 {settings.UPLOAD_LIMIT_BYTES // MEGABYTE} MB，请按镇分成几个文件上传")
        return file


class ExportForm(forms.Form):
    """Which part of the register, and what it is wanted for: the file carries full numbers."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label="政策文件", empty_label=None)
    year = forms.TypedChoiceField(label="年度", coerce=int)
    area = forms.ModelChoiceField(Area.objects.none(), label="区域", empty_label=None)
    reason = forms.CharField(label="用途", min_length=4, max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
                             help_text="写明作什么用、交给谁，记入操作日志")

    def __init__(self, *args, officer: Officer, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        held = officer.scope_for(Permission.EXPORT_REGISTER)
        self.fields["area"].queryset = Area.objects.filter(Q(pk__in=held) | Q(parent__in=held)).order_by("code")
        self.fields["area"].label_from_instance = lambda area: f"{area.name}（全部）" if area.code in held else area.name
        programmes = programmes_for(officer, Permission.EXPORT_REGISTER)
        self.fields["programme"].queryset = programmes
        years = {year for programme in programmes for year in programme.years if FIRST_YEAR <= year <= LAST_YEAR}
        self.fields["year"].choices = [(year, f"{year} 年") for year in sorted(years, reverse=True)]

    def clean(self):
        data = super().clean()
        programme, area = data.get("programme"), data.get("area")
        if programme and area:
            low, high = code_range(programme.area_id)
            if not low <= area.code < high:
                self.add_error("area", f"{area.name}不在“{programme.name}”的适用区域内，请另选区域或政策文件")
        return data
