"""What a bulletin speaks about: one area in one run, read from the stored summaries and results of that run alone.

Nothing here is counted anew, so a bulletin can only say what its run says; the comparison is with the run of the
bulletin before it.
"""
import datetime
from dataclasses import dataclass
from functools import cached_property

from assessment.explanation import line_for
from assessment.models import AreaSummary, Bulletin, Run, VillageResult
from assessment.progress import NEXT_LEVEL, Place, previous_run, ranking, summary_of
from assessment.summaries import CRITERIA
from office.calendar import Quarter, add_workdays
from office.mandate import LineInForce
from office.models import Area, Level, ProgrammeClause
from office.models.statistic import Basis
from office.programme_files import Targets, read_targets, target_for

# Working days from the date of the bulletin. The documents say 限期整改 without a number: these are proposals that the
# office changes when it drafts.
DATED_AFTER, VERIFY_WITHIN, RECTIFY_WITHIN, REPORT_WITHIN = 5, 10, 20, 25
QUARTERLY, SLOW, MISSED = "季度通报", "推进缓慢、成效不明显", "未完成年度"     # labels of clauses, the same in all documents


class CannotCompose(ValueError):
    """No bulletin can be written; the sentence says why and what to do."""


@dataclass(frozen=True)
class Terms:
    """The dates a bulletin sets: its own, and by when unknowns are verified, shortfalls mended, and reports sent."""

    dated: datetime.date
    verify_by: datetime.date
    rectify_by: datetime.date
    report_by: datetime.date

    @classmethod
    def proposed(cls, run: Run, quarter: Quarter, dated: datetime.date | None = None) -> "Terms":
        """Dates counted in working days from the end of the quarter, or from the day the bulletin is to be issued.

        A figure published after the quarter puts the date off: no document cites what is not yet known.
        """
        dated = dated or add_workdays(max(quarter.end, known_on(run)), DATED_AFTER)
        return cls(dated, *(add_workdays(dated, days) for days in (VERIFY_WITHIN, RECTIFY_WITHIN, REPORT_WITHIN)))


def known_on(run: Run) -> datetime.date:
    """The day on which the last of the run's figures became known."""
    return max((LineInForce.from_json(number).known_on for number in run.numbers), default=datetime.date.min)


@dataclass(frozen=True)
class Baseline:
    """What the bulletin compares with: the run of the bulletin before it, or without one the run before.

    `same` is true when both bulletins rest on one run, so that nothing can be compared.
    """

    run: Run
    bulletin: Bulletin | None
    summary: AreaSummary
    same: bool
    last_quarter: bool

    @property
    def words(self) -> str:
        if self.bulletin is None:
            return f"上一次（第{self.run.pk}次）考核计算"
        quarter = Quarter.parse(self.bulletin.period)
        return f"上季度（{quarter.label}）" if self.last_quarter else f"上期通报（{quarter.label}）"

    @property
    def rank_heading(self) -> str:
        return "上季排名" if self.last_quarter else "上期排名" if self.bulletin else "上次排名"


class Facts:
    """Everything the parts of a bulletin ask for; read once, in a number of queries that does not grow with the area."""

    def __init__(self, run: Run, area: Area, quarter: Quarter, terms: Terms):
        self.run, self.area, self.quarter, self.terms = run, area, quarter, terms
        self.programme = run.programme
        self.level = NEXT_LEVEL.get(Level(area.level))
        if self.level is None:
            raise CannotCompose(f"{area.name}是村级区域，通报按市、县、镇编发，请改选上级区域")
        self.unit_level = Level.VILLAGE if self.level == Level.VILLAGE else Level.TOWNSHIP
        self.summary = summary_of(run, area.code)
        if not (self.summary.households or self.summary.villages):
            raise CannotCompose(f"第{run.pk}次考核计算中没有{area.name}的户和村，无法起草通报；"
                                f"请先导入{run.year}年名册并重新计算")
        self.lines = [LineInForce.from_json(number) for number in run.numbers]
        self.targets: Targets = read_targets(self.programme.body["targets"])

    # Progress

    @cached_property
    def base(self) -> int:
        """Persons the plan starts from: those printed for the document's own area, the registered ones for a part of it."""
        printed = self.targets.caseload.persons
        return printed if self.whole_programme and printed else self.summary.persons

    @property
    def whole_programme(self) -> bool:
        return self.area.code == self.programme.area_id

    def due(self, persons: int) -> tuple[int | None, int | None]:
        """Persons due by the end of the year, and within it; (None, None) before the first year with a target."""
        return target_for(self.targets, self.run.year, persons)

    @cached_property
    def household_lines(self) -> list[LineInForce]:
        return [line for line in self.lines if line.subject == "household"]

    @cached_property
    def village_line(self) -> LineInForce | None:
        return line_for(self.lines, "village")

    def judged(self, key: str, summary: AreaSummary | None = None) -> int:
        """Households of which the criterion is asked."""
        s = summary or self.summary
        return {"income": s.able_households, "dibao": s.households - s.able_households,
                "education": s.households - s.education_not_applicable}.get(key, s.households)

    @property
    def unlike(self) -> str:
        """In what the run compared with was made differently, as an aside for the text; empty when alike."""
        base, notes = self.baseline, []
        if base and base.run.year != self.run.year:
            notes.append(f"上期按{base.run.year}年度计算")
        if base and base.run.basis != self.run.basis:
            notes.append(f"上期收入标准按{'公布数' if base.run.basis == Basis.ACTUAL else '预测数'}执行")
        return f"（{'，'.join(notes)}，口径不同，增减仅供参考）" if notes else ""

    # Places

    @cached_property
    def baseline(self) -> Baseline | None:
        earlier = _bulletin_before(self.run, self.area, self.quarter)
        run = earlier.run if earlier else previous_run(self.run)
        if run is None:
            return None
        summary = summary_of(run, self.area.code)
        if not summary.households:
            return None
        last = earlier is not None and earlier.period == str(self.quarter.previous)
        return Baseline(run, earlier, summary, run.pk == self.run.pk, last)

    @cached_property
    def places(self) -> list[Place]:
        return ranking(self.run, self.area, self.level, self.baseline.run if self.baseline else None)

    @cached_property
    def unranked(self) -> list[str]:
        """Names of the places one level down that have nobody in the register of the year."""
        ranked = {place.area.code for place in self.places}
        return [area.name for area in Area.objects.within(self.area.code).filter(level=self.level)
                if area.code not in ranked]

    @cached_property
    def units(self) -> list[AreaSummary]:
        """Townships (inside a township: villages) by code: where problems are named."""
        return list(AreaSummary.objects.filter(run=self.run, level=self.unit_level).in_area(self.area.code)
                    .select_related("area").order_by("area_id"))

    @cached_property
    def unit_places(self) -> list[Place]:
        """Townships ranked across the whole area; for a county these are its places."""
        return self.places if self.unit_level == self.level else ranking(self.run, self.area, self.unit_level)

    @cached_property
    def villages(self) -> list[VillageResult]:
        return list(VillageResult.objects.filter(run=self.run).in_area(self.area.code).select_related("village")
                    .order_by("village_id"))

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(Area.objects.within(self.area.code).filter(level__in=(Level.COUNTY, Level.TOWNSHIP))
                    .values_list("code", "name"))

    def township_name(self, code: str) -> str:
        """The township an area belongs to, with its county in front where the bulletin is a city's."""
        county = self._names.get(code[:6].ljust(12, "0"), "") if self.area.level == Level.CITY else ""
        return county + self._names.get(code[:9].ljust(12, "0"), "")

    def unit_name(self, unit: AreaSummary | Place) -> str:
        return unit.area.name if self.unit_level == Level.VILLAGE else self.township_name(unit.area.code)

    # What the document demands

    def clause(self, label: str) -> ProgrammeClause | None:
        """The first clause of the document whose label begins so."""
        return self.programme.clauses.filter(label__startswith=label).order_by("position").first()

    def unknowns(self, summary: AreaSummary | None = None) -> dict[str, int]:
        """Households whose answer is missing, per criterion that can be unknown; none left out at zero."""
        counts = {key: getattr(summary or self.summary, f"{key}_unknown") for key in CRITERIA if key != "income"}
        return {key: count for key, count in counts.items() if count}


def _bulletin_before(run: Run, area: Area, quarter: Quarter) -> Bulletin | None:
    """The bulletin of the nearest earlier period; an issued one before drafts, and of several the newest."""
    found = (Bulletin.objects.filter(area=area, run__programme=run.programme_id, period__lt=str(quarter))
             .exclude(state=Bulletin.State.WITHDRAWN).select_related("run").order_by("-period", "-pk")[:50])
    same_period = [one for one in found if one.period == found[0].period]
    issued = [one for one in same_period if one.state == Bulletin.State.ISSUED]
    return next(iter(issued or same_period), None)


def covering_run(programme: str, year: int, area_code: str) -> Run | None:
    """The run a bulletin takes when none is named: the newest that covers the area, actual before forecast."""
    run = Run.objects.latest(programme, year, area_code)
    return Run.objects.select_related("programme", "area").get(pk=run.pk) if run else None
