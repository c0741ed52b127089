"""Forms of the supervision of the money. They read what was typed; what may be entered is said by funds.oversight."""
from django import forms
from django.core.exceptions import ValidationError

from funds.forms import AmountField
from funds.models import Audit, AuditFinding, Movement, Procurement, Project, Publication, Supervisor
from funds.states import FindingState, Procedure
from office.access import covers
from office.forms import AreaField, DateInput
from office.models import Officer
from office.roles import Permission


class InvitingForm(forms.ModelForm):
    """A form whose empty choices say what to do."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.TypedChoiceField) and field.choices[0][0] == "":
                field.choices = [("", "请选择"), *field.choices[1:]]


class PublicationForm(InvitingForm):
    """A notice: where, how long, and what proves it."""

    evidence = forms.CharField(label="凭据", max_length=300, help_text="网址，或照片、档案的编号和存放处")

    class Meta:
        model = Publication
        fields = ["channel", "place", "from_on", "to_on", "names_hotline", "evidence"]
        widgets = {"from_on": DateInput(), "to_on": DateInput()}
        help_texts = {"place": "例如 村委会公告栏、县政府门户网站", "to_on": "长期公开的不填"}

    def clean(self):
        data = super().clean()
        if data.get("channel") == "website" and not data.get("evidence", "").lower().startswith(("http://", "https://")):
            self.add_error("evidence", "网站公开的请填网址，以 http:// 或 https:// 开头")
        if data.get("from_on") and data.get("to_on") and data["to_on"] < data["from_on"]:
            self.add_error("to_on", "公示止不能早于公示起")
        return data

    def clean_place(self) -> str:
        place = self.cleaned_data["place"].strip()
        if self.data.get("channel") != "website" and not place:
            raise ValidationError("请写明贴在哪里")
        return place


class SupervisorForm(forms.ModelForm):
    """Who watches over the money of a village or a project, and since when."""

    class Meta:
        model = Supervisor
        fields = ["name", "unit", "starts_on"]
        widgets = {"starts_on": DateInput()}
        help_texts = {"unit": "例如 村务监督委员会主任"}


class NumberField(forms.CharField):
    """Cleans a number that people know to the row it names, among those the officer may see; blank: None."""

    def __init__(self, *, rows: str, **kwargs):
        super().__init__(required=False, max_length=40, **kwargs)
        self.rows, self.found = rows, None

    def clean(self, value):
        text = super().clean(value).strip()
        if not text:
            return None
        row = self.found(text).first()
        if row is None:
            raise ValidationError(f"您的区域内没有{self.rows}“{text}”，请核对")
        return row


def _project_field() -> NumberField:
    return NumberField(rows="项目编码为", label="涉及项目", help_text="项目编码，可不填")


def _know_projects(form, officer: Officer) -> None:
    form.fields["project"].found = lambda text: Project.objects.visible_to(officer).filter(number=text).select_related("area")
    if form.instance.project_id:
        form.initial["project"] = form.instance.project.number


class AuditForm(InvitingForm):
    """A check as planned, and how it went."""

    area = AreaField(label="审计范围", max_length=200, required=False, help_text="地区名称或代码；填了跟踪项目的可不填")
    project = _project_field()

    class Meta:
        model = Audit
        fields = ["year", "title", "body", "organ", "area", "project", "planned_to", "started_on", "finished_on",
                  "report_number", "conclusion"]
        widgets = {"planned_to": DateInput(), "started_on": DateInput(), "finished_on": DateInput(),
                   "conclusion": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"organ": "例如 五华县审计局"}

    def __init__(self, *args, officer: Officer, **kwargs):
        super().__init__(*args, **kwargs)
        self.officer = officer
        self.fields["area"].source = "funds:audit_places"
        self.fields["project"].label = "跟踪项目"
        _know_projects(self, officer)
        if self.instance.area_id:
            self.initial["area"] = f"{self.instance.area_id} {self.instance.area.name}"

    def clean(self):
        data = super().clean()
        project = data.get("project")
        if project is not None:
            data["area"] = project.area
        elif data.get("area") is None and "area" not in self.errors:
            self.add_error("area", "请填审计范围，或填跟踪项目")
        if data.get("area") and not covers(self.officer, Permission.RECORD_AUDIT, data["area"].pk):
            self.add_error("project" if project else "area", f"{data['area'].name}不在您办理的区域内")
        return data


class FindingForm(InvitingForm):
    """What was found, of what, by when it is to be put right, and how it ended."""

    amount = AmountField(label="涉及金额（元）", zero=True)
    recovered = AmountField(label="追回金额（元）", zero=True, required=False)
    project = _project_field()
    movement = NumberField(rows="流水序号为", label="涉及流水", help_text="资金流水序号，可不填；到户发放也在流水中")

    class Meta:
        model = AuditFinding
        fields = ["kind", "amount", "description", "project", "movement", "found_on", "deadline", "state", "outcome",
                  "recovered", "handed_to", "closed_on", "result"]
        widgets = {"found_on": DateInput(), "deadline": DateInput(), "closed_on": DateInput(),
                   "description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, officer: Officer, **kwargs):
        super().__init__(*args, **kwargs)
        _know_projects(self, officer)
        self.fields["movement"].found = lambda text: Movement.objects.visible_to(officer).filter(
            pk=int(text) if text.isascii() and text.isdigit() else 0).select_related("area", "project__area")

    def clean_recovered(self):
        return self.cleaned_data["recovered"] or 0

    def clean(self):
        data = super().clean()
        if data.get("state") == FindingState.CLOSED:
            for name, words in (("outcome", "办结的请选处理结果"), ("closed_on", "办结的请填办结日期")):
                if not data.get(name):
                    self.add_error(name, words)
        elif data.get("closed_on"):
            self.add_error("closed_on", "没有办结的不填办结日期")
        return data


class ProcurementForm(forms.ModelForm):
    """How a contractor was chosen: way, day, winner, amount."""

    method = forms.ChoiceField(label="采购方式", choices=[("", "请选择"), *Procedure.choices])
    decided_on = forms.DateField(label="成交日期", widget=DateInput())
    winner = forms.CharField(label="中标（成交）单位", max_length=60)
    amount = AmountField(label="合同金额（元）")

    class Meta:
        model = Procurement
        fields = ["method", "subject", "decided_on", "winner", "amount", "evidence"]
        help_texts = {"evidence": "合同或公告的编号、网址"}
