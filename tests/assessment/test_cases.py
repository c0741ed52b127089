"""Worked households that an official can read (tests/cases), decided by the command and read back from the run."""
from datetime import date
from pathlib import Path

import pytest
import yaml

from assessment.explanation import explain
from assessment.models import Result, State
from office.models import Area, Statistic
from tests.factories import make_household

CASES = yaml.safe_load((Path(__file__).parent.parent / "cases" / "household_status.yaml").read_text())
WORDS = {"met": State.MET, "not_met": State.NOT_MET, "unknown": State.UNKNOWN, "not_applicable": State.NOT_APPLICABLE}


@pytest.fixture
def figures(db):
    for figure in CASES["figures"]:
        Statistic.objects.create(key=figure["key"], area_id=figure["area"], year=figure["year"], basis=figure["basis"],
                                 value=figure["value"], known_on=figure["known_on"], source="户例用数")


def _village_of(programme: str) -> str:
    prefix = {"MZ2016": "441424", "JH2016": "440704", "HY2018": "441621", "SW2016": "441523"}[programme]
    return Area.objects.filter(code__startswith=prefix, level="village").order_by("code").first().code


@pytest.mark.req("R005", "R245", "R246", "R247", "R248", "R249", "R251")
@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_worked_household(case, figures, command):
    year = case.get("year", 2018)
    make_household(_village_of(case["programme"]), year, members=case["members"], **case["facts"])
    known_by = ["--known-by", case["known_by"]] if "known_by" in case else []

    code, answer, _ = command("assess", "--programme", case["programme"], "--year", year,
                              "--basis", case.get("basis", "actual"), *known_by)

    assert code == 0
    result = Result.objects.get(run_id=answer["run"])
    expected = dict(case["expect"])
    assert result.met is expected.pop("met")
    assert answer["households"] == {"assessed": 1, "met": int(result.met), "not_met": int(not result.met)}
    if "persons" in expected:
        assert answer["persons"]["assessed"] == result.members == expected.pop("persons")
    views = {view.key: view for view in explain(result).criteria}
    for key, word in expected.items():
        assert getattr(result, key) == WORDS[word], key
        assert answer["criteria"][key][word] == 1
        assert views[key].state == WORDS[word]
        assert views[key].clause


@pytest.mark.req("R246")
def test_a_missing_figure_refuses_the_run_and_names_it(db, command):
    code, answer, said = command("assess", "--programme", "JH2016", "--year", 2018)

    assert (code, answer) == (1, None)
    assert all(word in said for word in ("rural_pc_disposable_income", "440704000000", "urban_dibao_monthly"))


@pytest.mark.req("R245", "R253")
@pytest.mark.parametrize(("programme", "year", "basis", "lines"), [
    ("MZ2016", 2018, "forecast", {"household_income": "7365.00", "village_income": "9820.00"}),
    ("SW2016", 2018, "forecast", {"household_income": "7365.00", "village_income": "9820.00"}),
    ("HY2018", 2020, "forecast", {"household_income": "8699.00", "village_income": "11599.00"}),
    ("MZ2016", 2018, "actual", {"household_income": "7725.47", "village_income": "10300.62"}),
    ("HY2018", 2020, "actual", {"household_income": "9064.53", "village_income": "12086.04"}),
    ("MZ2016", 2016, "actual", {"household_income": "6530.49", "village_income": "8707.32"}),
    ("HY2016D", 2018, "forecast", {"household_income": "7365.00"}),
])
def test_the_documents_own_lines_come_out(db, command, programme, year, basis, lines):
    _, answer, _ = command("assess", "--programme", programme, "--year", year, "--basis", basis)

    assert answer["lines"] == lines


@pytest.mark.req("R246")
def test_a_line_printed_later_is_not_known_before(db, command):
    code, _, said = command("assess", "--programme", "HY2018", "--year", 2020, "--basis", "forecast",
                            "--known-by", date(2018, 11, 5))

    assert code == 1
    assert "2018-11-05" in said
