"""Lists of the supervision: the same columns on the page and in the workbook, and the frame that all of them share."""
import datetime
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from funds.filters import YEARS, address, programmes_of
from funds.places import View
from funds.rules.duties import bases
from office import trail
from office.access import area_or_404, covers
from office.models import Officer
from office.roles import Permission
from office.templatetags.formatting import yuan
from office.workbooks import Column, SheetSpec, write_tables

MOST_SHOWN, MOST_EXPORTED = 200, 20_000
TABS = (("funds:publicity", "三公开"), ("funds:supervisors", "监督员"), ("funds:network", "涉农网"),
        ("funds:stages", "项目进度"), ("funds:audits", "审计检查"), ("funds:audit_findings", "审计发现"),
        ("funds:procurements", "采购"), ("funds:leads", "疑点"))


@dataclass(frozen=True)
class Col:
    """One column. `get` reads its value; `cell` draws it on the page when that is more than the value (link, badge, second
    line). `page_only`: not in the workbook; `file_only`: not on the page."""

    label: str
    get: Callable[[Any], Any]
    kind: str = "text"
    cell: Callable[[Any], Any] | None = None
    width: int = 14
    page_only: bool = False
    file_only: bool = False

    @property
    def numeric(self) -> bool:
        return self.kind in ("money", "integer", "number")

    def shown(self, row) -> Any:
        if self.cell is not None:
            return self.cell(row)
        value = self.get(row)
        if self.kind == "date" and value:
            return in_one_line(str(value))
        return yuan(value) if self.kind == "money" else value


def in_one_line(*texts: str) -> SafeString:
    """Texts below each other, none of them broken."""
    return format_html_join("", '<div class="nowrap">{}</div>', ((text,) for text in texts if text))


class SupervisionFilter(forms.Form):
    """Programme and year; lists add what is theirs."""

    programme = forms.ChoiceField(label="政策文件", required=False)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None,
                                  choices=[("", "全部"), *((year, f"{year}年") for year in YEARS)])

    def __init__(self, *args, programmes=(), **kwargs):
        super().__init__(*args, **kwargs)
        if "programme" in self.fields:
            self.fields["programme"].choices = [("", "全部"), *((one.pk, one.name) for one in programmes)]


def read_view(request, form_class=SupervisionFilter) -> tuple[View, forms.Form]:
    """What the address asks for; without an area that of the officer's own. 404 outside the scope."""
    code = request.GET.get("area", "")
    area = area_or_404(request.user, code) if code else request.user.home_area
    form = form_class(request.GET, programmes=programmes_of(area))
    form.is_valid()
    asked = form.cleaned_data
    return View(officer=request.user, area=area, programme=asked.get("programme") or "", year=asked.get("year"),
                q=asked.get("q") or ""), form


def asked_for(view: View, **more) -> dict:
    """The view as parameters of an address."""
    return {"area": view.area.pk, "programme": view.programme, "year": view.year, "q": view.q, **more}


def table(columns: Sequence[Col], rows: Iterable, url: Callable[[Any], str] | None = None,
          tone: Callable[[Any], str] | None = None) -> dict:
    """Columns and rows as the table component takes them."""
    columns = [column for column in columns if not column.file_only]
    return {"columns": [{"label": column.label, "numeric": column.numeric} for column in columns],
            "rows": [{"cells": [column.shown(row) for column in columns], "url": url(row) if url else "",
                      "tone": tone(row) if tone else ""} for row in rows]}


def show(request, view: View, *, title: str, duty: str, tab: str, template: str = "list", status: int = 200,
         kept: dict | None = None, **context):
    """A list in the common frame: where one is, which clause asks for it, filters, table. `kept`: what the address says
    besides the filters and goes on saying."""
    found = bases(duty, view.area)
    return render(request, f"funds/supervision/{template}.html", {
        "title": f"{title} · {view.area.name}", "view": view, "bases": found, "keep": [
            {"name": name, "value": value} for name, value in {"area": view.area.pk, **(kept or {})}.items()],
        "tabs": [{"label": label, "url": address(name, area=view.area.pk), "active": name == tab} for name, label in TABS],
        "places": _ways(request.user, view, tab), "reset_url": address(tab, area=view.area.pk), **context}, status=status)


def _ways(officer: Officer, view: View, tab: str) -> list[dict]:
    """The way up to the officer's own area."""
    return [{"label": place.name, "url": address(tab, area=place.pk)} for place in view.area.trail
            if covers(officer, Permission.SEE_MONEY, place.pk) and place.pk != view.area.pk]


def may_export(request, view: View) -> bool:
    return covers(request.user, Permission.EXPORT_LEDGER, view.area.pk)


def taken_away(request, view: View, *, title: str, columns: Sequence[Col], rows: Sequence, back: str, condition: str = "",
               totals: Sequence[str] = ()):
    """The list as a workbook: exactly its rows and columns, with what was asked for, the moment and the person."""
    if not may_export(request, view):
        messages.error(request, f"您没有导出{view.area.name}资金资料的权限。")
        return redirect(back)
    if len(rows) > MOST_EXPORTED:
        messages.error(request, f"符合条件的超过 {MOST_EXPORTED} 行，没有导出。请缩小区域或选定年度后再导出。")
        return redirect(back)
    kept = [column for column in columns if not column.page_only]
    trail.record(request.user, f"导出{title}", f"area:{view.area.pk}", area=view.area.pk, request=request,
                 detail={"rows": len(rows), "condition": condition})
    now = timezone.localtime()
    lead = [f"{view.area.name} {title}", f"条件：{condition or '无'}；数据截至：{now:%Y-%m-%d %H:%M}；导出：{request.user}"]
    specs = [Column(str(place), column.label, column.kind, width=column.width) for place, column in enumerate(kept)]
    made = ({str(place): _plain(column.get(row)) for place, column in enumerate(kept)} for row in rows)
    with tempfile.TemporaryDirectory(prefix="povertyapp-list-") as folder:
        path = Path(folder) / "list.xlsx"
        write_tables(path, [SheetSpec(title[:31], specs, made, lead=lead, totals=[
            str(place) for place, column in enumerate(kept) if column.label in totals])])
        return FileResponse(path.open("rb"), as_attachment=True, filename=f"{view.area.name}-{title}-{now:%Y%m%d-%H%M}.xlsx")


def _plain(value) -> Any:
    return value.date() if isinstance(value, datetime.datetime) else value
