"""What the made-up register is modelled on: the programmes in force for the area, their years and their lines."""
from collections.abc import Sequence
from decimal import Decimal

from assessment.demo.incomes import Lines
from assessment.demo.register import Setting
from assessment.demo.shares import FORMER_PREFIXES
from assessment.demo.villages import HOUSEHOLDS_AT_MOST, Village, spread
from office.identity import known_prefixes
from office.mandate import MissingStatistic, figure_known, lines_in_force
from office.models import Area, Level, Programme
from office.models.statistic import Basis, StatisticKey

# Stand-ins where a document sets no such line or its figure has not been entered; nothing is judged by them.
URBAN_TO_RURAL, VILLAGE_TO_HOUSEHOLD = Decimal("1.3"), (4, 3)


class NoDemo(ValueError):
    """The area cannot be filled; the sentence says why and what to choose instead."""


def programmes_of(area: Area) -> list[Programme]:
    """Programmes whose area contains this one, by their first year."""
    above = [a.code for a in area.trail]
    return list(Programme.objects.filter(area_id__in=above).order_by("start_year", "key"))


def make_setting(area: Area, programmes: Sequence[Programme], seed: int, years: Sequence[int]) -> Setting:
    first, last = min(p.start_year for p in programmes), max(p.end_year for p in programmes)
    codes = _villages(area)
    with_urban = any(rule["residence"] == "urban" for p in programmes for rule in p.body["lines"])
    counties = {code[:6] for code in codes}
    return Setting(
        seed=seed, lines={year: _lines(programmes, year) for year in sorted(years)},
        progress={year: min(1.0, max(0.0, (year - first) / max(1, last - first))) for year in years},
        villages=len(codes), neighbours={county: _neighbours(county) for county in counties}, with_urban=with_urban)


def choose_villages(area: Area, programmes: Sequence[Programme], seed: int, households: int) -> list[Village]:
    """The area's villages with their households; as many are relatively poor as the documents say, in proportion."""
    codes = _villages(area)
    if not codes:
        raise NoDemo(f"{area.name}下面没有村（社区），请先载入行政区划")
    poor = max(_poor_villages(programme, codes) for programme in programmes)
    villages = spread(seed, codes, households, poor)
    if max(v.households for v in villages) > HOUSEHOLDS_AT_MOST:
        raise NoDemo(f"{area.name}只有 {len(codes)} 个村（社区），放不下 {households} 户"
                     f"（每村至多 {HOUSEHOLDS_AT_MOST} 户），请减少户数")
    return villages


def _villages(area: Area) -> list[str]:
    return list(Area.objects.within(area.code).filter(level=Level.VILLAGE).order_by("code")
                .values_list("code", flat=True))


def _poor_villages(programme: Programme, codes: list[str]) -> int:
    planned = programme.body["targets"]["caseload"]["villages"]
    everywhere = len(_rural(_villages(programme.area)))
    return round(planned * len(_rural(codes)) / everywhere) if planned and everywhere else 0


def _rural(codes: list[str]) -> list[str]:
    return [code for code in codes if code[9] >= "2"]


def _neighbours(county: str) -> list[str]:
    former = {code for code, _ in FORMER_PREFIXES.values()}
    return sorted(code for code in known_prefixes()
                  if code[:4] == county[:4] and code[4:] > "01" and code != county and code not in former)


def _lines(programmes: Sequence[Programme], year: int) -> Lines:
    programme = next((p for p in programmes if year in p.years), programmes[-1])
    by_residence = {line.residence: line.value for line in _in_force(programme, year, Basis.ACTUAL)
                    if line.subject == "household"}
    rural = by_residence.get("any") or by_residence.get("rural") or _stand_in(programme, year)
    printed = next((line.value for line in _in_force(programme, year, Basis.FORECAST)
                    if line.printed and line.subject == "household"), None)
    return Lines(rural=rural, urban=by_residence.get("urban") or rural * URBAN_TO_RURAL, printed=printed)


def _in_force(programme: Programme, year: int, basis: str) -> list:
    try:
        return lines_in_force(programme, year, basis)
    except MissingStatistic:
        return []


def _stand_in(programme: Programme, year: int) -> Decimal:
    """The document's own ratio of the province's figure, where the figure that it names is not there."""
    figure = figure_known(StatisticKey.RURAL_INCOME, programme.area_id[:2].ljust(12, "0"), year, Basis.ACTUAL)
    rule = next(r for r in programme.body["lines"] if r["subject"] == "household" and r["residence"] != "urban")
    if figure is None:
        raise NoDemo(f"没有{year}年全省农村居民人均可支配收入，无法确定示范数据的收入水平，请先录入这项统计数")
    return figure.value * Decimal(rule["ratio"])


def village_lines(setting: Setting) -> dict[int, Decimal]:
    """Village lines per year: the household line times 60/45, which is exact."""
    times, by = VILLAGE_TO_HOUSEHOLD
    return {year: lines.rural * times / by for year, lines in setting.lines.items()}
