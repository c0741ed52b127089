"""Where projects stand, which stand still, and where money takes longest."""
from django import forms
from django.utils import timezone

from funds import stages
from funds.filters import address
from funds.rules import timing
from funds.stages import STAGES, Course
from funds.views import listing
from funds.views.listing import Col
from office.access import allow
from office.roles import Permission

TAB = "funds:stages"
SHOWN = {"": "全部", "stuck": "未办完", "unaccepted": "完工逾期未验收",
         **{f"at_{key}": f"停在{label}" for key, label in STAGES.items()}}


class StageFilter(listing.SupervisionFilter):
    q = forms.CharField(label="编码或名称", required=False, max_length=60)
    show = forms.ChoiceField(label="进度", required=False, choices=list(SHOWN.items()))

    field_order = ("q", "programme", "year", "show")


def _asked(request):
    view, form = listing.read_view(request, StageFilter)
    return view, form, form.cleaned_data.get("show") or ""


def _kept(found: list[Course], show: str) -> list[Course]:
    if show == "stuck":
        return [one for one in found if one.waits_for]
    if show == "unaccepted":
        return stages.overdue(found)
    return [one for one in found if one.stage == show[3:]] if show else found


def _days(figure: float | None) -> str:
    return "" if figure is None else f"{figure:g}"


def _day(key: str) -> Col:
    return Col(STAGES[key], lambda one: one.days[key], "date", width=12)


COLUMNS = (
    Col("项目", lambda one: one.project.name, width=28, cell=lambda one: {
        "text": one.project.name, "sub": f"{one.project.number} · {one.project.area.name}"}),
    Col("项目编码", lambda one: one.project.number, width=16, file_only=True),
    Col("地点", lambda one: one.project.area.name, file_only=True),
    Col("现处阶段", lambda one: STAGES[one.stage], cell=lambda one: {
        "text": STAGES[one.stage], "tone": "wait" if one.waits_for else "good"}),
    Col("已停天数", lambda one: one.standing if one.waits_for else None, "integer", width=10),
    Col("下一步", lambda one: STAGES.get(one.waits_for, "已办完"), width=10),
    *(_day(key) for key in STAGES),
    Col("安排到拨付（天）", lambda one: one.between("bound", "paid"), "integer", width=12),
    Col("安排到开工（天）", lambda one: one.between("bound", "started"), "integer", width=12),
    Col("验收单号", lambda one: one.project.acceptance_number, width=18, file_only=True),
    Col("绩效得分", lambda one: one.project.score, "number", width=10, file_only=True))
PACES = (
    Col("地区", lambda row: row.label), Col("项目", lambda row: row.projects, "integer"),
    Col("安排到首次拨付（中位数，天）", lambda row: row.to_payment, "number", cell=lambda row: _days(row.to_payment)),
    Col("安排到开工（中位数，天）", lambda row: row.to_start, "number", cell=lambda row: _days(row.to_start)),
    Col("已安排未拨付", lambda row: row.unpaid, "integer"), Col("已安排未开工", lambda row: row.unstarted, "integer"))


@allow(Permission.SEE_MONEY)
def stage_list(request):
    """Projects by how long they have stood in their stage, the longest first; and how fast places are, slowest first."""
    view, form, show = _asked(request)
    today = timezone.localdate()
    found = stages.courses(view, today)
    rows = _kept(found, show)
    asked = listing.asked_for(view, show=show)
    waiting = {key: sum(one.waits_for == key for one in found) for key in STAGES}
    rule = timing("acceptance_days", today)
    return listing.show(
        request, view, title="项目进度", duty="stages", tab=TAB, form=form,
        kpis=[{"label": "项目", "value": len(found), "url": address(TAB, **{**asked, "show": ""})},
              *({"label": label, "value": waiting[key], "tone": "wait" if waiting[key] else "", "url": address(
                  TAB, **{**asked, "show": f"at_{before}"})} for key, before, label in (
                  ("bound", "entered", "待安排资金"), ("started", "bound", "待开工"), ("paid", "started", "待拨付"),
                  ("finished", "paid", "待完工"), ("accepted", "finished", "待验收"), ("rated", "accepted", "待评价"))),
              {"label": f"完工{rule.value}天未验收", "value": len(stages.overdue(found)), "tone": "bad",
               "url": address(TAB, **{**asked, "show": "unaccepted"})}],
        split=listing.table(PACES, stages.paces(view, found), url=lambda row: address(TAB, **{**asked, "area": row.code})
                            if row.code != view.area.pk else ""), split_title="按地区，拨付最慢的在前",
        table=listing.table(COLUMNS, rows[:listing.MOST_SHOWN], url=lambda one: address("funds:project", one.project.pk)),
        more=len(rows) > listing.MOST_SHOWN, rules=[rule],
        remark="停留天数从最近一个有日期的阶段算到今天；日期取自项目登记和资金流水。",
        export_url=address("funds:stages_export", **asked) if listing.may_export(request, view) else "",
        empty={"title": "没有符合条件的项目", "text": "选定的范围内没有入库的项目，或都不在这个阶段。"})


@allow(Permission.EXPORT_LEDGER)
def stage_export(request):
    """The list as a workbook."""
    view, _, show = _asked(request)
    rows = _kept(stages.courses(view, timezone.localdate()), show)
    return listing.taken_away(request, view, title="项目进度", columns=COLUMNS, rows=rows, condition=SHOWN.get(show, ""),
                              back=address(TAB, **listing.asked_for(view, show=show)))
