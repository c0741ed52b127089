"""Tables behind a bulletin: tasks, shortfalls, poor villages, unknowns to verify, and every number used with its source."""
import datetime

from django.utils import timezone

from assessment.bulletin.address import Address
from assessment.bulletin.document import Annex, Column, Table
from assessment.bulletin.facts import Facts
from assessment.bulletin.followup import SHORTFALLS, UNKNOWN, UNKNOWN_WORDS, outcomes_annex, value_of
from assessment.bulletin.money import annex as ranking_annex
from assessment.bulletin.money import source_rows
from assessment.bulletin.money_figures import Money
from assessment.bulletin.progress import columns
from assessment.bulletin.text import clause, exact, number, opens, ratio, share
from assessment.models import AreaSummary, State
from office.mandate import LineInForce
from office.models.statistic import Basis
from office.money import from_fen, grouped, round_half_up

TARGET_WORDS = {"cumulative_percent": ("累计脱贫比例", "%"), "persons_per_year": ("当年脱贫人数", "人"),
                "ratio_per_year": ("当年脱贫比例数", "份"), "deadline_only": ("全部脱贫期限", "%")}
VILLAGE_STATES = {State.MET: "达标", State.NOT_MET: "未达标", State.UNKNOWN: "待核"}


def annexes(f: Facts, who: Address, money: Money | None = None) -> dict[str, Annex]:
    """The annexes that have something to say, by key, in their order."""
    found = {"tasks": _tasks(f, who), "guarantees": _guarantees(f), "villages": _villages(f), "unknown": _unknowns(f),
             **ranking_annex(money, who), "sources": _sources(f, money), "outcomes": outcomes_annex(f)}
    return {key: annex for key, annex in found.items() if annex is not None}


def _tasks(f: Facts, who: Address) -> Annex:
    """Places one level down against their share of the target; the shares of the parts may not add up to the whole."""
    rows = []
    summaries = sorted((place.summary for place in f.places), key=lambda s: s.area_id)
    for index, s in enumerate(summaries, start=1):
        rows.append((str(index), s.area.name, *_task_cells(f, s, s.persons)))
    total = ("", "合计", *_task_cells(f, f.summary, f.base))
    notes = ["应累计脱贫人数按在册人数和文件规定的比例折算、四舍五入，各地相加与合计可能不等"]
    if f.base != f.summary.persons:
        notes.append(f"合计的应累计脱贫人数以文件所列{number(f.base)}人为基数")
    table = Table((Column("序号", share=0.07), Column("地区", share=0.2), *columns(
        "在册户数", "在册人数", "应累计脱贫人数", "达标户数", "达标人数", "完成率", "尚差人数")), tuple(rows), total=total,
        unit="单位：户、人", note=f"注：{'；'.join(notes)}。")
    new_line = "\n" if len(who.each) > 3 else ""     # 各县（市、区） must not be torn
    return Annex(f"{f.quarter.label}{who.each}{new_line}减贫任务完成情况表", (table,))


def _task_cells(f: Facts, s: AreaSummary, base: int) -> tuple[str, ...]:
    due, _ = f.due(base)
    here = {"area": s.area_id}
    return (opens(number(s.households), **here), number(s.persons), "—" if due is None else number(due),
            opens(number(s.households_met), **here, status="met"), number(s.persons_met),
            share(s.persons_met, due or 0, 2), "—" if due is None else number(max(0, due - s.persons_met)))


def _guarantees(f: Facts) -> Annex | None:
    rows = []
    for s in f.units:
        if any(value_of(key, s) for key in SHORTFALLS):
            rows.append((str(len(rows) + 1), f.unit_name(s), *(_count(s, key, "unmet") for key in SHORTFALLS)))
    if not rows:
        return None
    total = ("", "合计", *(number(value_of(key, f.summary)) for key in SHORTFALLS))
    heads = ("收入", "低保兜底", "不愁吃", "不愁穿", "义务教育", "基本医疗", "住房安全")
    table = Table((Column("序号", share=0.07), Column("地区", share=0.23), *columns(*heads)), tuple(rows), total=total,
                  unit="单位：户", note="注：一户有几项未达标的，在各项中分别计数；没有未达标户的不列；待核的另见待核事项清单。")
    return Annex("“两不愁三保障”未达标清单", (table,))


def _count(s: AreaSummary, key: str, filter_name: str) -> str:
    count = getattr(s, f"{key}_not_met" if filter_name == "unmet" else f"{key}_unknown")
    return opens(number(count), area=s.area_id, **{filter_name: key}) if count else "0"


def _villages(f: Facts) -> Annex | None:
    line = f.village_line
    if line is None or not f.villages:
        return None
    rows = []
    for index, v in enumerate(f.villages, start=1):
        income = None if v.pc_disposable_income is None else from_fen(v.pc_disposable_income)
        gap = "—" if income is None else f"{round_half_up(income - line.value):+,.2f}".replace("-", "－").replace("+", "＋")
        rows.append((str(index), f.township_name(v.village_id), v.village.name,
                     "未填报" if income is None else grouped(income), gap, VILLAGE_STATES[State(v.income)]))
    table = Table((Column("序号", share=0.07), Column("镇（街道）", share=0.2), Column("村", share=0.29),
                   *columns("人均收入", "与标准相差", "结果")), tuple(rows), unit="单位：元",
                  note=f"注：标准为{grouped(line.shown)}元；按未经四舍五入的标准比较，相差数四舍五入到分。")
    return Annex("相对贫困村收入情况表", (table,))


def _unknowns(f: Facts) -> Annex | None:
    rows = []
    for s in f.units:
        if total := value_of(UNKNOWN, s):
            counts = (_count(s, key, "unknown") for key in UNKNOWN_WORDS)
            rows.append((str(len(rows) + 1), f.unit_name(s), *counts, number(total)))
    if not rows:
        return None
    sums = (number(getattr(f.summary, f"{key}_unknown")) for key in UNKNOWN_WORDS)
    total = ("", "合计", *sums, number(value_of(UNKNOWN, f.summary)))
    heads = (Column("序号", share=0.07), Column("地区", share=0.25), *columns(*UNKNOWN_WORDS.values(), "合计"))
    table = Table(heads, tuple(rows), total=total, unit="单位：项",
                  note="注：按户逐项统计名册中没有填报的内容；没有待核事项的不列。")
    return Annex("待核事项清单", (table,))


# Sources


def _sources(f: Facts, money: Money | None = None) -> Annex:
    """Every number the bulletin rests on: value, where it stands, since when it is known, and the run that used it."""
    run, used = f.run, f"第{f.run.pk}次"
    rows: list[tuple[str, ...]] = []
    for line in f.lines:
        rows += [row for row in _line_rows(line) if row not in rows]
    rows += _target_rows(f)
    rows = [(*row, used) for row in rows]
    known = f"只用{run.known_by:%Y-%m-%d}以前公布的数据" if run.known_by else "采用计算时已公布的全部数据"
    rows.append((f"{f.area.name}{run.year}年度户、村考核结果", "见正文", f"系统考核计算，范围{run.area.name}，{known}",
                 f"规则摘要值{run.rules_digest[:12]}，程序版本{run.code_version}", _day(run.created_at), used))
    rows += source_rows(money)
    if f.baseline and not f.baseline.same:
        earlier = f.baseline.run
        rows.append(("对比用的上期考核结果", "见正文", f"系统考核计算，{earlier.year}年度，{earlier.get_basis_display()}",
                     f.baseline.words, _day(earlier.created_at), f"第{earlier.pk}次"))
    numbered = tuple((str(index), *row) for index, row in enumerate(rows, start=1))
    heads = (("序号", 0.05), ("数据", 0.23), ("数值", 0.12), ("来源", 0.25), ("文件和条款", 0.18), ("公布日期", 0.1),
             ("采用", 0.07))
    table = Table(tuple(Column(head, share=part) for head, part in heads), numbered,
                  note="注：“采用”指采用该数据的考核计算；考核计算的公布日期为计算日期。")
    return Annex("所用数据来源表", (table,), landscape=True)


def _day(moment: datetime.datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d}"


def _line_rows(line: LineInForce) -> list[tuple[str, ...]]:
    """The statistic and the line made of it, or the line as the document prints it."""
    place = f"{line.document} {clause(line.clause)}"
    known = f"{line.known_on:%Y-%m-%d}"
    if line.printed:
        return [(f"{line.year}年{line.label}（文件印定的预测数）", f"{exact(line.value)}元", clause(line.source), place, known)]
    basis = "公布数" if line.basis == Basis.ACTUAL else "预测数"
    statistic = (f"{line.statistic_area_name}{line.year}年{line.statistic_label}（{basis}）",
                 f"{exact(line.statistic_value)}元", line.source, place, known)
    months = f"×{line.months}个月" if line.months != 1 else ""
    derived = (f"{line.year}年{line.label}", f"{exact(line.value)}元",
               f"{line.statistic_label}{months}×{ratio(line.ratio)}，比较时不四舍五入", place, known)
    return [statistic, derived]


def _target_rows(f: Facts) -> list[tuple[str, ...]]:
    document, issued = f.programme.document_number, f.programme.issued_on
    known = f"{issued:%Y-%m-%d}" if issued else "文件未印"
    kind, case, due = f.targets.kind, f.targets.caseload, f.targets.villages
    words, unit = TARGET_WORDS[kind]
    made = "只定期限" if kind == "deadline_only" else f.targets.rounding
    rows = [(f"{row.year}年{words}", f"{row.value.normalize():,f}{unit}", made, f"{document} {clause(row.clause)}", known)
            for row in f.targets.rows if row.year <= f.run.year or kind == "deadline_only"]
    if f.whole_programme and case.persons:
        size = f"{number(case.households)}户{number(case.persons)}人" if case.households else f"{number(case.persons)}人"
        rows.append(("文件所列对象规模", size, "减贫任务的基数", f"{document} {clause(case.clause)}", known))
    if f.whole_programme and due:
        rows.append((f"{due.year}年应出列相对贫困村", f"{number(int(due.value))}个", "文件所列",
                     f"{document} {clause(due.clause)}", known))
    return rows
