"""Progress as dashboards and bulletins state it: against the targets of the document, and place against place."""
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from assessment.models import AreaSummary, Run
from office.models import Area, Level, Programme
from office.programme_files import Targets, read_targets, target_for

KIND_WORDS = {
    "cumulative_percent": "按累计比例：至当年底累计脱贫人口占总数的百分比",
    "persons_per_year": "按当年人数：每年新脱贫人数，逐年相加",
    "ratio_per_year": "按当年比例：各年新脱贫人数之比",
    "deadline_only": "只定期限：至期末全部脱贫",
}
NEXT_LEVEL = {Level.PROVINCE: Level.CITY, Level.CITY: Level.COUNTY, Level.COUNTY: Level.TOWNSHIP,
              Level.TOWNSHIP: Level.VILLAGE}


@dataclass(frozen=True)
class YearTarget:
    """One year of the plan for an area, in persons. Targets None: nothing is due before the deadline.

    `achieved` is cumulative: persons whose status is met in the newest run of that year; None without a run.
    """

    year: int
    cumulative: int | None
    of_year: int | None
    achieved: int | None
    achieved_in_year: int | None
    run_id: int | None

    @property
    def gap(self) -> int | None:
        """Persons still missing from the cumulative target; 0 when reached."""
        return None if self.cumulative is None or self.achieved is None else max(0, self.cumulative - self.achieved)

    @property
    def rate(self) -> Decimal | None:
        """Achieved as a fraction of the cumulative target; None where there is no target."""
        return None if not self.cumulative or self.achieved is None else Decimal(self.achieved) / self.cumulative


@dataclass(frozen=True)
class Plan:
    """The reduction plan of an area: what it starts from, its years, and how the figures were made."""

    kind: str
    kind_words: str
    base: int
    base_words: str
    rounding: str
    note: str
    years: list[YearTarget]

    def of(self, year: int) -> YearTarget | None:
        return next((row for row in self.years if row.year == year), None)


def summary_of(run: Run, area_code: str) -> AreaSummary:
    """The summary of an area in a run; zeros where the run found nothing there."""
    return AreaSummary.objects.filter(run=run, area_id=area_code).first() or AreaSummary(run=run, area_id=area_code)


def previous_run(run: Run) -> Run | None:
    """The finished run before this one that answers the same question (programme, year, basis) for the whole area."""
    above = [run.area_id[:n].ljust(12, "0") for n in (2, 4, 6, 9, 12)]
    return (Run.objects.finished().filter(programme=run.programme_id, year=run.year, basis=run.basis,
                                          area_id__in=above, pk__lt=run.pk).order_by("-pk").first())


def runs_by_year(programme: Programme, area_code: str, chosen: Run | None = None) -> dict[int, Run]:
    """For each year of the programme the run that speaks for it: the chosen one, else the newest, actual before forecast."""
    runs = {year: Run.objects.latest(programme.key, year, area_code) for year in programme.years}
    if chosen is not None:
        runs[chosen.year] = chosen
    return {year: run for year, run in runs.items() if run is not None}


def plan_for(area: Area, programme: Programme, chosen: Run | None = None) -> Plan:
    """Targets and progress of the area, year by year.

    The whole programme area is measured against the persons printed in the document; a part of it against its own
    registered persons, the same shares applied (the document prints none for counties and townships).
    """
    targets = read_targets(programme.body["targets"])
    runs = runs_by_year(programme, area.code, chosen)
    achieved = {s.run.year: s.persons_met for s in AreaSummary.objects.filter(
        run__in=runs.values(), area_id=area.code).select_related("run")}
    base, words = _base(area, programme, targets, chosen or (runs[max(runs)] if runs else None))
    years, before = [], None
    for year in programme.years:
        cumulative, of_year = target_for(targets, year, base)
        now = achieved.get(year)
        in_year = None if now is None or (before is None and year > programme.start_year) else now - (before or 0)
        years.append(YearTarget(year, cumulative, of_year, now, in_year, runs[year].pk if year in runs else None))
        before = now
    return Plan(targets.kind, KIND_WORDS[targets.kind], base, words, targets.rounding, targets.note or "", years)


def _base(area: Area, programme: Programme, targets: Targets, run: Run | None) -> tuple[int, str]:
    printed = targets.caseload.persons
    if area.code == programme.area_id and printed:
        return printed, f"文件所列 {printed:,} 人（{programme.document_number} {targets.caseload.clause}）"
    persons = summary_of(run, area.code).persons if run else 0
    return persons, f"{run.year if run else programme.end_year}年在册 {persons:,} 人，按文件的比例折算"


@dataclass(frozen=True)
class Place:
    """One area in a ranking. Places with equal rates share a rank (1, 2, 2, 4); `before` is the last rank."""

    area: Area
    summary: AreaSummary
    rank: int
    before: int | None

    @property
    def rate(self) -> Fraction:
        return Fraction(self.summary.persons_met, self.summary.persons)

    @property
    def direction(self) -> str:
        """升3, 降1, 平; empty without an earlier ranking."""
        if self.before is None:
            return ""
        moved = self.before - self.rank
        return "平" if not moved else f"{'升' if moved > 0 else '降'}{abs(moved)}"


def ranking(run: Run, area: Area, level: str, earlier: Run | None = None) -> list[Place]:
    """Areas of a level inside the area by share of persons lifted out, then by code; areas without persons are left out.

    `earlier` is the run whose ranking gives the last ranks.
    """
    last = {area_id: rank for area_id, rank in _ranked(earlier, area, level)} if earlier else {}
    rows = {row.area_id: row for row in _rows(run, area, level)}
    return [Place(rows[code].area, rows[code], rank, last.get(code)) for code, rank in _ranked(run, area, level, rows)]


def _rows(run: Run, area: Area, level: str) -> Iterable[AreaSummary]:
    return AreaSummary.objects.filter(run=run, level=level, persons__gt=0).in_area(area.code).select_related("area")


def _ranked(run: Run, area: Area, level: str, rows: dict | None = None) -> list[tuple[str, int]]:
    rows = rows.values() if rows is not None else _rows(run, area, level)
    ordered = sorted(rows, key=lambda s: (-Fraction(s.persons_met, s.persons), s.area_id))
    ranked, rank, last = [], 0, None
    for position, summary in enumerate(ordered, start=1):
        rate = Fraction(summary.persons_met, summary.persons)
        if rate != last:
            rank, last = position, rate
        ranked.append((summary.area_id, rank))
    return ranked
