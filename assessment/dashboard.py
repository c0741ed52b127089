"""The home page of an area: figures read from the stored summaries of a run, each with the address of its list."""
from dataclasses import dataclass, field
from decimal import Decimal

from django.urls import reverse

from assessment.explanation import line_for
from assessment.filters import list_url
from assessment.models import AreaSummary, Run, SummaryLine
from assessment.progress import NEXT_LEVEL, Place, Plan, plan_for, previous_run, ranking, summary_of
from assessment.register import ANY
from assessment.summaries import CRITERIA, FEN_PER_BAND, LAST_BAND
from households.codes import Cause
from office.mandate import LineInForce
from office.models import Area, Level
from office.money import from_fen, grouped, round_half_up

CRITERION_WORDS = {"income": "收入未达标", "dibao": "低保兜底未落实", "food": "不愁吃", "clothing": "不愁穿",
                   "education": "义务教育", "medical": "基本医疗", "housing": "住房安全"}
BAND_YUAN = FEN_PER_BAND // 100


@dataclass
class Dashboard:
    """Everything the home page shows of one area in one run. Rates are percentages with one decimal."""

    area: Area
    run: Run
    summary: AreaSummary
    lines: list[LineInForce]
    kpis: list[dict]
    plan: Plan
    places: list[dict]
    place_word: str
    groups: list[dict]
    unmet: list[dict]
    causes: list[dict]
    bands: list[dict]
    band_line: LineInForce | None
    other_lines: list[LineInForce] = field(default_factory=list)


def build(area: Area, run: Run) -> Dashboard:
    """Read the dashboard of an area from a run; a constant number of queries, whatever the number of households."""
    summary = summary_of(run, area.code)
    earlier = previous_run(run)
    before = summary_of(earlier, area.code) if earlier else None
    lines = [LineInForce.from_json(n) for n in run.numbers]
    household_lines = [line for line in lines if line.subject == "household"]
    here = {"year": run.year, "area": area.code, "programme": run.programme_id, "run": run.pk}
    level = NEXT_LEVEL.get(Level(area.level))
    return Dashboard(
        area=area, run=run, summary=summary, lines=lines, kpis=_kpis(summary, before, lines, here),
        plan=plan_for(area, run.programme, run),
        places=[_place_row(p, run) for p in ranking(run, area, level, earlier)] if level else [],
        place_word=Level(level).label if level else "", groups=_groups(summary, here), unmet=_unmet(summary, here),
        causes=_causes(run, area, here), bands=_bands(run, area, here), band_line=line_for(household_lines, "household"),
        other_lines=household_lines[1:])


def rate(part: int, whole: int) -> str:
    """A percentage with one decimal, half up; a dash for nothing of nothing. 99.96 % is never shown as 100 %."""
    if not whole:
        return "—"
    shown = round_half_up(Decimal(100 * part) / whole, 1)
    if shown == 100 and part < whole:
        return "99.9"
    return f"{shown}"


def _kpis(now: AreaSummary, before: AreaSummary | None, lines: list[LineInForce], here: dict) -> list[dict]:
    def change(name: str) -> int | None:
        return getattr(now, name) - getattr(before, name) if before else None

    unknown = sum(getattr(now, f"{key}_unknown", 0) for key in CRITERIA)
    unknown_before = sum(getattr(before, f"{key}_unknown", 0) for key in CRITERIA) if before else None
    per_head = round_half_up(from_fen(now.able_income) / now.able_persons) if now.able_persons else None
    line = line_for([x for x in lines if x.subject == "household"], "household")
    kpis = [
        {"label": "在册户", "value": f"{now.households:,}", "unit": "户", "url": list_url(**here),
         "change": change("households"), "note": f"{now.persons:,} 人"},
        {"label": "达标户", "value": f"{now.households_met:,}", "unit": "户", "url": list_url(**here, status="met"),
         "change": change("households_met"), "rising": "good",
         "note": f"占 {rate(now.households_met, now.households)}%"},
        {"label": "达标人口", "value": f"{now.persons_met:,}", "unit": "人", "url": list_url(**here, status="met"),
         "change": change("persons_met"), "rising": "good", "note": f"占 {rate(now.persons_met, now.persons)}%"},
        {"label": "未达标户", "value": f"{now.households - now.households_met:,}", "unit": "户", "tone": "bad",
         "url": list_url(**here, status="not_met"), "rising": "bad",
         "change": change("households") - change("households_met") if before else None,
         "note": f"{now.persons - now.persons_met:,} 人"},
        {"label": "待核事项", "value": f"{unknown:,}", "unit": "项", "tone": "wait", "url": list_url(**here, unknown=ANY),
         "change": unknown - unknown_before if before else None, "rising": "bad", "note": "未填报的，按未达标计"},
        {"label": "有劳力户人均（元）", "value": grouped(per_head) if per_head is not None else "—",
         "url": list_url(**here, labour="able", sort="income"), "note": f"线 {grouped(line.shown)} 元" if line else ""},
    ]
    if any(x.subject == "village" for x in lines):
        kpis.append({"label": "相对贫困村达标", "value": f"{now.villages_met:,}", "unit": f"/ {now.villages:,} 村",
                     "url": reverse("assessment:poor_villages", args=[here["area"]]) + f"?run={here['run']}",
                     "change": change("villages_met"), "rising": "good",
                     "note": f"收入待核 {now.villages_unknown} 村" if now.villages_unknown else ""})
    return kpis


def _place_row(place: Place, run: Run) -> dict:
    summary = place.summary
    if place.area.level == Level.VILLAGE:
        url = list_url(year=run.year, area=place.area.code, programme=run.programme_id, run=run.pk)
    else:
        url = reverse("assessment:area", args=[place.area.code]) + f"?run={run.pk}"
    return {"label": place.area.name, "value": float(100 * place.rate), "rank": place.rank, "url": url,
            "code": place.area.code, "display": f"{rate(summary.persons_met, summary.persons)}%",
            "note": f"{summary.persons_met:,} / {summary.persons:,} 人" + (f" · {place.direction}" if place.direction else "")}


def _groups(s: AreaSummary, here: dict) -> list[dict]:
    """Households inside poor villages next to scattered ones (R007, R008)."""
    return [
        {"label": "相对贫困村内", "url": list_url(**here, place="poor_village"),
         "met_url": list_url(**here, place="poor_village", status="met"),
         "households": s.poor_village_households, "households_met": s.poor_village_households_met,
         "persons": s.poor_village_persons, "persons_met": s.poor_village_persons_met,
         "rate": rate(s.poor_village_persons_met, s.poor_village_persons)},
        {"label": "分散户（非贫困村）", "url": list_url(**here, place="scattered"),
         "met_url": list_url(**here, place="scattered", status="met"),
         "households": s.scattered_households, "households_met": s.scattered_households_met,
         "persons": s.scattered_persons, "persons_met": s.scattered_persons_met,
         "rate": rate(s.scattered_persons_met, s.scattered_persons)},
    ]


def _unmet(s: AreaSummary, here: dict) -> list[dict]:
    rows = []
    for key in CRITERIA:
        not_met, unknown = getattr(s, f"{key}_not_met"), getattr(s, f"{key}_unknown", 0)
        rows.append({"label": CRITERION_WORDS[key], "value": not_met + unknown, "display": f"{not_met + unknown:,} 户",
                     "note": f"未达标 {not_met:,}，待核 {unknown:,}" if unknown else f"未达标 {not_met:,}",
                     "url": list_url(**here, unmet=key if not_met else "", unknown=key if unknown else ""),
                     "tone": "bad" if not_met else "wait"})
    return sorted((row for row in rows if row["value"]), key=lambda row: -row["value"])


def _lines_of(run: Run, area: Area, kind: str) -> list[SummaryLine]:
    return list(SummaryLine.objects.filter(run=run, area=area, kind=kind))


def _causes(run: Run, area: Area, here: dict) -> list[dict]:
    labels = dict(Cause.choices)
    rows = [{"label": labels.get(line.key, line.key), "value": line.households, "display": f"{line.households:,} 户",
             "note": f"已达标 {line.households_met:,} 户", "url": list_url(**here, cause=line.key)}
            for line in _lines_of(run, area, SummaryLine.Kind.CAUSE)]
    return sorted(rows, key=lambda row: (-row["value"], row["label"]))


def _bands(run: Run, area: Area, here: dict) -> list[dict]:
    counted = {int(line.key): line.households for line in _lines_of(run, area, SummaryLine.Kind.INCOME_BAND)}
    if not counted:
        return []
    bands = []
    for band in range(min(0, min(counted)), max(counted) + 1):
        low, high = band * BAND_YUAN, (band + 1) * BAND_YUAN
        bounds = {} if band < 0 else {"income_from": low}
        bounds |= {} if band == LAST_BAND else {"income_to": high}
        bands.append({"low": low, "high": high, "value": counted.get(band, 0), "display": f"{counted.get(band, 0):,}",
                      "label": "负收入" if band < 0 else f"{low:,} 以上" if band == LAST_BAND else f"{low:,}–{high:,}",
                      "url": list_url(**here, labour="able", **bounds)})
    return bands
