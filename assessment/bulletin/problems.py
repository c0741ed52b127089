"""What falls short in a bulletin: how many households and villages, where most of them are, who is slow (R305)."""
from collections.abc import Sequence
from fractions import Fraction

from assessment.bulletin.address import Address
from assessment.bulletin.document import Block, Paragraph, Section, SubHeading
from assessment.bulletin.facts import Facts
from assessment.bulletin.followup import (
    KIND_WORDS,
    SHORTFALLS,
    UNKNOWN,
    UNKNOWN_WORDS,
    WORSE,
    outcomes,
    tally,
    value_of,
)
from assessment.bulletin.places import first_and_last, place_rate
from assessment.bulletin.text import (
    NAMED,
    households,
    joined,
    listed,
    number,
    opens,
    points,
    share,
    worst,
    yuan,
)
from assessment.models import State
from assessment.progress import Place
from office.money import from_fen


def problems(f: Facts, who: Address, annexes: dict[str, int], more: Sequence[Block] = ()) -> Section:
    """What falls short; `more` is what falls short in money."""
    blocks = [*_income(f, who), *_dibao(f, who), *_guarantees(f, who), *_unknowns(f, who, annexes),
              *_villages(f, annexes), *_slow(f, who), *more, *_followed_up(f, annexes)]
    if not blocks:
        blocks = [Paragraph("本期各户各项条件均已达标，没有待核事项，未发现需要通报的问题。")]
    return Section("存在问题", tuple(blocks))


def _where(f: Facts, who: Address, kind: str, unit: str = "户", **filters: str) -> str:
    """The places with most of a problem, with their numbers: 分布在16个镇，较多的是华城镇80户、安流镇60户…"""
    rows = worst(f.units, lambda s: value_of(kind, s))
    names = [f.unit_name(s) + opens(f"{number(value_of(kind, s))}{unit}", area=s.area_id, **filters) for s in rows]
    if len(rows) == 1:
        return f"全部在{names[0]}"
    if len(rows) <= NAMED + 1:
        return f"分别是{'、'.join(names)}"
    return f"分布在{len(rows)}个{_unit_word(f, who)}，较多的是{'、'.join(names[:NAMED])}"


def _unit_word(f: Facts, who: Address) -> str:
    return who.part if f.unit_level == f.level else "镇（街道）"


def _income(f: Facts, who: Address) -> list:
    count = f.summary.income_not_met
    if not count:
        return []
    return [SubHeading("部分有劳动能力户收入未达到标准"), Paragraph(
        f"有劳动能力户中收入未达到标准的{households(count, unmet='income')}，占有劳动能力户的"
        f"{share(count, f.summary.able_households)}，{_where(f, who, 'income', unmet='income')}。")]


def _dibao(f: Facts, who: Address) -> list:
    count = f.summary.dibao_not_met
    if not count:
        return []
    return [SubHeading("兜底保障没有全部落实"), Paragraph(
        f"无劳动能力户中尚有{households(count, unmet='dibao')}未纳入最低生活保障或特困供养，"
        f"{_where(f, who, 'dibao', unmet='dibao')}。")]


def _guarantees(f: Facts, who: Address) -> list:
    keys = [key for key in ("food", "clothing", "education", "medical", "housing") if value_of(key, f.summary)]
    if not keys:
        return []
    return [SubHeading("“两不愁三保障”存在短板"), *(Paragraph(
        f"{SHORTFALLS[key]}的{households(value_of(key, f.summary), unmet=key)}，{_where(f, who, key, unmet=key)}。")
        for key in keys)]


def _unknowns(f: Facts, who: Address, annexes: dict[str, int]) -> list:
    unknowns = f.unknowns()
    if not unknowns:
        return []
    kinds = "、".join(opens(f"{UNKNOWN_WORDS[key]}{number(count)}户", unknown=key) for key, count in unknowns.items())
    return [SubHeading("部分信息缺报，有待核实"), Paragraph(
        f"名册中尚有待核事项{number(sum(unknowns.values()))}项没有填报，其中{kinds}，核实以前不计入达标；"
        f"{_where(f, who, UNKNOWN, '项')}。各地清单见附件{annexes['unknown']}。")]


def _villages(f: Facts, annexes: dict[str, int]) -> list:
    not_met = [v for v in f.villages if v.income == State.NOT_MET]
    unknown = [v for v in f.villages if v.income == State.UNKNOWN]
    if not (not_met or unknown):
        return []
    lowest = sorted(not_met, key=lambda v: (v.pc_disposable_income, v.village_id))
    named = [f"{f.township_name(v.village_id)}{v.village.name}（{yuan(from_fen(v.pc_disposable_income))}）" for v in lowest]
    missing = [f"{f.township_name(v.village_id)}{v.village.name}" for v in unknown]
    count = opens(f"{number(len(not_met))}个", page="poor_villages")
    text = joined((
        f"村民人均可支配收入未达到{yuan(f.village_line.shown)}的相对贫困村{count}，"
        f"{'较低的' if len(named) > NAMED else ''}是{'、'.join(named[:NAMED])}" if not_met else "",
        f"收入没有填报的{len(unknown)}个，是{listed(missing, '个村')}" if unknown else ""))
    return [SubHeading("部分相对贫困村收入未达标或没有填报"), Paragraph(f"{text}各村情况见附件{annexes['villages']}。")]


def _slow(f: Facts, who: Address) -> list:
    _, last = first_and_last(f.places)
    paragraphs = [Paragraph(_shortfall(f, place)) for place in last[:NAMED]]
    if f.unit_level != f.level:
        _, lowest = first_and_last(f.unit_places)
        if names := [f"{f.unit_name(place)}（{place_rate(place)}）" for place in lowest]:
            paragraphs.append(Paragraph(f"从镇（街道）一级看，达标率最低的是{listed(names, '个镇（街道）')}。"))
    return [SubHeading(f"部分{who.part if last else '镇（街道）'}进展较慢"), *paragraphs] if paragraphs else []


def _shortfall(f: Facts, place: Place) -> str:
    s = place.summary
    below = points(place.rate, Fraction(f.summary.persons_met, f.summary.persons)).removeprefix("下降")
    kinds = [f"{words}{households(value_of(key, s), area=s.area_id, unmet=key)}"
             for key, words in SHORTFALLS.items() if value_of(key, s)]
    if count := value_of(UNKNOWN, s):
        kinds.append(f"待核{number(count)}项")
    reasons = f"，其中{'、'.join(kinds)}" if kinds else ""
    lower = f"，比平均水平低{below}" if place.rate < Fraction(f.summary.persons_met, f.summary.persons) else ""
    return (f"{place.area.name}在册{number(s.persons)}人，达标率{place_rate(place)}{lower}；未达标"
            f"{households(s.households - s.households_met, area=s.area_id, status='not_met')}{reasons}。")


def _followed_up(f: Facts, annexes: dict[str, int]) -> list:
    found = outcomes(f)
    if not found:
        return []
    named = f.baseline.bulletin.number or f.baseline.words
    worse = [f"{one.point.name}{KIND_WORDS[one.point.kind].partition('（')[0]}（{one.point.shown}→{one.now_shown}）"
             for one in found if one.word == WORSE]
    said = f"对{named}点出的{len(found)}个事项逐项核对，{tally(found)}{f.unlike}。"
    said += f"有反弹的是{listed(worse, '个事项')}，要重点督办。" if worse else ""
    return [SubHeading("上期点出问题的整改情况"), Paragraph(f"{said}逐项情况见附件{annexes['outcomes']}。")]
