"""What a bulletin says about money: what came, what was spent, what lies idle or came late, and the ranking of places.

The figures are written into the bulletin and stay there. An area without money gets no word about it.
"""
from collections.abc import Callable, Sequence
from decimal import Decimal

from assessment.bulletin.address import Address
from assessment.bulletin.document import Annex, Column, Paragraph, SubHeading, Table
from assessment.bulletin.money_figures import MONEY, LateSplit, Money, Ranked
from assessment.bulletin.progress import columns
from assessment.bulletin.text import NAMED, joined, listed, number, opens, place_in, share, worst
from funds import due
from funds.dashboard import Line
from funds.models import Movement
from funds.rules import timing
from funds.states import Kind, Source
from office.calendar import chinese_date
from office.money import to_fen, wan

LEVELS = {Source.PROVINCE: "省级", Source.CITY: "市级", Source.COUNTY: "县（市、区）级", Source.TOWNSHIP: "镇（街道）级"}

# 一、总体进展


def progress(money: Money | None, who: Address, annexes: dict[str, int]) -> list:
    if money is None:
        return []
    return [SubHeading("扶贫资金到位和支出情况"), Paragraph(_overview(money, who) + _against_standard(money)),
            *_named(money, who, annexes)]


def _wan(amount: Decimal) -> str:
    return f"{wan(amount)}万元"


def _rate(part: Decimal, whole: Decimal, places: int = 1) -> str:
    return share(to_fen(part), to_fen(whole), places)


def _overview(money: Money, who: Address) -> str:
    day, t = money.day, money.total
    sources = "、".join(f"{LEVELS.get(line.key, line.label)}{_wan(line.received)}" for line in money.sources)
    came = f"，其中{sources}" if len(money.sources) > 1 else f"，全部是{sources}"
    received = opens(_wan(t.received), page="money", as_of=day.isoformat())
    return (f"截至{day.month}月{day.day}日，{who.whole}累计到位扶贫资金{received}{came}；"
            f"已安排到项目和农户{_wan(t.committed)}，占到位资金的{_rate(t.committed, t.received)}；"
            f"已支付{_wan(t.paid)}，支出率{_rate(t.paid, t.received)}；结存{_wan(t.idle)}。")


def _against_standard(money: Money) -> str:
    """What the document's standard asks of all payers together, and how much of it had come by the day."""
    f = money.facts
    found = [one for one in due.dues(f.programme, f.area, base_year=f.run.year) if one.kind == "standard"]
    whole = sum((one.amount for one in found), Decimal(0))
    if not whole:
        return ""
    came = due.received_by(f.programme, f.area.pk, money.day)
    payers = {one.payer for one in found}
    received = sum((amount for (line, source, _), amount in came.items() if not line and source in payers), Decimal(0))
    short = f"，尚差{_wan(whole - received)}" if received < whole else ""
    rule = f"文件{place_in(found[0].clause)}" if found[0].clause else "文件"
    years = f"{f.programme.start_year}至{f.programme.end_year}年"
    return (f"按{rule}规定的投入标准，{years}应投入{_wan(whole)}（{found[0].derivation.replace(' ', '')}），"
            f"已到位{_wan(received)}，到位率{_rate(received, whole)}{short}。")


def _named(money: Money, who: Address, annexes: dict[str, int]) -> list:
    ranked = money.places
    if len(ranked) < 2:
        return []
    if ranked[0].rank == ranked[-1].rank:
        return [Paragraph(f"各地支出率均为{_line_rate(ranked[0])}，名次并列，见附件{annexes[MONEY]}。")]
    first = [one for one in ranked if one.rank <= min(3, len(ranked) // 2)]
    border = ranked[-min(3, len(ranked) // 2)].rank
    last = [one for one in reversed(ranked) if one.rank >= border and one not in first and one.line.rate < 1]
    words = [listed([f"{one.name}（{_line_rate(one)}）" for one in some], f"个{who.part}") for some in (first, last)]
    behind = f"，排在末位的是{words[1]}" if last else ""
    return [Paragraph(f"按支出率排名，排在前列的是{words[0]}{behind}。排名见附件{annexes[MONEY]}。")]


def _line_rate(one: Ranked) -> str:
    return _rate(one.line.paid, one.line.received, 2)


# 三、存在问题


def problems(money: Money | None, who: Address) -> list:
    if money is None:
        return []
    return [*_idle(money, who), *_late(money), *_late_pledges(money)]


def _idle(money: Money, who: Address) -> list:
    t = money.total
    if not t.idle_one:
        return []
    two = f"，其中满两年的{_wan(t.idle_two)}" if t.idle_two else ""
    lines = [(one.name, one.line) for one in money.places] + [(money.own().label, money.own())]
    rows = worst(lines, lambda row: row[1].idle_one)
    where = "、".join(f"{name}{_wan(line.idle_one)}" for name, line in rows[:NAMED])
    where = f"全部在{rows[0][0]}" if len(rows) == 1 else f"{'较多的' if len(rows) > NAMED else '分别'}是{where}"
    return [SubHeading("部分资金滞留"), Paragraph(
        f"从指标文下达之日起满一年仍未支付的资金{_wan(t.idle_one)}，占到位资金的{_rate(t.idle_one, t.received)}{two}；{where}。")]


def _late(money: Money) -> list:
    if not money.late:
        return []
    limit = timing("transfer_days", money.day).value
    done = [one for one in money.late if not one.undivided]
    lying = [one for one in money.late if one.undivided]

    def documents(some: Sequence[LateSplit], text: Callable[[LateSplit], str]) -> str:
        return listed([f"{one.document}（{text(one)}）" for one in some], "份")

    after = documents(done, lambda one: f"到账后{one.days}日")
    left = documents(lying, lambda one: f"尚有{_wan(one.undivided)}")
    return [SubHeading("部分资金分解不及时"), Paragraph(joined((
        f"本年度到账{limit}日后才分解完的指标文{number(len(done))}份：{after}" if done else "",
        f"到账超过{limit}日、截至{chinese_date(money.day)}仍未分解完的{number(len(lying))}份：{left}" if lying else "")))]


def _late_pledges(money: Money) -> list:
    """Sums promised from outside the budget whose day was over."""
    f, found = money.facts, []
    for one in due.dues(f.programme, f.area, base_year=f.run.year):
        if one.kind != "pledge" or one.due_on is None or one.due_on >= money.day:
            continue
        came = Movement.objects.filter(kind=Kind.APPROPRIATION, reversed_by__isnull=True, on__lte=money.day,
                                       appropriation__pledge=one.key.removeprefix("pledge:"))
        missing = one.amount - sum(came.values_list("amount", flat=True), Decimal(0))
        if missing > 0:
            found.append((one.payer_label, missing))
    if not found:
        return []
    named = listed([f"{name}{_wan(missing)}" for name, missing in found], "个单位")
    return [SubHeading("部分认筹资金没有按时到账"), Paragraph(
        f"到期未到账的认筹资金{_wan(sum((missing for _, missing in found), Decimal(0)))}，是{named}。")]


# 四、下一步工作要求


def demands(money: Money | None, who: Address) -> list:
    if money is None or not (money.total.idle_one or money.late):
        return []
    day = chinese_date(money.facts.terms.rectify_by)
    two = "；满两年仍未用完的，按存量资金的规定收回统筹" if money.total.idle_two else ""
    return [SubHeading("加快资金分解和支出"), Paragraph(
        f"{who.responsible}和财政部门要对滞留、没有按时分解的资金逐笔查明原因，于{day}前分解到位或形成支出{two}。")]


# Annexes


def annex(money: Money | None, who: Address) -> dict[str, Annex]:
    """The ranking by share paid, counties or townships; of a city also its townships."""
    if money is None or not money.places:
        return {}
    f = money.facts
    tables = [_table(money, money.places, with_before=True)]
    if money.units:
        tables.append(_table(money, money.units, with_before=False))
    new_line = "\n" if len(who.each) > 3 else ""     # 各县（市、区） must not be torn
    return {MONEY: Annex(f"{f.quarter.label}{who.each}{new_line}资金拨付支出进度排名表", tuple(tables))}


def _table(money: Money, ranked: list[Ranked], *, with_before: bool) -> Table:
    tied = {one.rank for one in ranked if sum(other.rank == one.rank for other in ranked) > 1}
    rows = [(str(index), one.name, *_amounts(one.line), str(one.rank), str(one.before) if one.before else "—", one.direction,
             "并列" if one.rank in tied else "") for index, one in enumerate(ranked, start=1)]
    own = money.own()
    if with_before and own.received:
        rows.append(("", own.label, *_amounts(own), "—", "—", "—", "不参加排名"))
    total = ("", "合计", *_amounts(money.total), "", "", "", "") if with_before else None
    baseline = money.facts.baseline
    heading = baseline.rank_heading if baseline and money.earlier else "上季排名"
    heads = (Column("序号", share=0.06), Column("地区", share=0.17), *columns(
        "到位", "已安排", "已支付", "支出率", "排名", heading, "升降", "备注"))
    notes = [f"数据截至{chinese_date(money.day)}；支出率为已支付占到位资金的比例，相同的名次并列"]
    if with_before and money.earlier is None:
        notes.append("本期为首次资金排名，没有上季名次")
    return Table(heads, tuple(rows), total=total, unit="单位：万元", note=f"注：{'；'.join(notes)}。")


def _amounts(line: Line) -> tuple[str, ...]:
    return wan(line.received), wan(line.committed), wan(line.paid), _rate(line.paid, line.received, 2)


def source_rows(money: Money | None) -> list[tuple[str, ...]]:
    """The row of the table of sources that says which rows of the ledger the figures count."""
    if money is None:
        return []
    sequence, digest = money.last_movement()
    return [(f"{money.facts.area.name}扶贫资金到位和支出", "见正文", f"资金台账，{money.day:%Y-%m-%d}以前的流水",
             f"最后一笔为第{sequence}号，摘要值{digest[:12]}", f"{money.day:%Y-%m-%d}", "资金台账")]
