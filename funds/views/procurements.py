"""How contractors of projects were chosen (R143): which projects have no record, the records, entering one."""
from django import forms
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from funds import oversight
from funds.filters import address
from funds.ledger import Refused
from funds.models import Procurement, Project
from funds.oversight_forms import ProcurementForm
from funds.places import View
from funds.states import Procedure
from funds.views import listing
from funds.views.listing import Col
from office.access import allow, covers
from office.fields import MoneyField
from office.paging import page_by_key
from office.roles import Permission

TAB = "funds:procurements"


class ProcurementFilter(listing.SupervisionFilter):
    q = forms.CharField(label="项目或中标单位", required=False, max_length=60)
    method = forms.ChoiceField(label="采购方式", required=False, choices=[("", "全部"), ("none", "没有登记"), *Procedure.choices])

    field_order = ("q", "programme", "year", "method")


def _asked(request):
    view, form = listing.read_view(request, ProcurementFilter)
    return view, form, form.cleaned_data.get("method") or ""


def _projects(view: View, method: str = ""):
    """Projects of the library with the sum of their contracts; `method` `none`: those without a record."""
    records = Procurement.objects.filter(project=OuterRef("pk")).order_by()
    total = records.values("project").annotate(total=Sum("amount", output_field=MoneyField())).values("total")
    rows = view.projects().annotate(contracts=Subquery(total, output_field=MoneyField()))
    if view.q:
        rows = rows.filter(Q(name__contains=view.q) | Q(number__startswith=view.q)
                           | Exists(records.filter(winner__contains=view.q)))
    if method == "none":
        return rows.filter(~Exists(records))
    return rows.filter(Exists(records.filter(method=method))) if method else rows


def _with_records(rows: list) -> list:
    """Put its records on each project, in one statement."""
    found: dict[int, list] = {}
    for one in Procurement.objects.filter(project__in=[row.pk for row in rows]):
        found.setdefault(one.project_id, []).append(one)
    for row in rows:
        row.records = found.get(row.pk, [])
    return rows


def _each(row, get) -> list[str]:
    return [str(get(one) or "—") for one in row.records]


def _listed(label: str, get, width: int = 16) -> Col:
    """A column with one line for each record of the project."""
    return Col(label, lambda row: "；".join(_each(row, get)), width=width, cell=lambda row: listing.in_one_line(*_each(row, get)))


COLUMNS = (
    Col("项目", lambda row: row.name, width=28, cell=lambda row: {
        "text": row.name, "sub": f"{row.number} · {row.area.name}"}),
    Col("项目编码", lambda row: row.number, width=16, file_only=True),
    Col("地点", lambda row: row.area.name, file_only=True), Col("实施单位", lambda row: row.implementer, width=22),
    Col("计划投资（元）", lambda row: row.planned_total, "money", width=15),
    _listed("采购方式", lambda one: one.get_method_display()), _listed("成交日期", lambda one: one.decided_on),
    _listed("中标（成交）单位", lambda one: one.winner, 26), _listed("采购内容", lambda one: one.subject, 22),
    Col("合同金额（元）", lambda row: row.contracts, "money", width=15))


@allow(Permission.SEE_MONEY)
def procurement_list(request):
    """Projects with how their contractor was chosen; those without a record are one click away."""
    view, form, method = _asked(request)
    page = page_by_key(_projects(view, method).select_related("area"), request.GET, descending=True)
    asked = listing.asked_for(view, method=method)
    every = Project.objects.filter(pk__in=_projects(view).values("pk"))
    kinds = dict(Procurement.objects.filter(project__in=every).order_by().values_list("method").annotate(
        Count("project", distinct=True)))
    columns = list(COLUMNS)
    if request.user.may(Permission.SUPERVISE_MONEY):
        columns.append(Col("办理", lambda row: "", cell=lambda row: {
            "text": "登记采购", "url": address("funds:project_procure", row.pk)}))
    return listing.show(
        request, view, title="项目采购", duty="procurement", tab=TAB, form=form, page=page,
        kpis=[{"label": "项目", "value": every.count(), "url": address(TAB, **{**asked, "method": ""})},
              {"label": "没有登记", "value": _projects(view, "none").count(), "tone": "bad",
               "url": address(TAB, **{**asked, "method": "none"})},
              *({"label": label, "value": kinds[key], "url": address(TAB, **{**asked, "method": key})}
                for key, label in Procedure.choices if key in kinds)],
        table=listing.table(columns, _with_records(page.rows), url=lambda row: address("funds:project", row.pk)),
        export_url=address("funds:procurements_export", **asked) if listing.may_export(request, view) else "",
        empty={"title": "没有符合条件的项目", "text": "选定的范围内没有入库的项目，或都已登记采购。"},
        remark="合同价为各份合同之和。招标限额文件未印，不判断是否应当招标、是否拆分合同。")


@allow(Permission.EXPORT_LEDGER)
def procurement_export(request):
    """The list as a workbook."""
    view, form, method = _asked(request)
    rows = list(_projects(view, method).select_related("area").order_by("pk")[:listing.MOST_EXPORTED + 1])
    return listing.taken_away(request, view, title="项目采购", columns=COLUMNS, rows=_with_records(rows),
                              condition=dict(form.fields["method"].choices)[method] if method else "",
                              totals=("计划投资（元）", "合同金额（元）"),
                              back=address(TAB, **listing.asked_for(view, method=method)))


@allow(Permission.SUPERVISE_MONEY, methods=("GET", "POST"), writes=True)
def project_procure(request, pk):
    """How the contractor of a project was chosen."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    return _entry(request, Procurement(project=project), "登记采购")


@allow(Permission.SUPERVISE_MONEY, methods=("GET", "POST"), writes=True)
def procurement_edit(request, pk):
    """Correct a record."""
    found = get_object_or_404(Procurement.objects.visible_to(request.user).select_related("project"), pk=pk)
    return _entry(request, found, "更正采购登记")


def _entry(request, record: Procurement, title: str):
    if not covers(request.user, Permission.SUPERVISE_MONEY, record.project.area_id):
        raise Http404("不在您办理的区域内")
    form = ProcurementForm(request.POST or None, instance=record)
    back = address("funds:project", record.project_id)
    if request.method == "POST" and form.is_valid():
        try:
            oversight.procure(form.instance, request.user, request=request)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "采购已登记。")
            return redirect(back)
    return render(request, "funds/supervision/form.html", {
        "title": title, "about": record.project.name, "form": form, "back_url": back, "draft": f"procure-{record.project_id}",
        "crumbs": [{"label": "项目采购", "url": address(TAB)}, {"label": title}]}, status=422 if form.errors else 200)
