"""三公开 and the division of documents: what must be public and is not, and entering notices."""
from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from funds import oversight, publicity
from funds.filters import address
from funds.ledger import Refused
from funds.models import Movement, Project, Publication
from funds.oversight_forms import PublicationForm
from funds.places import View
from funds.publications import between, standing
from funds.rules import timings
from funds.states import Kind, Publicity, PublicityState
from funds.views import listing
from funds.views.listing import Col
from office.access import allow, covers
from office.paging import page_by_key
from office.roles import Permission

TAB = "funds:publicity"
TONES = {PublicityState.MISSING: "bad", PublicityState.SHORT: "wait", PublicityState.RUNNING: "info",
         PublicityState.PUBLISHED: "good"}
OPEN = (PublicityState.MISSING.value, PublicityState.SHORT.value)


class PublicityFilter(listing.SupervisionFilter):
    state = forms.ChoiceField(label="公示情况", required=False, choices=[
        ("", "全部"), ("open", "未公示或公示不足"), *PublicityState.choices])


def _asked(request) -> tuple[View, forms.Form, str, str]:
    view, form = listing.read_view(request, PublicityFilter)
    what = request.GET.get("what", "")
    return view, form, what if what in Publicity.values else Publicity.PROJECT, form.cleaned_data.get("state") or ""


def _rows(view: View, what: str, state: str):
    rows = publicity.due(view, what, timezone.localdate())
    if state:
        rows = rows.filter(publicity__in=OPEN if state == "open" else [state])
    if what == Publicity.ALLOCATION:
        return rows.select_related("appropriation__programme", "from_account__area")
    return rows.select_related("area__parent", "programme")


def _noted(rows: list, what: str) -> list:
    """Put on each row the notices about it: from when to when, where, and whether the hotline was named."""
    found = standing().filter(what=what)
    if what == Publicity.ALLOCATION:
        found = found.filter(appropriation__in={row.appropriation_id for row in rows})
    else:
        found = found.filter(project__in=[row.pk for row in rows])
    notices: dict = {}
    for one in found:
        notices.setdefault(one.project_id or (one.appropriation_id, one.area_id, one.allocated_on), []).append(one)
    today = timezone.localdate()
    for row in rows:
        key = (row.appropriation_id, row.from_account.area_id, row.on) if what == Publicity.ALLOCATION else row.pk
        row.notices = notices.get(key, [])
        row.days = (today - row.since).days
    return rows


def _spans(row) -> list[str]:
    return [f"{one.get_channel_display()} {between(one.from_on, one.to_on)}" for one in row.notices]


def _hotline(row) -> str:
    return "" if not row.notices else "已公布" if all(one.names_hotline for one in row.notices) else "未公布"


def _badge(row) -> dict:
    return {"text": PublicityState(row.publicity).label, "tone": TONES[row.publicity]}


_TAIL = (
    Col("应公示自", lambda row: row.since, "date", width=12),
    Col("公示情况", lambda row: PublicityState(row.publicity).label, cell=_badge),
    Col("距今天数", lambda row: row.days if row.publicity in OPEN else None, "integer", width=10),
    Col("公示渠道和起止", lambda row: "；".join(_spans(row)), width=44, cell=lambda row: listing.in_one_line(*_spans(row))),
    Col("12317", _hotline, width=9))
_PROJECTS = (
    Col("项目", lambda row: row.name, width=26, cell=lambda row: {"text": row.name, "sub": f"{row.number} · {row.year}年"}),
    Col("项目编码", lambda row: row.number, width=16, file_only=True), Col("地点", lambda row: row.area.name),
    Col("实施单位", lambda row: row.implementer, width=22))
_DIVISIONS = (
    Col("指标文", lambda row: row.document, width=24, cell=lambda row: {"text": row.document, "sub": row.appropriation.title}),
    Col("分配单位", lambda row: row.from_account.area.name), Col("分配金额（元）", lambda row: row.divided, "money", width=16))


def _columns(what: str) -> tuple[Col, ...]:
    return (*(_DIVISIONS if what == Publicity.ALLOCATION else _PROJECTS), *_TAIL)


@allow(Permission.SEE_MONEY)
def publicity_list(request):
    """Everything that must be public, by kind, with what is missing; by place, and as a list."""
    view, form, what, state = _asked(request)
    today = timezone.localdate()
    sums = {kind: publicity.whole(view, kind, today) for kind in Publicity.values}
    places, total = publicity.tally(view, what, today)
    page = page_by_key(_rows(view, what, state), request.GET, descending=True)
    _noted(page.rows, what)
    entry = [Col("办理", lambda row: "", cell=_entry(request.user, what))] if request.user.may(Permission.SUPERVISE_MONEY) else []
    asked = listing.asked_for(view, what=what, state=state)
    return listing.show(
        request, view, title=Publicity(what).label, duty=what, tab=TAB, form=form, page=page, kept={"what": what},
        table=listing.table([*_columns(what), *entry], page.rows, url=lambda row: address("funds:project", row.pk)
                            if what != Publicity.ALLOCATION else address("funds:appropriation", row.appropriation_id)),
        kinds=[{"label": Publicity(kind).label, "url": address(TAB, **{**asked, "what": kind}), "active": kind == what,
                "count": one.open} for kind, one in sums.items()],
        kpis=[{"label": "应公示", "value": total.due, "url": address(TAB, **{**asked, "state": ""})},
              *({"label": label, "value": getattr(total, name), "url": address(TAB, **{**asked, "state": name}), "tone":
                 {"missing": "bad", "short": "wait"}.get(name, "")} for name, label in PublicityState.choices)],
        split=_places(view, what, places, asked), split_title="按地区", rules=_rules(),
        export_url=address("funds:publicity_export", **asked) if listing.may_export(request, view) else "",
        empty={"title": "没有符合条件的事项", "text": "选定的范围内没有应当公开的事项，或都已按规定公示。"})


def _rules() -> list:
    return [timings(key)[-1] for key in ("notice_days", "website_notice")]


def _places(view: View, what: str, places, asked) -> dict:
    columns = (Col("地区", lambda row: row.label), Col("应公示", lambda row: row.due, "integer"),
               Col("未公示", lambda row: row.missing, "integer"), Col("公示不足", lambda row: row.short, "integer"),
               Col("公示中", lambda row: row.running, "integer"), Col("已公示", lambda row: row.published, "integer"))
    deeper = view.area.level != "village"
    return listing.table(columns, places, url=lambda row: address(TAB, **{**asked, "area": row.code})
                         if deeper and row.code != view.area.pk else "",
                         tone=lambda row: "wait" if row.open else "")


def _entry(officer, what: str):
    """A link to enter a notice, for rows in the officer's reach."""
    def cell(row) -> dict | str:
        area = row.from_account.area_id if what == Publicity.ALLOCATION else row.area_id
        if not covers(officer, Permission.SUPERVISE_MONEY, area):
            return ""
        url = address("funds:division_publish", row.pk) if what == Publicity.ALLOCATION else address(
            "funds:project_publish", row.pk, what)
        return {"text": "登记公示", "url": url}
    return cell


@allow(Permission.EXPORT_LEDGER)
def publicity_export(request):
    """The list as a workbook."""
    view, form, what, state = _asked(request)
    rows = list(_rows(view, what, state).order_by("pk")[:listing.MOST_EXPORTED + 1])
    label = dict(form.fields["state"].choices).get(state, "") if state else ""
    return listing.taken_away(
        request, view, title=Publicity(what).label, columns=_columns(what), rows=_noted(rows, what),
        back=address(TAB, **listing.asked_for(view, what=what, state=state)), totals=("分配金额（元）",),
        condition="；".join(filter(None, (view.programme, f"{view.year}年" if view.year else "", label))))


@allow(Permission.SUPERVISE_MONEY, methods=("GET", "POST"), writes=True)
def project_publish(request, pk, what):
    """A notice about one of the three things of a project."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    if what not in Publicity.values or what == Publicity.ALLOCATION:
        raise Http404("没有这种公开内容")
    return _enter(request, oversight.notice_of_project(project, what), project.name, address("funds:project", pk))


@allow(Permission.SUPERVISE_MONEY, methods=("GET", "POST"), writes=True)
def division_publish(request, pk):
    """A notice about how a city or county divided a document's money."""
    transfer = get_object_or_404(Movement.objects.visible_to(request.user).filter(kind=Kind.TRANSFER).select_related(
        "appropriation", "from_account__area"), pk=pk)
    return _enter(request, oversight.notice_of_division(transfer), f"{transfer.document} {transfer.on} 分配结果",
                  address(TAB, what=Publicity.ALLOCATION))


@allow(Permission.SUPERVISE_MONEY, methods=("GET", "POST"), writes=True)
def publication_edit(request, pk):
    """Correct a notice, or say that it was entered by mistake."""
    notice = get_object_or_404(Publication.objects.visible_to(request.user).select_related("project", "appropriation"), pk=pk)
    back = address("funds:project", notice.project_id) if notice.project_id else address(TAB, what=notice.what)
    if notice.withdrawn:
        raise Http404("登记已作废")
    return _enter(request, notice, str(notice.project or notice.appropriation), back)


def _enter(request, notice: Publication, about: str, back: str):
    if not covers(request.user, Permission.SUPERVISE_MONEY, notice.area_id):
        raise Http404("不在您办理的区域内")
    form = PublicationForm(request.POST or None, instance=notice)
    if request.method == "POST" and form.is_valid():
        try:
            oversight.publish(form.instance, request.user, request=request)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{notice.get_what_display()}已登记：{notice.get_channel_display()} "
                                      f"{between(notice.from_on, notice.to_on)}。")
            return redirect(back)
    return render(request, "funds/supervision/publication.html", {
        "title": f"登记{notice.get_what_display()}", "form": form, "about": about, "back_url": back, "notice": notice,
        "rules": _rules(), "crumbs": [{"label": "资金监督", "url": address(TAB, what=notice.what)},
                                      {"label": f"登记{notice.get_what_display()}"}]}, status=422 if form.errors else 200)


@allow(Permission.SUPERVISE_MONEY, methods=("POST",), writes=True)
def publication_withdraw(request, pk):
    """A mistaken entry counts no more."""
    notice = get_object_or_404(Publication.objects.visible_to(request.user), pk=pk)
    try:
        oversight.withdraw(notice, request.user, reason=request.POST.get("reason", ""), request=request)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("funds:publication_edit", notice.pk)
    messages.success(request, "公示登记已作废。")
    return redirect(address("funds:project", notice.project_id) if notice.project_id else address(TAB, what=notice.what))
