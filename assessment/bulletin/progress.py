"""The beginning of a bulletin: by whose order, where the numbers come from, and how far the area has come."""
import datetime
from collections.abc import Sequence
from fractions import Fraction

from assessment.bulletin.address import Address
from assessment.bulletin.document import Block, Column, Paragraph, Section, SubHeading, Table
from assessment.bulletin.facts import QUARTERLY, SLOW, Facts
from assessment.bulletin.text import (
    change,
    exact,
    households,
    joined,
    number,
    opens,
    people,
    place_in,
    points,
    ratio,
    share,
    yuan,
)
from assessment.models import AreaSummary
from assessment.summaries import CRITERIA
from office.calendar import chinese_date
from office.mandate import LineInForce
from office.models.statistic import Basis
from office.money import from_fen, round_half_up

GUARANTEES = {"food": "不愁吃", "clothing": "不愁穿", "education": "义务教育有保障", "medical": "基本医疗有保障",
              "housing": "住房安全有保障"}


def columns(*headings: str, **shares: float) -> tuple[Column, ...]:
    """Centred columns; `shares` fixes the width of some by position: c0=0.1."""
    return tuple(Column(heading, share=shares.get(f"c{index}")) for index, heading in enumerate(headings))


# Lead


def lead(f: Facts, who: Address, corrects: str = "") -> tuple[Paragraph, ...]:
    document = f"《{f.programme.title}》（{f.programme.document_number}）"
    mandate = f.clause(QUARTERLY) or f.clause(SLOW)
    basis = f"{document}{place_in(mandate.clause)}“{mandate.quote}”的要求" if mandate else f"{document}的工作要求"
    subject = f"{f.quarter.label}{who.whole}脱贫攻坚工作进展情况"
    opening = f"根据{basis}，现将{subject}通报如下。"
    if corrects:
        opening = f"{corrects}数据经核实予以更正，以本通报为准，原通报停止使用。{opening}"
    return Paragraph(opening), Paragraph(_sources(f))


def _sources(f: Facts) -> str:
    run, end = f.run, f.quarter.end
    known = f"，只采用{chinese_date(run.known_by)}以前公布的数据" if run.known_by else ""
    basis = "公布数" if run.basis == Basis.ACTUAL else "预测数"
    said = joined(line_sentence(line) for line in f.lines)
    late: dict[datetime.date, list[str]] = {}
    for line in f.lines:
        if line.known_on > end and not line.printed:
            late.setdefault(line.known_on, []).append(f"{line.statistic_area_name}{line.year}年{line.statistic_label}")
    after = "".join(f"其中{'、'.join(dict.fromkeys(names))}于{chinese_date(day)}公布，晚于统计截止日，"
                    "本通报据公布数编制，成文日期相应顺延。" for day, names in sorted(late.items()))
    return (f"本通报统计截至{end.month}月{end.day}日，数据取自系统{run.year}年度第{run.pk}次考核计算，"
            f"收入标准按{basis}执行{known}。{said}{after}以下“达标”指按文件规定的各项条件经考核计算全部达到脱贫标准；信息缺报的，未核实前不计入达标。")


def line_sentence(line: LineInForce) -> str:
    """What the line is and how it came about: 全省…17,167.7元的45%，即7,725.47元."""
    name = line.label.removesuffix("线")
    if line.printed:
        return f"{name}标准为{yuan(line.shown)}，系{line.document}{place_in(line.clause)}印定的预测数"
    figure = f"{line.statistic_area_name}{line.year}年{line.statistic_label}{exact(line.statistic_value)}元"
    months = f"×{line.months}个月" if line.months != 1 else ""
    return f"{name}标准为{figure}{months}的{ratio(line.ratio)}，即{yuan(line.shown)}"


# 一、总体进展


def overall(f: Facts, who: Address, more: Sequence[Block] = ()) -> Section:
    """How far the area has come; `more` are the paragraphs that follow, about money."""
    blocks = [SubHeading("减贫任务完成情况"), Paragraph(_reduction(f, who)), *paragraph(_since(f))]
    blocks += [SubHeading("收入和兜底保障情况"), *paragraph(_income(f)), *paragraph(_dibao(f))]
    blocks += [SubHeading("“两不愁三保障”落实情况"), Paragraph(_guarantees(f)), criteria_table(f)]
    blocks += [SubHeading("相对贫困村和分散贫困户情况"), *paragraph(_groups(f)), *paragraph(_villages(f, who))]
    return Section("总体进展", (*blocks, *more))


def paragraph(text: str) -> list[Paragraph]:
    return [Paragraph(text)] if text else []


def _reduction(f: Facts, who: Address) -> str:
    s = f.summary
    registered = f"{who.whole}建档立卡在册{people(s.households, s.persons)}"
    met = (f"截至{f.quarter.end.month}月{f.quarter.end.day}日，达标"
           f"{people(s.households_met, s.persons_met, status='met')}，占在册户数的{share(s.households_met, s.households)}、"
           f"在册人口的{share(s.persons_met, s.persons)}"
           f"{_remaining(s)}。")
    return f"{registered}。{met}{_against_target(f)}"


def _remaining(s: AreaSummary) -> str:
    count = s.households - s.households_met
    return f"；未达标{people(count, s.persons - s.persons_met, status='not_met')}" if count else ""


def _against_target(f: Facts) -> str:
    """Progress against the plan of the document, with the kind of plan and the rounding stated."""
    due, of_year = f.due(f.base)
    year, last = f.run.year, f.targets.rows[-1]
    if due is None:
        return f"文件{place_in(last.clause)}只规定{last.year}年底全部脱贫，{year}年不设分年任务。"
    row = next((row for row in f.targets.rows if row.year == year), last)
    if f.whole_programme and f.targets.caseload.persons:
        base = f"文件{place_in(f.targets.caseload.clause)}所列{number(f.base)}人"
        registered = f.summary.persons
        aside = (f"系统在册人数{'少' if registered < f.base else '多'}于文件所列{number(abs(registered - f.base))}人，"
                 "完成率按文件所列人数计算。" if registered != f.base else "")
    else:
        base, aside = f"在册{number(f.base)}人", ""
    named = f"文件{place_in(row.clause)}"
    plan = {
        "cumulative_percent": f"{named}规定到{year}年底累计脱贫{row.value.normalize():f}%",
        "persons_per_year": f"{named}按年下达脱贫人数，逐年累计",
        "ratio_per_year": f"{named}规定各年按{'：'.join(f'{r.value.normalize():f}' for r in f.targets.rows)}的比例脱贫",
        "deadline_only": f"{named}规定到{last.year}年底全部脱贫",
    }[f.targets.kind]
    within = "" if not of_year or of_year == due else f"，其中当年{number(of_year)}人"
    rounding = f"（取整办法：{f.targets.rounding}）" if f.targets.kind != "deadline_only" else ""
    done = f.summary.persons_met
    state = "" if not due else (f"；已完成{share(done, due)}，尚差{number(due - done)}人" if done < due else
                                f"；已达标{number(done)}人，完成年度累计任务")
    return f"{plan}。以{base}为基数，年底应累计脱贫{number(due)}人{within}{rounding}{state}。{aside}"


def _since(f: Facts) -> str:
    base, s = f.baseline, f.summary
    if base is None:
        return ""
    if base.same:
        return f"本期与{base.words}依据同一次考核计算，期间没有新的数据，不作增减比较。"
    b = base.summary
    rates = (f"，达标人口占比{points(Fraction(s.persons_met, s.persons), Fraction(b.persons_met, b.persons))}"
             if s.persons and b.persons else "")
    return (f"与{base.words}相比，在册户{change(s.households, b.households, '户')}，达标户"
            f"{change(s.households_met, b.households_met, '户')}，达标人口{change(s.persons_met, b.persons_met, '人')}"
            f"{rates}{f.unlike}。")


def _income(f: Facts) -> str:
    s = f.summary
    if not s.able_households:
        return ""
    met = s.able_households - s.income_not_met
    said = f"有劳动能力的{people(s.able_households, s.able_persons, labour='able')}"
    if s.able_persons:
        average = round_half_up(from_fen(s.able_income) / s.able_persons)
        said += f"，人均可支配收入{yuan(average)}"
        if len(f.household_lines) == 1:
            gap = average - f.household_lines[0].shown
            said += f"，比标准{'高' if gap > 0 else '低'}{yuan(abs(gap))}" if gap else "，与标准持平"
    not_met = (f"，未达到的{households(s.income_not_met, unmet='income')}" if s.income_not_met else "")
    return f"{said}；收入达到标准的{number(met)}户，占{share(met, s.able_households)}{not_met}。"


def _dibao(f: Facts) -> str:
    s, asked = f.summary, f.judged("dibao")
    if not asked:
        return ""
    met = asked - s.dibao_not_met - s.dibao_unknown
    if met == asked:
        return f"无劳动能力的{households(asked, labour='unable')}全部纳入最低生活保障或特困供养。"
    return joined((
        f"无劳动能力的{households(asked, labour='unable')}，已纳入最低生活保障或特困供养{number(met)}户，占{share(met, asked)}",
        f"未纳入{households(s.dibao_not_met, unmet='dibao')}" if s.dibao_not_met else "",
        f"是否纳入未填报、待核实{households(s.dibao_unknown, unknown='dibao')}" if s.dibao_unknown else ""))


def _guarantees(f: Facts) -> str:
    s = f.summary
    full, short = [], []
    for key, label in GUARANTEES.items():
        asked = f.judged(key)
        met = asked - getattr(s, f"{key}_not_met") - getattr(s, f"{key}_unknown")
        if asked:
            (full if met == asked else short).append((label, met, asked))
    if not short:
        return "按考核对象统计，不愁吃、不愁穿和义务教育、基本医疗、住房安全保障全部落实，分项情况见表1。"
    least = min(Fraction(met, asked) for _, met, asked in short)
    lowest = [label for label, met, asked in short if Fraction(met, asked) == least]
    all_met = f"{'、'.join(label for label, _, _ in full)}已全部落实；" if full else ""
    rates = "、".join(f"{label}{share(met, asked)}" for label, met, asked in short)
    last = f"，其中{'、'.join(lowest)}比例最低" if len(lowest) < len(short) else ""
    return f"按应考核户数计算，{all_met}落实比例为：{rates}{last}。分项情况见表1。"


def criteria_table(f: Facts) -> Table:
    labels = {"income": "收入达到标准", "dibao": "低保兜底", **GUARANTEES}
    rows, labour = [], {"income": {"labour": "able"}, "dibao": {"labour": "unable"}}
    for key in CRITERIA:
        asked = f.judged(key)
        not_met, unknown = getattr(f.summary, f"{key}_not_met"), getattr(f.summary, f"{key}_unknown", 0)
        met = asked - not_met - unknown
        rows.append((labels[key], opens(number(asked), **labour[key]) if key in labour else number(asked), number(met),
                     opens(number(not_met), unmet=key) if not_met else "0",
                     opens(number(unknown), unknown=key) if unknown else "0", share(met, asked, 2)))
    return Table(columns("项目", "应考核", "达标", "未达标", "待核", "达标率", c0=0.3), tuple(rows),
                 caption="各项条件达标情况", unit="单位：户",
                 note="注：收入只考核有劳动能力户，低保兜底只考核无劳动能力户，义务教育只考核有6至15周岁成员的户。")


def _groups(f: Facts) -> str:
    s = f.summary
    groups = (("相对贫困村内", "poor_village", s.poor_village_households, s.poor_village_households_met,
               s.poor_village_persons, s.poor_village_persons_met),
              ("分散在其他村的", "scattered", s.scattered_households, s.scattered_households_met,
               s.scattered_persons, s.scattered_persons_met))
    return joined(
        f"{label}贫困户{people(total, persons, place=place)}，达标"
        f"{people(met, persons_met, place=place, status='met')}，占人口的{share(persons_met, persons)}"
        for label, place, total, met, persons, persons_met in groups if total)


def _villages(f: Facts, who: Address) -> str:
    s, line = f.summary, f.village_line
    if line is None:
        return "本文件未设相对贫困村的收入标准，本期不作村级考核。"
    if not s.villages:
        return f"{who.whole}没有纳入考核的相对贫困村。"
    due = f.targets.villages
    plan = (f"文件{place_in(due.clause)}要求到{due.year}年底{number(int(due.value))}个相对贫困村全部出列。"
            if due and f.whole_programme else "")
    not_met = s.villages - s.villages_met - s.villages_unknown
    parts = joined((
        f"纳入考核的相对贫困村{opens(number(s.villages) + '个', page='poor_villages')}，"
        f"村民人均可支配收入达到{yuan(line.shown)}的{number(s.villages_met)}个，占{share(s.villages_met, s.villages)}",
        f"未达到的{number(not_met)}个" if not_met else "",
        f"收入未填报的{number(s.villages_unknown)}个" if s.villages_unknown else ""))
    return plan + parts
