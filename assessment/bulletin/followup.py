"""Points named in a bulletin, kept with it, and what has become of them when the next one is written (R306)."""
from dataclasses import asdict, dataclass

from assessment.bulletin.document import Annex, Table
from assessment.bulletin.facts import Facts
from assessment.bulletin.places import first_and_last
from assessment.bulletin.progress import columns
from assessment.bulletin.text import NAMED, number, worst
from assessment.models import AreaSummary

SHORTFALLS = {"income": "收入未达到标准", "dibao": "未纳入低保或特困供养", "food": "不愁吃未落实", "clothing": "不愁穿未落实",
              "education": "义务教育未落实", "medical": "基本医疗未落实", "housing": "住房安全未落实"}
UNKNOWN_WORDS = {"dibao": "是否纳入低保", "food": "不愁吃", "clothing": "不愁穿", "education": "义务教育", "medical": "基本医疗",
                 "housing": "住房安全"}
UNKNOWN, VILLAGES, RANK = "unknown", "villages", "rank"
KIND_WORDS = {**{key: f"{words}（户）" for key, words in SHORTFALLS.items()}, UNKNOWN: "待核事项（项）",
              VILLAGES: "相对贫困村收入未达标或未填报（个）", RANK: "排名靠后"}
SOLVED, BETTER, UNCHANGED, WORSE = "已解决", "有改进", "无变化", "有反弹"


@dataclass(frozen=True)
class Point:
    """A place named for something: how many households, items or villages, or its rank."""

    area: str
    name: str
    kind: str
    value: int
    shown: str


def value_of(kind: str, s: AreaSummary) -> int:
    """How much of a problem an area has: households, items or villages."""
    if kind == UNKNOWN:
        return sum(getattr(s, f"{key}_unknown") for key in UNKNOWN_WORDS)
    if kind == VILLAGES:
        return s.villages - s.villages_met
    return getattr(s, f"{kind}_not_met")


def points_named(f: Facts) -> list[dict]:
    """What this bulletin names, to be kept with it."""
    found = []
    for kind in (*SHORTFALLS, UNKNOWN, VILLAGES):
        for s in worst(f.units, lambda s, kind=kind: value_of(kind, s))[:NAMED]:
            found.append(Point(s.area_id, f.unit_name(s), kind, value_of(kind, s), number(value_of(kind, s))))
    _, last = first_and_last(f.places)
    found += [Point(p.area.code, p.area.name, RANK, p.rank, f"第{p.rank}名") for p in last[:NAMED]]
    return [asdict(point) for point in found]


@dataclass(frozen=True)
class Outcome:
    """A point of the bulletin before, and where it stands now."""

    point: Point
    now: int
    now_shown: str
    word: str


def outcomes(f: Facts) -> list[Outcome]:
    """Each point named last time with its present number; empty without an earlier bulletin or without new data."""
    base = f.baseline
    if base is None or base.bulletin is None or base.same:
        return []
    units = {s.area_id: s for s in f.units}
    places = {place.area.code: place for place in f.places}
    found = []
    for stored in base.bulletin.content.get("named", []):
        point = Point(**stored)
        if point.kind == RANK:
            if (place := places.get(point.area)) is not None:
                shown = f"第{place.rank}名"
                found.append(Outcome(point, place.rank, shown, _word(place.rank, point.value, solved=False)))
        elif (unit := units.get(point.area)) is not None:
            now = value_of(point.kind, unit)
            found.append(Outcome(point, now, number(now), _word(now, point.value, solved=not now)))
    return found


def _word(now: int, before: int, *, solved: bool) -> str:
    if solved:
        return SOLVED
    return BETTER if now < before else UNCHANGED if now == before else WORSE


def tally(found: list[Outcome]) -> str:
    """已解决3项、有改进10项、有反弹1项; what did not happen is not said."""
    counts = {word: sum(one.word == word for one in found) for word in (SOLVED, BETTER, UNCHANGED, WORSE)}
    return "、".join(f"{word}{count}项" for word, count in counts.items() if count)


def outcomes_annex(f: Facts) -> Annex | None:
    found = outcomes(f)
    if not found:
        return None
    rows = tuple((str(index), one.point.name, KIND_WORDS[one.point.kind], one.point.shown, one.now_shown, one.word)
                 for index, one in enumerate(found, start=1))
    table = Table(columns("序号", "地区", "事项", "上期", "本期", "整改情况", c0=0.08, c1=0.22, c2=0.38), rows)
    return Annex("上期点出问题整改情况表", (table,))
