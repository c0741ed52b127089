"""Supervisors of villages and projects, and the numbers of the sums in the 涉农网."""
from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html

from funds import network, oversight
from funds.filters import address
from funds.ledger import Refused
from funds.models import Project, Supervisor
from funds.oversight_forms import SupervisorForm
from funds.views import listing
from funds.views.listing import Col
from office.access import allow, area_or_404, covers
from office.paging import page_by_key
from office.roles import Permission

STATES = {"missing": "未登记", "entered": "已登记"}
KINDS = {"movements": "资金流水", "batches": "到户发放批次"}
PLACES = {"villages": "村", "projects": "项目"}


class NetworkFilter(listing.SupervisionFilter):
    state = forms.ChoiceField(label="登记情况", required=False, choices=[("", "全部"), *STATES.items()])


def _asked(request, kinds: dict):
    view, form = listing.read_view(request, NetworkFilter)
    kind = request.GET.get("kind", "")
    return view, form, kind if kind in kinds else next(iter(kinds)), form.cleaned_data.get("state") or ""


def _kept(rows, column: str, state: str):
    return rows.filter(**{column: ""}) if state == "missing" else rows.exclude(**{column: ""}) if state else rows


def _parts(kinds: dict, name: str, kind: str, asked: dict, counted: dict) -> list[dict]:
    return [{"label": label, "url": address(name, **{**asked, "kind": key}), "active": key == kind, "count": counted[key][1]}
            for key, label in kinds.items()]


def _counted(rows, column: str) -> tuple[int, int]:
    """How many there are, and how many of them without; one statement."""
    found = rows.order_by().aggregate(every=Count("pk"), without=Count("pk", filter=Q(**{column: ""})))
    return found["every"], found["without"]


def _kpis(counted: tuple[int, int], name: str, asked: dict) -> list[dict]:
    """How many there are, without and with; each opens its rows."""
    every, without = counted
    return [{"label": "应登记", "value": every, "url": address(name, **{**asked, "state": ""})},
            {"label": "未登记", "value": without, "url": address(name, **{**asked, "state": "missing"}), "tone": "bad"},
            {"label": "已登记", "value": every - without, "url": address(name, **{**asked, "state": "entered"})}]


# Numbers in the network

_MOVEMENTS = (
    Col("流水", lambda row: row.pk, "integer", width=9), Col("日期", lambda row: row.on, "date", width=12),
    Col("类型", lambda row: row.get_kind_display()), Col("区域", lambda row: row.area.name),
    Col("项目或指标文", lambda row: row.project.name if row.project else row.document, width=28),
    Col("金额（元）", lambda row: row.amount, "money", width=15),
    Col("凭证号", lambda row: row.voucher_number, width=18), Col("涉农网编号", lambda row: row.reference, width=20))
_BATCHES = (
    Col("批次号", lambda row: row.number, width=16), Col("发放日期", lambda row: row.paid_on, "date", width=12),
    Col("发放事项", lambda row: row.item, width=26), Col("区域", lambda row: row.area.name),
    Col("笔数", lambda row: row.lines_count, "integer"), Col("金额（元）", lambda row: row.total, "money", width=15),
    Col("涉农网编号", lambda row: row.reference, width=20))


def _transactions(view, kind: str):
    if kind == "batches":
        return network.batches(view).select_related("area")
    return network.movements(view).select_related("area", "project")


def _box(officer, kind: str):
    """A field for the number, on rows of the officer's area that have none."""
    def cell(row):
        if row.reference or not covers(officer, Permission.SUPERVISE_MONEY, row.area_id):
            return row.reference
        return format_html('<input class="form-control form-control-sm" name="{}_{}" maxlength="40" aria-label="{}">',
                           kind, row.pk, f"{row} 的涉农网编号")
    return cell


@allow(Permission.SEE_MONEY)
def network_list(request):
    """Sums of the area, those without a number first asked for; numbers are entered in the rows or pasted."""
    return _network(request)


def _network(request, *, pasted: str = "", refused: str = ""):
    view, form, kind, state = _asked(request, KINDS)
    rows = _transactions(view, kind)
    columns = _BATCHES if kind == "batches" else _MOVEMENTS
    may = request.user.may(Permission.SUPERVISE_MONEY)
    page = page_by_key(_kept(rows, "reference", state), request.GET, descending=True)
    shown = (*columns[:-1], Col("涉农网编号", columns[-1].get, cell=_box(request.user, kind))) if may else columns
    asked = listing.asked_for(view, kind=kind, state=state)
    counted = {key: _counted(_transactions(view, key), "reference") for key in KINDS}
    detail = "funds:batch" if kind == "batches" else "funds:movement"
    return listing.show(
        request, view, title="涉农网登记", duty="network", tab="funds:network", template="network", form=form, page=page,
        kept={"kind": kind},
        kinds=_parts(KINDS, "funds:network", kind, asked, counted), kpis=_kpis(counted[kind], "funds:network", asked),
        table=listing.table(shown, page.rows, url=lambda row: address(detail, row.pk)), may_enter=may, pasted=pasted,
        refused=refused, enter_url=address("funds:network_enter", **asked),
        export_url=address("funds:network_export", **asked) if listing.may_export(request, view) else "",
        empty={"title": "没有符合条件的资金", "text": "选定的范围内没有资金，或都已登记涉农网编号。"},
        remark="冲正和被冲正的流水、年终结转不单独登记；一个到户发放批次登记一个编号。凭证上已写明编号的，以凭证为准。",
        status=422 if refused else 200)


@allow(Permission.SUPERVISE_MONEY, methods=("POST",), writes=True)
def network_enter(request):
    """Store the numbers typed into the rows, or those pasted; all or none."""
    view, _, kind, state = _asked(request, KINDS)
    pasted = request.POST.get("pasted", "")
    try:
        if pasted.strip():
            numbers = network.read_lines(view, pasted)
        else:
            typed = {int(name.rpartition("_")[2]): value for name, value in request.POST.items()
                     if name.startswith(f"{kind}_") and name.rpartition("_")[2].isdigit() and value.strip()}
            numbers = {row: typed[row.pk] for row in _transactions(view, kind).filter(pk__in=typed)}
        if not numbers:
            raise Refused("没有填写任何编号")
        stored = network.enter(request.user, numbers, request=request)
    except Refused as refused:
        return _network(request, pasted=pasted, refused=str(refused))
    messages.success(request, f"已登记 {stored} 个涉农网编号。")
    return redirect(address("funds:network", **listing.asked_for(view, kind=kind, state=state)))


@allow(Permission.EXPORT_LEDGER)
def network_export(request):
    """The list as a workbook."""
    view, _, kind, state = _asked(request, KINDS)
    rows = list(_kept(_transactions(view, kind), "reference", state).order_by("pk")[:listing.MOST_EXPORTED + 1])
    return listing.taken_away(request, view, title=f"涉农网登记（{KINDS[kind]}）", rows=rows, totals=("金额（元）",),
                              columns=_BATCHES if kind == "batches" else _MOVEMENTS, condition=STATES.get(state, ""),
                              back=address("funds:network", **listing.asked_for(view, kind=kind, state=state)))


# Supervisors

_VILLAGES = (
    Col("村", lambda row: row.name), Col("镇", lambda row: row.parent.name),
    Col("项目数", lambda row: row.projects_count, "integer"),
    Col("监督员", lambda row: row.supervisor), Col("单位和职务", lambda row: row.unit or "", width=24),
    Col("任职日期", lambda row: row.since, "date"))
_PROJECTS = (
    Col("项目", lambda row: row.name, width=28, cell=lambda row: {"text": row.name, "sub": f"{row.number} · {row.year}年"}),
    Col("项目编码", lambda row: row.number, width=16, file_only=True), Col("地点", lambda row: row.area.name),
    Col("监督员", lambda row: row.supervisor, cell=lambda row: {
        "text": row.supervisor, "sub": "" if row.own or not row.supervisor else "本村监督员"}),
    Col("任职日期", lambda row: row.since, "date"))


def _watched(view, kind: str):
    return network.projects(view) if kind == "projects" else network.villages(view)


@allow(Permission.SEE_MONEY)
def supervisor_list(request):
    """Villages with projects, and projects, with who watches; those without somebody are asked for first."""
    view, form, kind, state = _asked(request, PLACES)
    rows = _watched(view, kind)
    page = page_by_key(_kept(rows, "supervisor", state), request.GET)
    columns = list(_PROJECTS if kind == "projects" else _VILLAGES)
    asked = listing.asked_for(view, kind=kind, state=state)
    if request.user.may(Permission.SUPERVISE_MONEY):
        columns.append(Col("办理", lambda row: "", cell=lambda row: {
            "text": "更换" if row.supervisor and (kind == "villages" or row.own) else "登记",
            "url": address(f"funds:{kind[:-1]}_supervisor", row.pk)}))
    counted = {key: _counted(_watched(view, key), "supervisor") for key in PLACES}
    return listing.show(
        request, view, title="涉农资金监督员", duty="supervisor", tab="funds:supervisors", form=form, page=page,
        kept={"kind": kind},
        kinds=_parts(PLACES, "funds:supervisors", kind, asked, counted),
        kpis=_kpis(counted[kind], "funds:supervisors", asked),
        table=listing.table(columns, page.rows, url=lambda row: address(
            "funds:project" if kind == "projects" else "funds:village", row.pk)),
        export_url=address("funds:supervisors_export", **asked) if listing.may_export(request, view) else "",
        empty={"title": "没有符合条件的村或项目", "text": "选定的范围内没有入库的项目，或都已登记监督员。"},
        remark="有项目的村登记一名监督员；项目没有单独登记的，由本村监督员负责。")


@allow(Permission.EXPORT_LEDGER)
def supervisor_export(request):
    """The list as a workbook."""
    view, _, kind, state = _asked(request, PLACES)
    rows = list(_kept(_watched(view, kind), "supervisor", state).order_by("pk")[:listing.MOST_EXPORTED + 1])
    return listing.taken_away(request, view, title=f"涉农资金监督员（{PLACES[kind]}）", rows=rows,
                              condition=STATES.get(state, ""), columns=_PROJECTS if kind == "projects" else _VILLAGES,
                              back=address("funds:supervisors", **listing.asked_for(view, kind=kind, state=state)))


@allow(Permission.SUPERVISE_MONEY, methods=("GET", "POST"), writes=True)
def village_supervisor(request, code):
    """Who watches over the money of a village from now on."""
    area = area_or_404(request.user, code)
    if area.level != "village":
        raise Http404("监督员按村登记")
    return _appoint(request, Supervisor(area=area), area.name, address("funds:supervisors", area=area.pk))


@allow(Permission.SUPERVISE_MONEY, methods=("GET", "POST"), writes=True)
def project_supervisor(request, pk):
    """Who watches over one project from now on."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    return _appoint(request, Supervisor(area_id=project.area_id, project=project), project.name, address("funds:project", pk))


def _appoint(request, supervisor: Supervisor, about: str, back: str):
    if not covers(request.user, Permission.SUPERVISE_MONEY, supervisor.area_id):
        raise Http404("不在您办理的区域内")
    form = SupervisorForm(request.POST or None, instance=supervisor, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            oversight.appoint(form.instance, request.user, request=request)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"已登记：{about}由{supervisor.name}监督。")
            return redirect(back)
    return render(request, "funds/supervision/form.html", {
        "title": "登记涉农资金监督员", "about": f"{about}；现任监督员同时离任", "form": form, "back_url": back,
        "draft": f"supervisor-{about}", "crumbs": [{"label": "资金监督", "url": address("funds:supervisors")},
                                                   {"label": "登记监督员"}]}, status=422 if form.errors else 200)
