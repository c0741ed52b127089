"""Runs that the schedule owes: after a register change, and after a new figure."""
from collections.abc import Iterator

from django.db.models import Max

from assessment.models import Run
from households.models import HouseholdYear, MemberYear
from office.mandate import MissingStatistic, lines_in_force, programmes_using
from office.models import Area, Programme, Statistic, code_range
from office.models.statistic import Basis
from villages.models import VillageYear


def years_with_data(programme: Programme) -> list[int]:
    """Years of the programme in which its area has households in the register."""
    lo, hi = code_range(programme.area_id)
    return sorted(HouseholdYear.objects.filter(village_id__gte=lo, village_id__lt=hi, year__in=programme.years)
                  .order_by().values_list("year", flat=True).distinct())


def last_change(programme: Programme, year: int):
    """When the register of the programme's area last changed for the year; None without rows."""
    lo, hi = code_range(programme.area_id)
    moments = [
        HouseholdYear.objects.filter(year=year, village_id__gte=lo, village_id__lt=hi),
        MemberYear.objects.filter(year=year, member_id__gte=lo + "0" * 6, member_id__lt=hi + "0" * 6),
        VillageYear.objects.filter(year=year, village_id__gte=lo, village_id__lt=hi)]
    times = [rows.aggregate(at=Max("updated_at"))["at"] for rows in moments]
    return max((t for t in times if t), default=None)


def areas_to_run(programme: Programme, year: int) -> list[Area]:
    """Areas for which the year was assessed before, widest first and without those inside another; else the programme's."""
    areas = list(Area.objects.filter(runs__programme=programme, runs__year=year, runs__state=Run.State.DONE)
                 .distinct().order_by("code"))
    kept = []
    for area in sorted(areas, key=lambda a: len(a.prefix)):
        if not any(area.code.startswith(wider.prefix) for wider in kept):
            kept.append(area)
    return kept or [programme.area]


def bases_possible(programme: Programme, year: int) -> list[str]:
    """Bases for which every figure of the year is there."""
    possible = []
    for basis in Basis.values:
        try:
            lines_in_force(programme, year, basis)
        except MissingStatistic:
            continue
        possible.append(basis)
    return possible


def runs_due_after_changes() -> Iterator[tuple[Programme, int, str, Area]]:
    """What the nightly round owes: years whose register changed since their last run, or that have none yet."""
    for programme in Programme.objects.select_related("area"):
        for year in years_with_data(programme):
            for basis in bases_possible(programme, year):
                changed = last_change(programme, year)
                for area in areas_to_run(programme, year):
                    last = Run.objects.finished().filter(programme=programme, year=year, basis=basis, area=area).first()
                    if last is None or changed and changed > last.created_at or last.rules_digest != programme.digest:
                        yield programme, year, basis, area


def runs_due_after_statistic(statistic: Statistic) -> Iterator[tuple[Programme, int, str, Area]]:
    """Runs that a new or corrected figure calls for: its programmes, its year, its basis, if all figures are there."""
    for programme in programmes_using(statistic):
        if statistic.year in years_with_data(programme) and statistic.basis in bases_possible(programme, statistic.year):
            for area in areas_to_run(programme, statistic.year):
                yield programme, statistic.year, statistic.basis, area
