"""The audit plan, what checks found, and what became of it: to read for everybody who sees the money, to record for the
poverty offices of county and city."""
from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from funds import audits
from funds.filters import YEARS, address
from funds.ledger import Refused
from funds.models import Audit, AuditFinding
from funds.oversight_forms import AuditForm, FindingForm
from funds.states import FindingState, Misuse
from funds.views import listing
from funds.views.listing import Col
from office.access import allow, covers, within
from office.models import Area
from office.paging import page_by_key
from office.roles import Permission
from office.templatetags.formatting import wan, yuan

TONES = {audits.PLANNED: "info", audits.UNDER_WAY: "info", audits.FINISHED: "good", audits.LATE: "bad"}
FINDING_TONES = {FindingState.OPEN: "bad", FindingState.RECTIFYING: "wait", FindingState.CLOSED: "good"}


class AuditFilter(forms.Form):
    year = forms.TypedChoiceField(label="计划年度", required=False, coerce=int, empty_value=None,
                                  choices=[("", "全部"), *((year, f"{year}年") for year in YEARS)])
    state = forms.ChoiceField(label="进展", required=False, choices=[("", "全部"), *audits.STATES.items()])

    def __init__(self, *args, programmes=(), **kwargs):
        super().__init__(*args, **kwargs)


class FindingFilter(AuditFilter):
    kind = forms.ChoiceField(label="问题类型", required=False, choices=[("", "全部"), *Misuse.choices])
    state = forms.ChoiceField(label="处理情况", required=False, choices=[
        ("", "全部"), *FindingState.choices, (audits.LATE, "逾期未办结")])


def _asked(request, form_class):
    view, form = listing.read_view(request, form_class)
    return view, form, {name: form.cleaned_data.get(name) or "" for name in ("state", "kind")}


def _state(row) -> str:
    return audits.state_of(row, timezone.localdate())


AUDITS = (
    Col("审计项目", lambda row: row.title, width=28, cell=lambda row: {"text": row.title, "sub": row.organ}),
    Col("实施机关", lambda row: row.organ, width=20, file_only=True), Col("机关类别", lambda row: row.get_body_display()),
    Col("计划年度", lambda row: row.year, "integer", width=9), Col("审计范围", lambda row: row.area.name),
    Col("跟踪项目", lambda row: str(row.project or ""), width=26),
    Col("计划完成", lambda row: row.planned_to, "date"), Col("进点", lambda row: row.started_on, "date"),
    Col("完成", lambda row: row.finished_on, "date"),
    Col("进展", lambda row: audits.STATES[_state(row)], cell=lambda row: {
        "text": audits.STATES[_state(row)], "tone": TONES[_state(row)]}),
    Col("发现问题", lambda row: row.found, "integer"), Col("涉及金额（元）", lambda row: row.amount, "money", width=15),
    Col("未办结", lambda row: row.unsettled, "integer"),
    Col("报告文号", lambda row: row.report_number, width=20, file_only=True),
    Col("审计结论", lambda row: row.conclusion, width=40, file_only=True))


@allow(Permission.SEE_MONEY)
def audit_list(request):
    """Checks planned, under way, finished and late."""
    view, form, asked = _asked(request, AuditFilter)
    today = timezone.localdate()
    rows = audits.audits(view, today, asked["state"])
    page = page_by_key(rows.select_related("area", "project"), request.GET, descending=True)
    parameters = listing.asked_for(view, **asked)
    may = request.user.may(Permission.RECORD_AUDIT)
    return listing.show(
        request, view, title="审计检查", duty="audit", tab="funds:audits", form=form, page=page,
        kpis=[{"label": label, "value": audits.audits(view, today, state).count(), "tone": "bad" if state == audits.LATE else "",
               "url": address("funds:audits", **{**parameters, "state": state})}
              for state, label in (("", "计划内"), *audits.STATES.items())],
        table=listing.table(AUDITS, page.rows, url=lambda row: address("funds:audit", row.pk)),
        actions=[{"label": "登记审计检查", "url": address("funds:audit_new"), "icon": "plus", "primary": True}] if may else [],
        export_url=address("funds:audits_export", **parameters) if listing.may_export(request, view) else "",
        empty={"title": "没有符合条件的审计检查", "text": "由县、市扶贫办按年度审计计划登记；审计人员在这里查阅和导出。"})


@allow(Permission.EXPORT_LEDGER)
def audit_export(request):
    """The plan and its course as a workbook."""
    view, _, asked = _asked(request, AuditFilter)
    rows = list(audits.audits(view, timezone.localdate(), asked["state"]).select_related("area", "project").order_by("-pk")[
        :listing.MOST_EXPORTED + 1])
    return listing.taken_away(request, view, title="审计检查", columns=AUDITS, rows=rows, totals=("涉及金额（元）",),
                              condition="；".join(filter(None, (str(view.year or ""), audits.STATES.get(asked["state"], "")))),
                              back=address("funds:audits", **listing.asked_for(view, **asked)))


FINDINGS = (
    Col("问题类型", lambda row: row.get_kind_display(), cell=lambda row: {
        "text": row.get_kind_display(), "sub": row.description[:40]}),
    Col("问题", lambda row: row.description, width=40, file_only=True), Col("区域", lambda row: row.area.name),
    Col("审计项目", lambda row: row.audit.title, width=24),
    Col("涉及项目或流水", lambda row: "；".join(filter(None, (
        row.project.name if row.project else "", f"第{row.movement_id}号流水" if row.movement_id else ""))), width=26),
    Col("涉及金额（元）", lambda row: row.amount, "money", width=15), Col("发现日期", lambda row: row.found_on, "date"),
    Col("整改期限", lambda row: row.deadline, "date"),
    Col("处理情况", lambda row: row.get_state_display(), cell=lambda row: {
        "text": row.get_state_display(), "tone": FINDING_TONES[row.state],
        "sub": "逾期" if row.state != FindingState.CLOSED and row.deadline < timezone.localdate() else ""}),
    Col("处理结果", lambda row: row.get_outcome_display() if row.outcome else ""),
    Col("追回金额（元）", lambda row: row.recovered, "money", width=15),
    Col("移送机关", lambda row: row.handed_to, width=18, file_only=True),
    Col("办结日期", lambda row: row.closed_on, "date"),
    Col("处理情况说明", lambda row: row.result, width=40, file_only=True))
KINDS = (Col("问题类型", lambda row: Misuse(row["kind"]).label), Col("件数", lambda row: row["count"], "integer"),
         Col("涉及金额（元）", lambda row: row["amount"], "money"), Col("追回金额（元）", lambda row: row["recovered"], "money"),
         Col("未办结", lambda row: row["open"], "integer"))


@allow(Permission.SEE_MONEY)
def finding_list(request):
    """Misuse that checks found, by its five kinds, with what became of it."""
    view, form, asked = _asked(request, FindingFilter)
    today = timezone.localdate()
    rows = audits.findings(view, today, **asked)
    figures, every = audits.figures(audits.findings(view, today, kind=asked["kind"]), today), listing.asked_for(view, **asked)
    page = page_by_key(rows.select_related("area", "audit", "project"), request.GET, descending=True)

    def narrowed(**more) -> str:
        return address("funds:audit_findings", **{**every, **more})

    return listing.show(
        request, view, title="审计发现", duty="misuse", tab="funds:audit_findings", form=form, page=page,
        kpis=[{"label": "发现问题", "value": figures["count"], "url": narrowed(state="")},
              {"label": "涉及金额", "value": wan(figures["amount"]), "unit": "万元", "note": yuan(figures["amount"])},
              {"label": "追回金额", "value": wan(figures["recovered"]), "unit": "万元", "note": yuan(figures["recovered"])},
              {"label": "未办结", "value": figures["open"], "tone": "wait"},
              {"label": "逾期未办结", "value": figures["late"], "tone": "bad", "url": narrowed(state=audits.LATE)},
              {"label": "移送", "value": figures["handed_over"]}],
        split=listing.table(KINDS, audits.by_kind(rows), url=lambda row: narrowed(kind=row["kind"])), split_title="按问题类型",
        table=listing.table(FINDINGS, page.rows, url=lambda row: address("funds:audit_finding", row.pk)),
        export_url=address("funds:audit_findings_export", **every) if listing.may_export(request, view) else "",
        empty={"title": "没有符合条件的审计发现", "text": "由县、市扶贫办在审计检查的页面登记；审计人员在这里查阅和导出。"})


@allow(Permission.EXPORT_LEDGER)
def finding_export(request):
    """The findings as a workbook."""
    view, form, asked = _asked(request, FindingFilter)
    rows = list(audits.findings(view, timezone.localdate(), **asked).select_related("area", "audit", "project").order_by("-pk")[
        :listing.MOST_EXPORTED + 1])
    words = [dict(form.fields[name].choices).get(value, "") for name, value in asked.items() if value]
    return listing.taken_away(request, view, title="审计发现", columns=FINDINGS, rows=rows, condition="；".join(words),
                              totals=("涉及金额（元）", "追回金额（元）"),
                              back=address("funds:audit_findings", **listing.asked_for(view, **asked)))


@allow(Permission.SEE_MONEY)
def audit(request, pk):
    """One check with what it found."""
    found = get_object_or_404(Audit.objects.visible_to(request.user).select_related("area", "project", "recorded_by"), pk=pk)
    rows = list(found.findings.select_related("area", "audit", "project"))
    state = _state(found)
    return render(request, "funds/supervision/audit.html", {
        "title": found.title, "audit": found, "state": audits.STATES[state], "tone": TONES[state],
        "facts": _facts(AUDITS[1:], found, skip=("发现问题", "涉及金额（元）", "未办结", "进展")),
        "table": listing.table(FINDINGS, rows, url=lambda row: address("funds:audit_finding", row.pk)),
        "may": covers(request.user, Permission.RECORD_AUDIT, found.area_id),
        "crumbs": [{"label": "审计检查", "url": address("funds:audits")}, {"label": found.title}]})


@allow(Permission.SEE_MONEY)
def finding(request, pk):
    """One finding with every state it had."""
    found = get_object_or_404(AuditFinding.objects.visible_to(request.user).select_related(
        "area", "audit__area", "project", "movement"), pk=pk)
    return render(request, "funds/supervision/finding.html", {
        "title": f"审计发现：{found.get_kind_display()}", "finding": found, "tone": FINDING_TONES[found.state],
        "facts": _facts(FINDINGS, found, skip=("问题类型", "问题", "审计项目", "涉及项目或流水", "处理情况")),
        "versions": list(found.history.select_related("history_user")), "may": covers(
            request.user, Permission.RECORD_AUDIT, found.audit.area_id),
        "crumbs": [{"label": "审计发现", "url": address("funds:audit_findings")},
                   {"label": found.audit.title, "url": address("funds:audit", found.audit_id)},
                   {"label": found.get_kind_display()}]})


def _facts(columns, row, skip=()) -> list[dict]:
    """The columns of a list as name and value."""
    shown = {"money": yuan, "date": lambda day: str(day or "")}
    return [{"label": column.label, "value": shown.get(column.kind, lambda value: value)(column.get(row))}
            for column in columns if column.label not in skip]


@allow(Permission.RECORD_AUDIT, methods=("GET", "POST"), writes=True)
def audit_new(request):
    """A check of the plan."""
    return _entry(request, AuditForm(request.POST or None, officer=request.user), audits.plan, "登记审计检查",
                  address("funds:audits"), lambda stored: address("funds:audit", stored.pk))


@allow(Permission.RECORD_AUDIT, methods=("GET", "POST"), writes=True)
def audit_edit(request, pk):
    """How a check goes on, and its conclusion."""
    found = _own(request, Audit, pk)
    return _entry(request, AuditForm(request.POST or None, instance=found, officer=request.user), audits.plan, "修改审计检查",
                  address("funds:audit", pk), lambda stored: address("funds:audit", pk))


@allow(Permission.RECORD_AUDIT, methods=("GET", "POST"), writes=True)
def finding_new(request, pk):
    """What a check found."""
    row = AuditFinding(audit=_own(request, Audit, pk))
    return _entry(request, FindingForm(request.POST or None, instance=row, officer=request.user), audits.find, "登记审计发现",
                  address("funds:audit", pk), lambda stored: address("funds:audit", pk))


@allow(Permission.RECORD_AUDIT, methods=("GET", "POST"), writes=True)
def finding_edit(request, pk):
    """What became of a finding."""
    found = _own(request, AuditFinding, pk)
    return _entry(request, FindingForm(request.POST or None, instance=found, officer=request.user), audits.find, "登记处理情况",
                  address("funds:audit_finding", pk), lambda stored: address("funds:audit_finding", pk))


def _own(request, model, pk):
    found = get_object_or_404(model.objects.visible_to(request.user), pk=pk)
    if not covers(request.user, Permission.RECORD_AUDIT, found.area_id):
        raise Http404("不在您办理的区域内")
    return found


def _entry(request, form, action, title: str, back: str, onwards):
    if request.method == "POST" and form.is_valid():
        try:
            stored = action(form.instance, request.user, request=request)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "已保存。")
            return redirect(onwards(stored))
    return render(request, "funds/supervision/form.html", {
        "title": title, "form": form, "back_url": back, "draft": f"audit-{title}-{form.instance.pk or back}",
        "crumbs": [{"label": "审计检查", "url": address("funds:audits")}, {"label": title}]}, status=422 if form.errors else 200)


@allow(Permission.RECORD_AUDIT)
def audit_places(request):
    """Suggestions while typing: places that the officer may enter a check of."""
    text = request.GET.get("area", "").strip()
    found = list(Area.objects.filter(within("code", request.user.scope_for(Permission.RECORD_AUDIT)), Q(name__contains=text)
                                     | Q(code__startswith=text)).order_by("code")[:20]) if text else []
    return render(request, "office/options.html", {
        "options": [{"value": f"{place.pk} {place.name}", "label": place.get_level_display()} for place in found]})
