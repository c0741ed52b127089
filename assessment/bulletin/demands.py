"""What a bulletin asks for: by when, of whom, and where to report. Parts without a cause are left out."""
from collections.abc import Sequence

from assessment.bulletin.address import Address
from assessment.bulletin.document import Block, Paragraph, Section, SubHeading
from assessment.bulletin.facts import MISSED, SLOW, Facts
from assessment.bulletin.followup import SHORTFALLS, value_of
from assessment.bulletin.places import first_and_last
from assessment.bulletin.text import NAMED, number, place_in
from office.calendar import chinese_date

DEPARTMENTS = {"income": "农业农村、人力资源社会保障部门", "dibao": "民政部门", "food": "民政部门", "clothing": "民政部门",
               "education": "教育部门", "medical": "卫生健康、医疗保障部门", "housing": "住房城乡建设部门"}


def demands(f: Facts, who: Address, issuer: str, annexes: dict[str, int], more: Sequence[Block] = ()) -> Section:
    """What is asked; `more` is what is asked about money."""
    t = f.terms
    blocks: list = []
    if unknowns := sum(f.unknowns().values()):
        blocks += [SubHeading("逐户核实缺报信息"), Paragraph(
            f"{who.responsible}要组织帮扶责任人对{number(unknowns)}项缺报内容逐户入户核实，"
            f"于{chinese_date(t.verify_by)}前补录完毕；逾期未核实的，继续按未达标统计。各地数量见附件{annexes['unknown']}。")]
    if short := [key for key in SHORTFALLS if value_of(key, f.summary)]:
        blocks += [SubHeading("逐户补齐短板"), Paragraph(
            f"{who.responsible}是第一责任单位，要对照附件{annexes['guarantees']}逐户明确措施、责任人和时限，"
            f"于{chinese_date(t.rectify_by)}前落实到户。{_tasks(f, short)}。")]
    if missing := f.summary.villages - f.summary.villages_met:
        blocks += [SubHeading("加快相对贫困村增收"), Paragraph(
            f"对{number(missing)}个收入未达标或没有填报的相对贫困村，驻村工作队要会同村两委"
            f"于{chinese_date(t.verify_by)}前核实收入，于{chinese_date(t.rectify_by)}前逐村报送增收措施。")]
    blocks += [*more, *_mend(f)]
    missed = f.clause(MISSED) if f.due(f.base)[0] else None
    rule = f"{f.programme.document_number}文件{place_in(missed.clause)}" if missed else ""
    talk = f"{f.run.year}年度任务到期没有完成的，按照{rule}的规定约谈党政主要领导。" if rule else ""
    blocks += [SubHeading("按时报送整改情况"), Paragraph(
        f"{who.responsible}要于{chinese_date(t.report_by)}前将整改情况书面报送{issuer}，下期通报将逐项公布整改结果。{talk}")]
    return Section("下一步工作要求", tuple(blocks))


def _tasks(f: Facts, short: list[str]) -> str:
    """What each department leads, its shortfalls together."""
    tasks: dict[str, list[str]] = {}
    for key in short:
        tasks.setdefault(DEPARTMENTS[key], []).append(f"{SHORTFALLS[key]}的{number(value_of(key, f.summary))}户")
    return "；".join(f"{department}牵头解决{'、'.join(counts)}" for department, counts in tasks.items())


def _mend(f: Facts) -> list:
    _, last = first_and_last(f.places)
    if not last:
        return []
    rule = f.clause(SLOW)
    basis = f"按照{f.programme.document_number}文件{place_in(rule.clause)}关于限期整改的规定，" if rule else ""
    names = "、".join(place.area.name for place in last[:NAMED])
    return [SubHeading("排名靠后的限期整改"), Paragraph(
        f"{basis}{names}要由主要负责同志牵头分析原因，于{chinese_date(f.terms.rectify_by)}前完成整改。")]
