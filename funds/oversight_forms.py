"""Forms of the supervision of the money. They read what was typed; what may be entered is said by funds.oversight."""
from django import forms
from django.core.exceptions import ValidationError

from funds.models import Publication, Supervisor
from office.forms import DateInput


class PublicationForm(forms.ModelForm):
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
