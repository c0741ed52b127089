"""Forms of the floor: logins, postings, figures, and the filters of its lists."""
import datetime
import re

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance
from django.urls import reverse_lazy
from django.utils import timezone

from office.actions import statistic_areas
from office.models import Area, Officer, Statistic
from office.models.statistic import Basis, StatisticKey
from office.roles import Role

FIRST_DAY = datetime.date(2014, 1, 1)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs):
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class SuggestField(forms.CharField):
    """A text field with suggestions while typing: what is chosen begins with the key, what is typed may be a name."""

    def __init__(self, *, source: str, **kwargs):
        self.source = source
        super().__init__(**kwargs)

    def get_bound_field(self, form, field_name):
        listed = f"{field_name}-options"
        self.widget.attrs |= {
            "list": listed, "autocomplete": "off", "hx-get": reverse_lazy(self.source), "hx-params": field_name,
            "hx-trigger": "input changed delay:250ms", "hx-target": f"#{listed}", "hx-swap": "innerHTML"}
        return super().get_bound_field(form, field_name)


class AreaField(SuggestField):
    """Cleans to an Area: a 12-digit code (with or without the name behind it), or a name that occurs once."""

    def __init__(self, **kwargs):
        super().__init__(source="office:area_options", **kwargs)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        if code := re.match(r"\d{12}", text):
            area = Area.objects.filter(pk=code.group()).first()
            if area is None:
                raise ValidationError(f"没有代码为 {code.group()} 的区域，请从提示中选择")
            return area
        named = list(Area.objects.filter(name=text)[:2])
        if len(named) == 1:
            return named[0]
        raise ValidationError(f"“{text}”{'对应多个区域' if named else '没有这个区域'}，请输入名称后从提示中选择")


class OfficerField(SuggestField):
    """Cleans to an Officer by login name (with or without the person's name behind it)."""

    def __init__(self, **kwargs):
        super().__init__(source="office:officer_options", **kwargs)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        officer = Officer.objects.filter(username=text.split(" ")[0]).first()
        if officer is None:
            named = list(Officer.objects.filter(name=text)[:2])
            if len(named) != 1:
                raise ValidationError(f"“{text}”{'有多个同名人员，请输入用户名' if named else '没有这个账号，请核对用户名'}")
            officer = named[0]
        return officer


class OfficerForm(forms.ModelForm):
    class Meta:
        model = Officer
        fields = ["username", "name"]
        labels = {"username": "用户名"}
        help_texts = {"username": "登录用，建议用姓名全拼；字母、数字和 @ . + - _", "name": "与人事档案一致"}


class OfficerFilter(forms.Form):
    STATES = (("", "全部"), ("active", "在用"), ("locked", "已停用"), ("unposted", "没有任职"))

    q = forms.CharField(label="姓名或用户名", required=False, max_length=60)
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)


class PostingForm(forms.Form):
    officer = OfficerField(label="人员", max_length=200, help_text="输入姓名或用户名，从提示中选择")
    role = forms.ChoiceField(label="岗位", choices=[("", "请选择"), *Role.choices])
    area = AreaField(label="区域", max_length=200, help_text="输入名称或代码，从提示中选择")
    starts_on = forms.DateField(label="任职日期", widget=DateInput(), initial=timezone.localdate)
    ends_on = forms.DateField(label="离任日期", widget=DateInput(), required=False, help_text="任期不确定时留空")

    def clean(self):
        cleaned = super().clean()
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", f"离任日期不能早于任职日期 {starts}")
        if starts and starts < FIRST_DAY:
            self.add_error("starts_on", "任职日期过早，请核对年份")
        return cleaned


class DismissForm(forms.Form):
    ends_on = forms.DateField(label="离任日期", widget=DateInput(), initial=timezone.localdate,
                              help_text="离任当天仍有权限；要立即停止，请系统管理员停用账号，或填昨天的日期")
    reason = forms.CharField(label="原因", max_length=100, help_text="例如：调任、退休、轮岗")


class PostingFilter(forms.Form):
    WHEN = (("", "现任"), ("ended", "已离任"), ("all", "全部"))

    q = forms.CharField(label="姓名或用户名", required=False, max_length=60)
    role = forms.ChoiceField(label="岗位", choices=[("", "全部"), *Role.choices], required=False)
    when = forms.ChoiceField(label="状态", choices=WHEN, required=False)


class TrailFilter(forms.Form):
    q = forms.CharField(label="人员", required=False, max_length=60, help_text="姓名或用户名")
    action = forms.ChoiceField(label="操作", required=False)
    subject = forms.CharField(label="对象", required=False, max_length=120)
    since = forms.DateField(label="从", required=False, widget=DateInput())
    until = forms.DateField(label="到", required=False, widget=DateInput())

    def __init__(self, *args, actions=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", "全部"), *((a, a) for a in actions)]


class ClauseFilter(forms.Form):
    clause = forms.CharField(label="在条款中查找", required=False, max_length=60)
    section = forms.ChoiceField(label="部分", required=False)

    def __init__(self, *args, sections=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = [("", "全部"), *((s, s) for s in sections)]


class StatisticFilter(forms.Form):
    key = forms.ChoiceField(label="指标", choices=[("", "全部"), *StatisticKey.choices], required=False)
    area = forms.ModelChoiceField(label="区域", queryset=Area.objects.none(), required=False, empty_label="全部")
    year = forms.TypedChoiceField(label="年度", coerce=int, required=False, empty_value=None)

    def __init__(self, *args, years=(), areas=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [("", "全部"), *((y, f"{y}年") for y in years)]
        self.fields["area"].queryset = areas


class StatisticForm(forms.ModelForm):
    """A newly published figure, or the correction of one; what it may doubt is asked by the page, not refused here."""

    confirmed = forms.BooleanField(label="我已核对，确认按此保存", required=False)
    reason = forms.CharField(label="更正原因", required=False, max_length=100)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)  # what was shown with the question

    class Meta:
        model = Statistic
        fields = ["key", "area", "year", "basis", "value", "known_on", "source"]
        widgets = {"known_on": DateInput(), "source": forms.Textarea(attrs={"rows": 2}),
                   "value": forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})}
        help_texts = {
            "area": "全省的数由市、县扶贫办录入", "value": "按公布的原数填写，最多四位小数，不用千分位",
            "known_on": "公布的日期，不是录入的日期", "source": "发布机关、文件或公报名称、日期；网页请附网址",
            "basis": "公布数是统计部门的年度数；预测数用于年内测算"}

    def __init__(self, *args, officer, correcting=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = statistic_areas(officer)
        self.fields["area"].empty_label = "请选择"
        self.fields["key"].choices = [("", "请选择"), *StatisticKey.choices]
        self.fields["basis"].choices = Basis.choices
        self.correcting = correcting
        if correcting:
            for name in ("key", "area", "year", "basis", "known_on"):
                self.fields[name].disabled = True
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]

    def clean_known_on(self):
        known_on = self.cleaned_data["known_on"]
        if known_on > timezone.localdate():
            raise ValidationError("公布日期在今天之后，请核对")
        return known_on

    def clean_source(self):
        source = " ".join(self.cleaned_data["source"].split())
        if len(source) < 4:
            raise ValidationError("请写明来源：发布机关、文件或公报名称")
        return source

    def clean(self):
        cleaned = super().clean()
        year, known_on, basis = cleaned.get("year"), cleaned.get("known_on"), cleaned.get("basis")
        if year and known_on and basis == Basis.ACTUAL and known_on.year < year:
            self.add_error("known_on", f"{year}年的公布数不会早于{year}年公布；如是预测，请把口径改为预测数")
        return cleaned

    def clean_value(self):
        value = self.cleaned_data["value"]
        if value <= 0:
            raise ValidationError("统计数必须大于零")
        return value

    def clean_year(self):
        year = self.cleaned_data["year"]
        if not 2010 <= year <= 2040:
            raise ValidationError("年度应在2010—2040之间")
        return year

    def _post_clean(self):
        """Only the fields are checked here: that a figure is already there is asked about, not refused."""
        self.instance = construct_instance(self, self.instance, self._meta.fields)
        try:
            self.instance.clean_fields(exclude=self._get_validation_exclusions())
        except ValidationError as error:
            self._update_errors(error)
