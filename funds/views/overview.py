"""Where the money is: figures by place, level, source, programme and year, who pays out fastest, and what lies idle."""
from django.shortcuts import redirect, render
from django.utils import timezone

from funds import dashboard
from funds.dashboard import BY, Line
from funds.filters import LEVELS, address, parameters_of, read_lens
from funds.flows import Lens
from funds.holdings import Holding
from funds.idle import LIMITS, WORDS, days_idle, limits, rule_in_words
from funds.models import Account
from funds.rules import timing
from office.access import allow
from office.models import Area, code_range
from office.money import from_fen
from office.paging import Page
from office.roles import Permission
from office.templatetags.formatting import count, percent, yuan

SHOWN = ("received", "transferred", "committed", "paid")
RANKED = {"province": ("city", "county"), "city": ("county", "township"), "county": ("township",), "township": ("village",)}
COLUMNS = [{"label": "到位", "numeric": True}, {"label": "分解下达", "numeric": True}, {"label": "已安排", "numeric": True},
           {"label": "已支付", "numeric": True}, {"label": "支出率", "numeric": True}, {"label": "结余", "numeric": True},
           {"label": "满一年", "numeric": True}, {"label": "满两年", "numeric": True}, {"label": "最长滞留天数", "numeric": True}]
ACCOUNTS_ON_PAGE = 100


def way_down(officer, area: Area, view: str = "funds:overview") -> list[dict]:
    """Crumbs from the province to the area; those outside the officer's areas are names without a link."""
    ranges = [code_range(code) for code in officer.scope]
    return [{"label": place.name, "url": address(view, area=place.pk)
             if any(lo <= place.pk < hi for lo, hi in ranges) else ""} for place in area.trail]


@allow(Permission.SEE_MONEY)
def overview(request):
    """All figures of an area; each one opens the movements, the accounts or the smaller areas that make it."""
    lens, form = read_lens(request)
    if lens.area.level == "village":
        return redirect("funds:village", lens.area.pk)
    today = timezone.localdate()
    by = request.GET.get("by", "place")
    by = by if by in BY else "place"
    whole = dashboard.total(lens, today)
    rows = dashboard.lines(lens, by, today)
    asked = parameters_of(lens)
    day = lens.as_of or today
    spend_line = timing("spend_rate_percent", today)
    return render(request, "funds/overview.html", {
        "title": f"资金总览 · {lens.area.name}", "form": form, "lens": lens, "whole": whole, "columns": [
            {"label": BY[by]}, *COLUMNS], "rows": [_row(lens, by, line) for line in rows],
        "total": _total(lens, whole, rows), "links": _links(lens, whole.query), "by_label": BY[by],
        "tabs": [{"label": label, "url": address("funds:overview", **{**asked, "by": name}), "active": name == by}
                 for name, label in BY.items()],
        "rankings": _rankings(lens, today), "keep": [{"name": "area", "value": lens.area.pk}, {"name": "by", "value": by}],
        "reset_url": address("funds:overview", area=lens.area.pk), "day": day,
        "rule": rule_in_words(day),
        "spend_line": spend_line.value, "spend_label": f"关注线 {spend_line.value}{spend_line.unit}",
        "crumbs": way_down(request.user, lens.area)})


def _links(lens: Lens, query: dict) -> dict[str, str]:
    """Where each figure leads."""
    asked = {**parameters_of(lens), **query}
    links = {name: address("funds:movements", **asked, flow=name) for name in SHOWN}
    return links | {"idle": address("funds:accounts", **asked), "idle_one": address("funds:accounts", **asked, idle="one"),
                    "idle_two": address("funds:accounts", **asked, idle="two")}


def _row(lens: Lens, by: str, line: Line) -> dict:
    deeper = by == "place" and not line.query.get("own") and lens.area.level != "village"
    target = {**parameters_of(lens), **line.query}
    target.pop("own", None)
    url = "" if by == "level" else address("funds:overview", **target) if deeper or by != "place" else ""
    if by == "place" and line.key != lens.area.pk and lens.area.level == "township":
        url = address("funds:village", line.key)
    return {"cells": _cells(lens, line, line.query, line.label), "url": url, "tone": line.tone}


def _total(lens: Lens, whole: dashboard.Line, rows: list[dashboard.Line]) -> list:
    """The last row. What places below passed on in their turn is no sum of this area, so none is shown."""
    cells = _cells(lens, whole, {}, "合计")
    if sum((line.transferred for line in rows), dashboard.ZERO) != whole.transferred:
        cells[1 + SHOWN.index("transferred")] = "—"
    return cells


def _cells(lens: Lens, line: Line, query: dict, label: str) -> list:
    links = _links(lens, query)

    def figure(name: str) -> dict | str:
        value = getattr(line, name)
        return {"text": yuan(value), "url": links[name]} if value else yuan(value)

    return [label, figure("received"), figure("transferred"), figure("committed"), figure("paid"), percent(line.rate),
            figure("idle"), figure("idle_one"), figure("idle_two"),
            f"{WORDS[limits(lens.as_of or timezone.localdate()).mark(line.days)]} {count(line.days)}".strip()]


def _rankings(lens: Lens, today) -> list[dict]:
    """Shares paid, place by place; places of equal share keep one rank."""
    found = []
    for level in RANKED.get(lens.area.level, ()):
        rows, rank, before = [], 0, None
        for position, line in enumerate(dashboard.ranking(lens, level, today), 1):
            rank, before = (rank, before) if line.rate == before else (position, line.rate)
            rows.append({"label": line.label, "value": line.rate * 100, "display": percent(line.rate), "rank": rank,
                         "note": f"{yuan(line.paid, 0)} / {yuan(line.received, 0)} 元",
                         "url": address("funds:overview", **{**parameters_of(lens), **line.query})
                         if level != "village" else address("funds:village", line.key)})
        if rows:
            found.append({"title": f"支出率排名 · {LEVELS[level]}", "head": LEVELS[level], "rows": rows})
    return found


@allow(Permission.SEE_MONEY)
def account_list(request):
    """Accounts that hold money, the longest idle first; their sum is the figure that led here."""
    lens, form = read_lens(request)
    today = timezone.localdate()
    day = lens.as_of or today
    idle, level = request.GET.get("idle", ""), request.GET.get("level", "")
    document = request.GET.get("appropriation", "")
    document = document[:15] if document.isascii() and document.isdigit() else ""
    marks = limits(day)
    found = dashboard.idle_holdings(
        lens, own=bool(request.GET.get("own")), level=level if level in LEVELS else "",
        least_days={"one": marks.one, "two": marks.two}.get(idle, 0), document=int(document or 0), today=today)
    page = _account_page(found, request.GET)
    whole = Account.objects.select_related("area", "appropriation", "project").in_bulk([one.pk for one in page])
    rows = []
    for one in page:
        account = whole[one.pk]
        account.held, account.days = from_fen(one.fen), days_idle(one.issued_on, day)
        account.mark, account.url = marks.mark(account.days), address("funds:account", one.pk, as_of=lens.as_of)
        rows.append(account)
    asked = parameters_of(lens)
    kept = {name: request.GET.get(name, "") for name in ("own", "level")} | {"appropriation": document}
    return render(request, "funds/accounts.html", {
        "title": f"结余资金 · {lens.area.name}", "form": form, "lens": lens, "accounts": rows, "page": page,
        "rule": rule_in_words(day),
        "held": from_fen(sum(one.fen for one in found)), "count": len(found), "day": day,
        "keep": [{"name": name, "value": value} for name, value in
                 {"area": lens.area.pk, "idle": idle, **kept}.items() if value],
        "reset_url": address("funds:accounts", area=lens.area.pk),
        "tabs": [{"label": label, "url": address("funds:accounts", **asked, **kept, idle=value), "active": value == idle}
                 for value, label in (("", "全部结余"), *((word, timing(key, day).label) for word, key in LIMITS.items()))],
        "crumbs": [{"label": "资金总览", "url": address("funds:overview", area=lens.area.pk)}, {"label": "结余资金"}]})


def _account_page(found: list[Holding], parameters) -> Page:
    """A page of the accounts, which are ordered by age; the cursor is the account next to the page."""
    places = {str(one.pk): place for place, one in enumerate(found)}
    after, before = (places.get(parameters.get(name, "")) for name in ("after", "before"))
    start = after + 1 if after is not None else max(before - ACCOUNTS_ON_PAGE, 0) if before is not None else 0
    rows = found[start:start + ACCOUNTS_ON_PAGE]
    more = start + len(rows) < len(found)
    return Page(rows, str(rows[0].pk) if rows and start else "", str(rows[-1].pk) if rows and more else "", len(found))
