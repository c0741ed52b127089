"""The made-up county: complete, valid by the rules of the workbook, always the same, and only in an empty database."""
import json
from datetime import date
from random import Random

import pytest

from assessment.demo import NoDemo, fill, filling, plan
from assessment.demo.families import Family, Founder
from assessment.demo.names import Lineages
from assessment.demo.numbers import CitizenNumbers
from assessment.demo.people import Person, relationship
from assessment.demo.register import village_register
from assessment.models import Run
from households import checks
from households.codes import ACTIVE
from households.models import Household, HouseholdYear, Member, MemberYear
from office import identity
from office.models import Officer, Posting
from office.roles import Role
from villages.models import VillageYear

MEIJIANG, JIANGHAI, LUHE = "441402000000", "440704000000", "441523000000"
ONE_PASSWORD = "Demo-county-2018"


@pytest.fixture
def var(settings, tmp_path, monkeypatch):
    """A directory of its own for logins and the note of an unfinished demonstration."""
    settings.VAR = tmp_path
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    return tmp_path


def households_of(county: str, number: int, seed: int = 1, years=None):
    setting, villages = plan(county, number, seed, years)
    return [household for village in villages for household in village_register(setting, village)]


# The command

@pytest.fixture
def meijiang(var, command, db):
    code, answer, progress = command("demo", "--county", MEIJIANG, "--households", 150)
    assert code == 0, progress
    return answer, progress


def test_the_command_answers_as_the_contract_says(meijiang, var):
    answer, _ = meijiang
    assert answer["households"] == 150 == Household.objects.count()
    assert answer["members"] == Member.objects.count() > 300
    assert all(set(login) == {"username", "role", "area"} for login in answer["logins"])
    assert {login["role"] for login in answer["logins"]} == set(Role.values)


def test_every_login_works_and_its_password_is_kept_for_the_owner_only(meijiang, var):
    answer, progress = meijiang
    file = var / "demo-logins.json"
    assert file.stat().st_mode & 0o777 == 0o600
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert len({login["password"] for login in kept}) == len(kept) == len(answer["logins"])
    for login in kept:
        officer = Officer.objects.get(username=login["username"])
        assert officer.check_password(login["password"])
        assert not officer.must_change_password
        assert [(p.role, p.area_id) for p in officer.current_postings] == [(login["role"], login["area"])]
        assert login["password"] in progress


def test_the_two_town_clerks_work_in_different_townships(meijiang):
    towns = Posting.objects.filter(role=Role.TOWN_CLERK).values_list("area_id", flat=True)
    assert len(set(towns)) == 2


def test_all_years_are_assessed_and_the_printed_forecast_too(meijiang):
    runs = {(run.year, run.basis): run for run in Run.objects.finished()}
    assert set(runs) == {(2016, "actual"), (2017, "actual"), (2018, "actual"), (2018, "forecast")}
    met = [runs[year, "actual"].counts["households"]["met"] for year in (2016, 2017, 2018)]
    assert met[0] < met[1] < met[2]
    assert runs[2018, "forecast"].counts["lines"]["household_income"] == "7365.00"


def test_a_second_demonstration_changes_nothing(meijiang, command):
    before = Household.objects.count(), Run.objects.count(), Officer.objects.count()
    code, answer, sentence = command("demo", "--county", MEIJIANG, "--households", 150)
    assert (code, answer) == (1, None)
    assert "示范数据已经载入（150 户）" in sentence
    assert before == (Household.objects.count(), Run.objects.count(), Officer.objects.count())


def test_one_password_for_all_can_be_asked_for(var, command, db, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", ONE_PASSWORD)
    assert command("demo", "--county", JIANGHAI, "--households", 20)[0] == 0
    assert all(officer.check_password(ONE_PASSWORD) for officer in Officer.objects.all())


def test_a_weak_password_is_refused_before_anything_is_written(var, command, db, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "abc")
    code, _, sentence = command("demo")
    assert code == 1
    assert "DEMO_PASSWORD" in sentence
    assert not Household.objects.exists()


def test_a_database_in_use_is_left_alone(var, command, officer):
    officer("county_office", "441424000000")
    code, _, sentence = command("demo")
    assert code == 1
    assert "空数据库" in sentence
    assert not Household.objects.exists()


@pytest.mark.parametrize("arguments", [["--county", "440000000000"], ["--county", "441424103000"],
                                       ["--households", "0"], ["--county", JIANGHAI, "--households", "4000000"]])
def test_what_cannot_be_filled_is_said_in_a_sentence(var, command, db, arguments):
    code, answer, sentence = command("demo", *arguments)
    assert (code, answer) == (1, None)
    assert sentence.strip()
    assert "Traceback" not in sentence
    assert not VillageYear.objects.exists()
    assert not (var / "demo-started.json").exists()


def test_without_the_districts_figures_the_register_is_there_and_the_missing_figures_are_named(var, command, db):
    code, answer, progress = command("demo", "--county", JIANGHAI, "--households", 60)
    assert code == 0
    assert answer["households"] == 60
    assert not Run.objects.exists()
    assert "rural_pc_disposable_income" in progress
    assert "urban_dibao_monthly" in progress
    assert set(HouseholdYear.objects.values_list("residence", flat=True)) == {"rural", "urban"}
    assert not HouseholdYear.objects.filter(category="ordinary").exists()


def test_an_interrupted_demonstration_goes_on_where_it_stopped(var, command, db, monkeypatch):
    monkeypatch.setattr(filling, "BATCH", 30)
    write, written = filling._write, []

    def stop_after_two(setting, batch):
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(batch)
        write(setting, batch)

    monkeypatch.setattr(filling, "_write", stop_after_two)
    assert command("demo", "--county", LUHE, "--households", 120)[0] == 1
    left = Household.objects.count()
    assert 0 < left < 120
    monkeypatch.setattr(filling, "_write", write)
    assert command("demo", "--county", LUHE, "--households", 119)[0] == 1     # another demonstration is not mixed in
    code, answer, _ = command("demo", "--county", LUHE, "--households", 120)
    assert (code, answer["households"]) == (0, 120)
    assert answer["members"] == len({row["member_id"] for household in households_of(LUHE, 120)
                                     for _, people in household.years for row in people})


# What the register says

@pytest.mark.django_db
def test_the_same_seed_makes_the_same_people():
    assert households_of(JIANGHAI, 60) == households_of(JIANGHAI, 60)
    assert households_of(JIANGHAI, 60) != households_of(JIANGHAI, 60, seed=2)


@pytest.mark.django_db
def test_no_row_would_be_refused_or_doubted_by_the_importer():
    for household in households_of(MEIJIANG, 400):
        for row, people in household.years:
            values = {key: row[key] for key in ("household_id", "year", "head_name", "bank_card")} | {
                "first_identified_on": date.fromisoformat(row["first_identified_on"]), "main_cause": row["main_cause"],
                "other_causes": tuple(filter(None, row["other_causes"].split(","))),
                "danger_level": row["danger_level"], "housing_secure": row["housing_secure"]}
            assert checks.household_issues(values, {}, lambda village: None) == []
            persons = [checks.Person(p["member_id"], p["name"], p["relationship"], p["status"], p["member_id"])
                       for p in people]
            assert checks.head_issue(row["head_name"], persons) is None
            assert checks.size_issue(row["declared_size"], persons) is None
            net = (row["wage_income"] + row["operating_income"] - row["operating_expense"] + row["property_income"]
                   + row["transfer_income"] - row["transfer_expense"])
            assert checks.income_issue(row["declared_pc_income"], net, row["declared_size"]) is None
            assert all(row[key] is None or row[key] >= 0 for key in row if key.endswith(("_income", "_expense"))
                       and key != "declared_pc_income")
            for person in people:
                _check_person(person)


def _check_person(row):
    number = row["id_number"]
    assert identity.citizen_number_error(number, date(row["year"], 12, 31)) is None
    assert identity.citizen_number_warning(number) is None
    assert identity.sex(number) == {"male": "男", "female": "女"}[row["sex"]]
    assert identity.birth_year(number) == row["birth_year"]
    assert identity.name_error(row["name"]) is None
    if row["disability_card"]:
        assert identity.disability_card_error(row["disability_card"], number) is None
    assert 0 <= row["work_months"] <= 1200


@pytest.mark.django_db
def test_the_mix_is_that_of_a_county():
    rows = [year for household in households_of("441424000000", 1500) for year in household.years]
    final = [(row, people) for row, people in rows if row["year"] == 2018]
    able = [row for row, _ in final if row["labour_capacity"]]
    assert 0.55 < len(able) / len(final) < 0.67
    people = [person for _, members in final for person in members if person["status"] in ACTIVE]
    assert 2.5 < len(people) / len(final) < 3.1
    born_elsewhere = [p for p in people if not p["id_number"].startswith("441424")]
    assert len(born_elsewhere) / len(people) > 0.15
    numbers = [p["id_number"] for p in people]
    assert len(numbers) == len(set(numbers))
    assert any(row["operating_expense"] > row["operating_income"] for row in able)
    assert {row["housing_secure"] for row, _ in rows} == {True, False, None}


@pytest.mark.django_db
def test_some_households_stand_on_the_line_and_a_fen_beside_it():
    """The line of 2018 times the members, in fen: reached exactly, or by the next whole fen; and missed by one."""
    distances = set()
    for household in households_of("441424000000", 3000):
        row = household.years[-1][0]
        if row["labour_capacity"] and row["year"] == 2018:
            net = (row["wage_income"] + row["operating_income"] - row["operating_expense"] + row["property_income"]
                   + row["transfer_income"] - row["transfer_expense"])
            distances.add(net - 736500 * row["declared_size"])
    assert {-1, 0, 1} <= distances


def test_villages_that_share_order_numbers_never_give_the_same_citizen_number():
    given = [{CitizenNumbers(Random(seed), "441424", ["441423"], position, 1200).issue(1980, "male", False)
              for seed in range(300)} for position in (3, 503, 1003)]
    assert not given[0] & given[1]
    assert not given[0] & given[2]
    assert not given[1] & given[2]


@pytest.mark.django_db
def test_fill_writes_one_year_with_history_for_benchmarks():
    made = fill(JIANGHAI, 40, 1, (2018,))
    assert made == {"households": 40, "members": MemberYear.objects.count()}
    assert set(HouseholdYear.objects.values_list("year", flat=True)) == {2018}
    assert HouseholdYear.history.count() == 40
    row = MemberYear.objects.first()
    assert identity.citizen_number_error(row.id_number, date(2018, 12, 31)) is None


@pytest.mark.django_db
def test_fill_knows_only_counties_and_cities_of_the_programmes():
    with pytest.raises(NoDemo, match="没有代码为"):
        fill("999999999999", 10)


@pytest.mark.django_db
def test_the_exported_demonstration_goes_back_in_unchanged(command, tmp_path):
    fill(JIANGHAI, 40, 1, (2018,))
    file = tmp_path / "register.xlsx"
    assert command("export_register", "--programme", "JH2016", "--year", 2018, "--out", file)[0] == 0
    code, answer, _ = command("import_workbook", file, "--programme", "JH2016", "--dry-run")
    assert code == 0
    assert answer["findings"]["errors"] == 0
    assert answer["households"] == {"created": 0, "updated": 0, "unchanged": 40, "refused": 0}


# Kinship

def family():
    old, wife = Person("male", 1940), Person("female", 1942)
    head, spouse = Person("male", 1965, father=old, mother=wife), Person("female", 1967)
    head.spouse, spouse.spouse = spouse, head
    old.spouse, wife.spouse = wife, old
    son = Person("male", 1990, father=head, mother=spouse)
    bride = Person("female", 1991, spouse=son)
    son.spouse = bride
    child = Person("female", 2015, father=son, mother=bride)
    return dict(old=old, wife=wife, head=head, spouse=spouse, son=son, bride=bride, child=child)


@pytest.mark.parametrize(("seen_from", "expected"), [
    ("head", {"old": "father", "wife": "mother", "spouse": "spouse", "son": "son", "bride": "daughter_in_law",
              "child": "granddaughter", "head": "head"}),
    ("spouse", {"old": "husbands_father", "wife": "husbands_mother", "head": "spouse", "son": "son",
                "bride": "daughter_in_law", "child": "granddaughter"}),
    ("son", {"old": "grandfather", "wife": "grandmother", "head": "father", "spouse": "mother", "bride": "spouse",
             "child": "daughter"}),
    ("bride", {"head": "husbands_father", "spouse": "husbands_mother", "child": "daughter", "old": "other"}),
])
def test_relationships_follow_the_head(seen_from, expected):
    people = family()
    assert {name: relationship(people[name], people[seen_from]) for name in expected} == expected


def test_the_widow_becomes_head():
    people = family()
    for position, person in enumerate(people.values(), start=1):
        person.serial, person.joined = position, 2016
    people["head"].left, people["head"].left_as = 2017, "decreased"
    household = Family("three_generations", people["head"], list(people.values()))
    rng = Random(1)
    founder = Founder(rng, CitizenNumbers(rng, "441424", ["441423"], 0, 1), Lineages(rng), 2016)
    assert founder.grow_older(household, 2017)
    assert household.head is people["spouse"]
    assert relationship(people["head"], household.head) == "spouse"
