"""Runs: villages, summaries, repetition, crashes, differences."""
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from assessment import differences, engine
from assessment.models import AreaSummary, Result, Run, SummaryLine, VillageResult
from office.models import Area, Programme, Statistic
from tests.factories import VILLAGE, make_household, make_village


def _assess(**options) -> Run:
    run = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=2018, **options)
    engine.execute(run)
    run.refresh_from_db()
    return run


@pytest.fixture
def other_village(db):
    return Area.objects.filter(level="village", code__startswith="441424103").first().code


@pytest.mark.req("R253")
def test_villages_are_judged_against_sixty_percent(other_village, command):
    third = Area.objects.filter(level="village", code__startswith="441424108").first().code
    fourth = Area.objects.filter(level="village", code__startswith="441424117").first().code
    make_village(VILLAGE, income="10300.62")        # the line is 0.6 × 17167.7 = 10300.62 exactly
    make_village(other_village, income="10300.61")
    make_village(third, income=None)
    make_village(fourth, income="1", poor=False)

    _, answer, _ = command("assess", "--programme", "MZ2016", "--year", 2018)

    assert answer["villages"] == {"assessed": 3, "met": 1, "not_met": 1, "unknown": 1}
    assert VillageResult.objects.count() == 3


@pytest.mark.req("R007", "R008")
def test_summaries_add_up_from_village_to_city(other_village):
    make_village(VILLAGE, income="20000")
    make_household(VILLAGE, serial=1, members=[{}, {}], wage_income=50000)
    make_household(VILLAGE, serial=2, members=[{}], wage_income=10)
    make_household(other_village, serial=1, members=[{}, {}, {}], labour_capacity=False, on_dibao=True,
                   main_cause="disability")

    run = _assess()

    city = AreaSummary.objects.get(run=run, area_id="441400000000")
    assert (city.households, city.households_met, city.persons, city.persons_met) == (3, 2, 6, 5)
    assert (city.poor_village_households, city.scattered_households, city.scattered_persons_met) == (2, 1, 3)
    assert (city.villages, city.villages_met) == (1, 1)
    assert city.able_income == 5001000
    for level in ("county", "township", "village"):
        rows = AreaSummary.objects.filter(run=run, level=level)
        assert sum(row.households for row in rows) == 3
        assert sum(row.persons_met for row in rows) == 5
    causes = {line.key: line.households for line in SummaryLine.objects.filter(run=run, area_id="441424000000",
                                                                                kind="cause")}
    assert causes == {"illness": 2, "disability": 1}
    bands = {line.key: line.persons for line in SummaryLine.objects.filter(run=run, area_id="441424000000",
                                                                            kind="income_band")}
    assert bands == {"25": 2, "0": 1}


def test_a_poor_village_without_poor_households_is_counted(db):
    make_village(VILLAGE, income="1")

    run = _assess()

    assert AreaSummary.objects.get(run=run, area_id=VILLAGE).villages == 1
    assert run.counts["villages"]["not_met"] == 1


def test_the_same_again_gives_a_new_run_with_the_same_figures(db):
    make_household(members=[{}, {}], wage_income=15451)

    first, second = _assess(), _assess()

    assert first.pk != second.pk
    assert {k: v for k, v in first.counts.items() if k != "run"} == {k: v for k, v in second.counts.items() if k != "run"}


def test_an_area_of_the_programme_only(other_village, command):
    make_household(VILLAGE, wage_income=9000)
    make_household(other_village, wage_income=9000)

    _, answer, _ = command("assess", "--programme", "MZ2016", "--year", 2018, "--area", "441424134000")
    code, _, said = command("assess", "--programme", "MZ2016", "--year", 2018, "--area", "441523000000")

    assert answer["households"]["assessed"] == 1
    assert code == 1
    assert "适用区域" in said


def test_a_run_is_invisible_until_its_last_township_is_done(other_village):
    make_household(VILLAGE, wage_income=9000)
    make_household(other_village, wage_income=9000)
    run = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=2018)

    engine._next_chunk(run, engine._statements(run))

    assert not engine.finish(run)
    assert not Run.objects.finished().exists()
    engine.execute(run)      # as after a killed worker: what is done stays, the rest follows
    assert Result.objects.filter(run=run).count() == 2
    assert Run.objects.finished().get() == run


@pytest.mark.req("R246")
def test_results_are_never_rewritten(db):
    make_household(wage_income=9000)
    run = _assess()

    for write in (lambda: Result.objects.filter(run=run).update(met=False), lambda: Result.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


@pytest.mark.req("R246")
def test_the_difference_names_who_changed_and_why(db, officer):
    make_household(serial=1, members=[{}], wage_income=7800)
    make_household(serial=2, members=[{}], wage_income=9000)
    before = _assess()
    Statistic.objects.create(key="rural_pc_disposable_income", area_id="440000000000", year=2018, basis="actual",
                             value=Decimal("18000"), known_on="2019-06-01", source="修订公报")
    after = _assess()
    county = officer("county_office", "441424000000")

    counted = differences.count(before, after, county)
    flipped = differences.changed(before, after, county, "no_longer_met")

    assert (counted.no_longer_met, counted.now_met, counted.unchanged) == (1, 0, 1)
    assert [household.no[-1] for household in flipped] == ["1"]
    why = differences.reasons(Result.objects.get(pk=flipped[0].before_id), Result.objects.get(pk=flipped[0].after_id))
    assert why == ["收入：达标 → 未达标（线由 7,725.47 元变为 8,100.00 元）"]
    assert differences.count(before, after, officer("county_office", "441422000000")).unchanged == 0
