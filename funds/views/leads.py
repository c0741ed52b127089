"""Leads to look at: how many there are of each kind, why, and the rows themselves."""
from django.utils import timezone

from funds import leads, publicity
from funds.filters import address
from funds.leads import Lead
from funds.places import View
from funds.rules import timing
from funds.states import Publicity
from funds.views import listing
from funds.views.listing import Col
from office.access import allow
from office.paging import page_by_key
from office.roles import Permission

TAB = "funds:leads"

_PAYMENTS = (
    Col("户主", lambda row: row.head_name, width=12, cell=lambda row: {"text": row.head_name, "sub": row.household_id}),
    Col("户编号", lambda row: row.household_id, width=20, file_only=True), Col("受益人", lambda row: row.beneficiary, width=12),
    Col("账户持有人", lambda row: row.holder, width=12), Col("账号尾号", lambda row: row.card_tail, width=10),
    Col("发放事项", lambda row: row.item, width=26), Col("年度", lambda row: row.year, "integer", width=8),
    Col("金额（元）", lambda row: row.amount, "money", width=13), Col("发放日期", lambda row: row.batch.paid_on, "date"),
    Col("批次", lambda row: row.batch.number, width=16, cell=lambda row: {
        "text": row.batch.number, "url": address("funds:batch", row.batch_id)}),
    Col("流水", lambda row: row.movement, "integer", cell=lambda row: {
        "text": row.movement, "url": address("funds:movement", row.movement)} if row.movement else "—"))
_PROJECT = (
    Col("项目", lambda row: row.name, width=28, cell=lambda row: {"text": row.name, "sub": f"{row.number} · {row.year}年"}),
    Col("项目编码", lambda row: row.number, width=16, file_only=True), Col("地点", lambda row: row.area.name),
    Col("实施单位", lambda row: row.implementer, width=22))
_PROJECTS = {
    "before_notice": (*_PROJECT, Col("首次支付", lambda row: row.paid_on, "date"),
                      Col("公示起", lambda row: row.shown_on, "date")),
    "above_progress": (*_PROJECT, Col("进度款（元）", lambda row: row.paid, "money", width=15),
                       Col("合同金额（元）", lambda row: row.contracts, "money", width=15),
                       Col("工程进度%", lambda row: row.progress, "integer", width=10)),
    "unaccepted": (*_PROJECT, Col("实际完工", lambda row: row.actual_end, "date"),
                   Col("至今天数", lambda row: (timezone.localdate() - row.actual_end).days, "integer", width=10))}
KINDS = (
    Col("疑点", lambda row: row["label"], cell=lambda row: {"text": row["label"], "sub": row["sentence"]}),
    Col("笔（个）数", lambda row: row["count"], "integer"),
    Col("依据", lambda row: row["source"], cell=lambda row: {
        "text": row["source"], "sub": "通行做法，未见原文" if row["practice"] else ""}))


def _columns(lead: Lead) -> tuple[Col, ...]:
    return _PAYMENTS if lead.about == "payments" else _PROJECTS[lead.key]


def _rows(view: View, lead: Lead):
    found = leads.rows(view, lead.key, timezone.localdate())
    return found.select_related("batch") if lead.about == "payments" else found.select_related("area")


def _completed(rows: list, lead: Lead) -> list:
    return leads.with_movements(rows) if lead.about == "payments" else rows


def _asked(request):
    view, form = listing.read_view(request)
    known = leads.leads()
    return view, form, known.get(request.GET.get("lead", ""))


@allow(Permission.SEE_MONEY)
def lead_list(request):
    """Every kind of lead with its number; one of them opened."""
    view, form, lead = _asked(request)
    asked = listing.asked_for(view)
    kinds = [{"url": address(TAB, **asked, lead=one.key), "label": one.label, "sentence": one.sentence, "source": one.source,
              "practice": one.confidence == "practice", "count": _rows(view, one).order_by().count()}
             for one in leads.leads().values()]
    context = {}
    if lead is not None:
        page = page_by_key(_rows(view, lead), request.GET, descending=True)
        _completed(page.rows, lead)
        context = {
            "page": page, "table": listing.table(_columns(lead), page.rows, url=lambda row: address(
                "assessment:household", row.household_id) if lead.about == "payments" else address("funds:project", row.pk)),
            "kept": {"lead": lead.key}, "lead": f"{lead.label}：{lead.sentence}",
            "export_url": address("funds:leads_export", **asked, lead=lead.key) if listing.may_export(request, view) else "",
            "empty": {"title": "没有这类疑点", "text": lead.sentence}}
    else:
        context = {"empty": {"title": "选择一类疑点查看明细",
                             "text": "疑点只提示需要核实的记录，不是结论；核实后属于问题的，在审计检查中登记。"}}
    return listing.show(
        request, view, title="疑点", duty="misuse", tab=TAB, form=form,
        split=listing.table(KINDS, [*kinds, *_elsewhere(view)], url=lambda row: row["url"],
                            tone=lambda row: "wait" if row["count"] else ""), split_title="疑点种类", **context)


def _elsewhere(view: View) -> list[dict]:
    """Leads that have a list of their own: what is not public, and what lies idle."""
    today = timezone.localdate()
    notices = sum(publicity.whole(view, what, today).open for what in Publicity.values)
    held = leads.idle_accounts(view, today)
    area, years = {"area": view.area.pk, "programme": view.programme, "year": view.year}, timing("idle_year_days", today)
    return [
        {"label": "未公示或公示不足", "sentence": "见三公开", "source": timing("notice_days", today).source, "practice": True,
         "count": notices, "url": address("funds:publicity", **area, state="open")},
        {"label": "资金满一年未用完", "sentence": "账户数，见结余资金", "source": years.source, "practice": True,
         "count": held["one"], "url": address("funds:accounts", **area, idle="one")},
        {"label": "资金满两年未用完", "sentence": "账户数，见结余资金", "source": timing("idle_two_years_days", today).source,
         "practice": True, "count": held["two"], "url": address("funds:accounts", **area, idle="two")}]


@allow(Permission.EXPORT_LEDGER)
def lead_export(request):
    """The rows of one lead as a workbook."""
    view, _, lead = _asked(request)
    lead = lead or next(iter(leads.leads().values()))
    rows = _completed(list(_rows(view, lead).order_by("pk")[:listing.MOST_EXPORTED + 1]), lead)
    return listing.taken_away(request, view, title=f"疑点：{lead.label}".replace("：", "-"), columns=_columns(lead), rows=rows,
                              condition=lead.sentence, totals=("金额（元）", "进度款（元）"),
                              back=address(TAB, **listing.asked_for(view, lead=lead.key)))
