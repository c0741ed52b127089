"""The places of an area in order: first and last named, the table with ties, last ranks and direction, and the chart."""
from decimal import Decimal
from fractions import Fraction

from assessment import charts
from assessment.bulletin.address import Address
from assessment.bulletin.document import Figure, Paragraph, Section, Table
from assessment.bulletin.facts import Facts
from assessment.bulletin.progress import columns, paragraph
from assessment.bulletin.text import joined, listed, number, opens, share
from assessment.progress import Place

CHART_PLACES = 20       # more bars than fit a page with its caption are shown as the first and the last ten


def places(f: Facts, who: Address) -> Section:
    ranked = f.places
    if not ranked:
        return Section(f"{who.each}进展情况", (Paragraph(f"{who.whole}各地本年度没有在册人口，不作排名。"),))
    if len(ranked) == 1:
        only = ranked[0]
        text = (f"{who.whole}本期只有{only.area.name}有在册人口，共{number(only.summary.persons)}人，达标"
                f"{number(only.summary.persons_met)}人，占{share(only.summary.persons_met, only.summary.persons, 2)}，不作排名。")
        return Section(f"{who.each}进展情况", (Paragraph(text),))
    opening = f"按达标人口占在册人口的比例排名，比例相同的名次并列。{who.each}情况见表2和图1。"
    return Section(f"{who.each}进展及排名", (Paragraph(opening), *paragraph(_named(ranked, who)),
                                        ranking_table(f, who), _chart(f, who)))


def place_rate(place: Place, places: int = 2) -> str:
    return share(place.summary.persons_met, place.summary.persons, places)


def first_and_last(ranked: list[Place]) -> tuple[list[Place], list[Place]]:
    """The first three and the last three (fewer of few), ties kept together; nobody is in both, nobody at 100 % is last."""
    if not ranked or ranked[0].rank == ranked[-1].rank:
        return [], []
    count = min(3, len(ranked) // 2)
    first = [place for place in ranked if place.rank <= count]
    border = ranked[-count].rank
    last = [place for place in ranked if place.rank >= border and place not in first and place.rate < 1]
    return first, last[::-1]


def _named(ranked: list[Place], who: Address) -> str:
    first, last = first_and_last(ranked)
    if not first:
        return f"各地达标率均为{place_rate(ranked[0])}，名次并列。"

    def words(some: list[Place]) -> str:
        return listed([f"{opens(place.area.name, area=place.area.code)}（{place_rate(place)}）" for place in some],
                      f"个{who.part}")

    said = f"进展较快、排在前列的是{words(first)}，予以表扬。"
    return said + (f"进展较慢、排在末位的是{words(last)}，予以通报，限期整改。" if last else "")


def ranking_table(f: Facts, who: Address) -> Table:
    tied = {place.rank for place in f.places if sum(other.rank == place.rank for other in f.places) > 1}
    comparable = f.baseline is not None and not f.baseline.same
    heading = f.baseline.rank_heading if f.baseline else "上季排名"
    rows = tuple((
        str(index), opens(place.area.name, area=place.area.code), number(place.summary.persons),
        opens(number(place.summary.persons_met), area=place.area.code, status="met"), place_rate(place), str(place.rank),
        str(place.before) if place.before and comparable else "—", place.direction if comparable else "—",
        "并列" if place.rank in tied else "") for index, place in enumerate(f.places, start=1))
    s = f.summary
    total = ("", "合计", number(s.persons), number(s.persons_met), share(s.persons_met, s.persons, 2), "", "", "", "")
    heads = columns("序号", "地区", "在册人数", "达标人数", "达标率", "排名", heading, "升降", "备注", c0=0.08, c1=0.21)
    return Table(heads, rows, total=total, caption=f"{who.each}达标情况排名", unit="单位：人", note=_ranking_note(f, who))


def _ranking_note(f: Facts, who: Address) -> str:
    notes = []
    if f.baseline is None:
        notes.append("本期为首次排名，没有上季名次")
    elif f.baseline.same:
        notes.append(f"本期与{f.baseline.words}依据同一次考核计算，不比较名次")
    elif not f.baseline.last_quarter:
        notes.append(f"{f.baseline.rank_heading}取自{f.baseline.words}")
    if f.unranked:
        notes.append(f"{listed(f.unranked, f'个{who.part}')}本年度没有在册人口，不参加排名")
    return f"注：{joined(notes)}" if notes else ""


def _chart(f: Facts, who: Address) -> Figure:
    ranked = f.places
    shown, caption = ranked, f"{who.each}达标人口占在册人口的比例"
    if len(ranked) > CHART_PLACES:
        shown, caption = [*ranked[:10], *ranked[-10:]], f"{caption}（前10位和后10位）"
    bars = [charts.Bar(place.area.name, _rounded(place.rate), f"第{place.rank}名") for place in shown]
    average = _rounded(Fraction(f.summary.persons_met, f.summary.persons))
    return Figure(charts.ranked_bars(caption, bars, unit="%", target=average, target_label=f"{who.whole} ",
                                     show=lambda value: f"{value:.2f}"), caption)


def _rounded(rate: Fraction) -> Decimal:
    """The same figure as in the table, as a number to draw."""
    return Decimal(share(rate.numerator, rate.denominator, 2).removesuffix("%"))
