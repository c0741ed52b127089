"""The engine: decides every household's and village's status in one INSERT … SELECT per township, and freezes it.

`prepare` fixes what is asked and every number used; `work` computes townships that nobody else computes (any number of
workers may share a run); `finish` builds the summaries and makes the run visible. A chunk is computed under its row's
lock and marked in the same transaction, so a killed worker leaves nothing half done and nothing is computed twice.
"""
import datetime
from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BooleanField, Case, IntegerField, Value, When
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from assessment.criteria import HOUSEHOLD_CRITERIA, VILLAGE_INCOME, all_met, household_line, judged_residence, scaled
from assessment.models import Result, Run, RunChunk, State, VillageResult
from assessment.summaries import build_summaries, counts_of
from households.facts import household_facts
from households.models import HouseholdYear
from office.mandate import LineInForce, lines_in_force
from office.models import Area, Programme, code_range
from office.models.statistic import Basis
from office.sql import InsertSelect, without_waiting_for_the_disk
from villages.facts import poor_village_facts
from villages.models import VillageYear

CODE_VERSION = settings.PRODUCT_VERSION


class CannotAssess(ValueError):
    """The run is refused; the sentence says what is missing or out of place."""


def prepare(*, programme: Programme, year: int, area: Area | None = None, basis: str = Basis.ACTUAL,
            known_by: datetime.date | None = None, by=None, reason: str = "", job=None) -> Run:
    """Fix a run: its area, its lines with their sources, its townships. Raises CannotAssess or MissingStatistic."""
    area = area or programme.area
    lo, hi = code_range(programme.area_id)
    if not lo <= area.code < hi:
        raise CannotAssess(f"{area.name}（{area.code}）不在{programme.name}的适用区域{programme.area.name}内，"
                           f"请改选区域或政策文件")
    if not 2014 <= year <= 2030:
        raise CannotAssess(f"年度 {year} 不在2014—2030之间")
    lines = lines_in_force(programme, year, basis, known_by)
    with transaction.atomic():
        run = Run.objects.create(
            programme=programme, year=year, area=area, basis=basis, known_by=known_by, started_by=by, reason=reason,
            job=job, numbers=[line.as_json() for line in lines], rules_digest=programme.digest,
            code_version=CODE_VERSION, state=Run.State.RUNNING)
        RunChunk.objects.bulk_create([RunChunk(run=run, area_id=code) for code in _townships(year, area.code)])
    return run


def _townships(year: int, area_code: str) -> list[str]:
    """Codes of the townships (of the area itself, when it is a village) that have rows in the year."""
    lo, hi = code_range(area_code)
    if not area_code.endswith("000"):
        return [area_code]
    codes = set()
    for model in (HouseholdYear, VillageYear):
        codes.update(model.objects.filter(year=year, village_id__gte=lo, village_id__lt=hi).order_by()
                     .values_list(Concat(Substr("village_id", 1, 9), Value("000")), flat=True).distinct())
    return sorted(codes)


def day(text: str | None) -> datetime.date | None:
    """A date as jobs carry it."""
    return datetime.date.fromisoformat(text) if text else None


def lines_of(run: Run) -> list[LineInForce]:
    """The lines the run used, as it froze them."""
    return [LineInForce.from_json(number) for number in run.numbers]


def work(run: Run, progress: Callable[[int, int, str], None] | None = None) -> None:
    """Compute chunks until none is left that nobody else holds."""
    total, statements = run.chunks.count(), _statements(run)
    while (area := _next_chunk(run, statements)) is not None:
        if progress:
            progress(run.chunks.filter(done=True).count(), total, area)


def _statements(run: Run) -> list[InsertSelect]:
    """What judges the run's whole area; each chunk executes it with its own range of codes in place of the area's."""
    return [_judge_households(run), *_judge_villages(run)]


def _next_chunk(run: Run, statements: list[InsertSelect]) -> str | None:
    """Compute one waiting chunk; returns its area's name, or None when none is free."""
    with transaction.atomic():
        waiting = RunChunk.objects.filter(run=run, done=False).select_related("area")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        chunk = waiting.first()
        if chunk is None:
            return None
        without_waiting_for_the_disk()
        own = dict(zip(code_range(run.area_id), code_range(chunk.area_id), strict=True))
        for statement in statements:
            statement.execute(own)
        RunChunk.objects.filter(pk=chunk.pk).update(done=True)
    return chunk.area.name


def _judge_households(run: Run) -> InsertSelect:
    applied = {c["key"] for c in run.programme.body["criteria"]}
    states = {
        f"{key}_state": criterion.state() if key in applied else Value(State.NOT_APPLICABLE.value)
        for key, criterion in HOUSEHOLD_CRITERIA.items()}
    judged = (household_facts(run.year, run.area_id)
              .annotate(run_number=Value(run.pk, output_field=IntegerField()), scaled_income=scaled("net_income"),
                        scaled_line=household_line(lines_of(run)), judged_as=judged_residence())
              .annotate(**states)
              .annotate(status=Case(When(all_met(HOUSEHOLD_CRITERIA), then=Value(True)), default=Value(False),
                                    output_field=BooleanField()))
              .order_by("household_id"))     # in the order of their indexes: cheaper to write now and to read later
    return InsertSelect(Result, {
        "run": "run_number", "household": "household_id", "household_year": "id", "village": "village_id",
        "members": "active_members", "school_age_members": "school_age_members", "net_income": "net_income",
        "residence": "judged_as", "category": "category", "labour_capacity": "labour_capacity",
        "main_cause": "main_cause", "in_poor_village": "in_poor_village",
        **{key: f"{key}_state" for key in HOUSEHOLD_CRITERIA}, "met": "status"}, judged)


def _judge_villages(run: Run) -> list[InsertSelect]:
    line = next((line for line in lines_of(run) if line.subject == "village"), None)
    if line is None:     # the programme's document sets no line for villages
        return []
    judged = (poor_village_facts(run.year, run.area_id)
              .annotate(run_number=Value(run.pk, output_field=IntegerField()),
                        scaled_income=scaled("pc_disposable_income"), scaled_line=Value(line.scaled))
              .annotate(income_state=VILLAGE_INCOME.state())
              .annotate(status=Case(When(income_state=State.MET.value, then=Value(True)), default=Value(False),
                                    output_field=BooleanField())))
    return [InsertSelect(VillageResult, {
        "run": "run_number", "village": "village_id", "village_year": "id",
        "pc_disposable_income": "pc_disposable_income", "income": "income_state", "met": "status"}, judged)]


def finish(run: Run) -> bool:
    """Build the summaries and make the run visible, once, when all its chunks are done. False: not yet all."""
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).select_related("programme", "area").get(pk=run.pk)
        if run.state == Run.State.DONE:
            return True
        if run.chunks.filter(done=False).exists():
            return False
        build_summaries(run)
        run.counts = counts_of(run, lines_of(run))
        run.state, run.finished_at = Run.State.DONE, timezone.now()
        run.save(update_fields=["counts", "state", "finished_at"])
    return True


def execute(run: Run, progress: Callable[[int, int, str], None] | None = None) -> dict:
    """Compute the whole run here and now; returns the counts of the contract."""
    work(run, progress)
    finish(run)
    run.refresh_from_db()
    return counts_of(run, lines_of(run))
