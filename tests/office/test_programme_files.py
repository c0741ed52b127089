"""The five programme files: what they say agrees with the documents' own arithmetic, and nothing else is accepted."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import yaml

from office.programme_files import (
    CRITERION_KEYS,
    ProgrammeFileError,
    read_programme,
    read_targets,
    target_for,
)

FOLDER = Path(__file__).parents[2] / "office" / "programmes"
KEYS = ["MZ2016", "SW2016", "HY2016D", "HY2018", "JH2016"]
HALF_UP = {"rounding": ROUND_HALF_UP}


@pytest.fixture(scope="module")
def programmes():
    return {key: read_programme(FOLDER / f"{key}.yaml") for key in KEYS}


def planned(programme, total):
    """(cumulative, within the year) for each year of the programme."""
    years = range(programme.start_year, programme.end_year + 1)
    return [target_for(programme.targets, year, total) for year in years]


def lines_of(programme):
    return {line.key: line for line in programme.lines}


def test_the_folder_holds_the_five_programmes_and_no_other():
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_every_entry_quotes_its_document(programmes, key):
    programme = programmes[key]
    printed = [figure for line in programme.lines for figure in line.printed]
    quoted = [*programme.lines, *printed, *programme.criteria, *programme.advisory, *programme.targets.rows]
    quoted += [programme.targets.caseload, *programme.clauses]
    quoted += [number for number in programme.numbers if number.value is not None]
    assert all(entry.clause and entry.quote for entry in quoted)
    assert not any(character.isspace() for entry in quoted for character in entry.quote)


@pytest.mark.parametrize("key", KEYS)
def test_the_seven_criteria_apply_to_every_programme(programmes, key):
    assert {criterion.key for criterion in programmes[key].criteria} == set(CRITERION_KEYS)


def test_only_the_second_heyuan_document_names_drinking_water_as_an_advisory_item(programmes):
    assert {key: [item.key for item in programmes[key].advisory] for key in KEYS} == {
        "MZ2016": [], "SW2016": [], "HY2016D": [], "HY2018": ["water"], "JH2016": [],
    }  # fmt: skip


@pytest.mark.req("R264")
def test_meizhou_percentages_are_cumulative(programmes):
    assert planned(programmes["MZ2016"], 175_917) == [(52_775, 52_775), (123_142, 70_367), (175_917, 52_775)]
    villages = programmes["MZ2016"].targets.villages
    assert (villages.year, villages.value) == (2018, 349)


@pytest.mark.req("R265")
def test_shanwei_figures_are_per_year(programmes):
    assert planned(programmes["SW2016"], 141_000) == [(41_000, 41_000), (98_000, 57_000), (141_000, 43_000)]
    villages = programmes["SW2016"].targets.villages
    assert (villages.year, villages.value) == (2018, 142)


@pytest.mark.req("R265")
def test_shanwei_figures_are_scaled_to_a_register_of_another_size(programmes):
    # 14,099 × 41/141 = 4,099.7…; 14,099 × 98/141 = 9,799.3…
    assert planned(programmes["SW2016"], 14_099) == [(4_100, 4_100), (9_799, 5_699), (14_099, 4_300)]


@pytest.mark.req("R266")
def test_jianghai_ratio_of_persons_and_of_households(programmes):
    # 597: 119.4, 298.5, 597; 176: 35.2, 88.0, 176
    assert planned(programmes["JH2016"], 597) == [(119, 119), (299, 180), (597, 298)]
    assert planned(programmes["JH2016"], 176) == [(35, 35), (88, 53), (176, 88)]


@pytest.mark.req("R267")
def test_heyuan_programmes_know_only_their_own_deadline(programmes):
    assert planned(programmes["HY2016D"], 74_600) == [(None, None), (None, None), (74_600, 74_600)]
    assert planned(programmes["HY2018"], 31_000) == [(None, None), (None, None), (31_000, 31_000)]
    villages = programmes["HY2018"].targets.villages
    assert (villages.year, villages.value) == (2020, 255)
    assert programmes["HY2016D"].targets.villages is None
    assert programmes["HY2016D"].area == programmes["HY2018"].area


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("total", [0, 1, 2, 3, 7, 176, 597, 175_917])
def test_the_years_add_up_to_everybody(programmes, key, total):
    plan = planned(programmes[key], total)
    assert sum(within or 0 for _, within in plan) == total
    assert plan[-1][0] == total
    assert all(within is None or within >= 0 for _, within in plan)


@pytest.mark.parametrize("key", KEYS)
def test_before_the_programme_there_is_no_target_and_after_it_none_is_left(programmes, key):
    programme = programmes[key]
    assert target_for(programme.targets, programme.start_year - 1, 1000) == (None, None)
    assert target_for(programme.targets, programme.end_year + 1, 1000) == (1000, 0)


@pytest.mark.req("R245", "R253")
@pytest.mark.parametrize(
    ("key", "line", "year", "base", "printed"),
    [
        # the base is the income known when the document was written, three years of 7 % growth before the year
        ("MZ2016", "household_income", 2018, "13360", "7365"),
        ("MZ2016", "village_income", 2018, "13360", "9820"),
        ("SW2016", "household_income", 2018, "13360", "7365"),
        ("SW2016", "village_income", 2018, "13360", "9820"),
        ("HY2018", "household_income", 2020, "15780", "8699"),
        ("HY2018", "village_income", 2020, "15780", "11599"),
    ],
)
def test_printed_lines_are_the_ratio_of_the_forecast_income(programmes, key, line, year, base, printed):
    found = lines_of(programmes[key])[line]
    [figure] = found.printed
    forecast = Decimal(base) * Decimal("1.07") ** 3
    assert (figure.year, figure.value) == (year, Decimal(printed))
    assert (found.ratio * found.months * forecast).quantize(Decimal(1), **HALF_UP) == figure.value
    assert figure.known_on == programmes[key].document.date


@pytest.mark.req("R245", "R253")
def test_the_lines_rest_on_the_provincial_rural_income(programmes):
    for key in ("MZ2016", "SW2016", "HY2016D", "HY2018"):
        for line in programmes[key].lines:
            assert (line.statistic, line.statistic_area) == ("rural_pc_disposable_income", "440000000000")
            assert line.ratio == {"household": Decimal("0.45"), "village": Decimal("0.60")}[line.subject]
    assert list(lines_of(programmes["HY2016D"])) == ["household_income"]


@pytest.mark.req("R247")
def test_jianghai_rural_line_rests_on_the_district(programmes):
    line = lines_of(programmes["JH2016"])["rural_household_income"]
    assert (line.ratio, line.months, line.residence) == (Decimal("0.45"), 1, "rural")
    assert (line.statistic, line.statistic_area) == ("rural_pc_disposable_income", "440704000000")


@pytest.mark.req("R248")
def test_jianghai_urban_line_is_one_and_a_half_times_a_year_of_dibao(programmes):
    line = lines_of(programmes["JH2016"])["urban_household_income"]
    assert (line.statistic, line.statistic_area, line.residence) == ("urban_dibao_monthly", "440700000000", "urban")
    assert line.ratio * line.months * Decimal(600) == Decimal(10_800)


@pytest.mark.parametrize("key", KEYS)
def test_a_line_and_its_policy_number_say_the_same(programmes, key):
    numbers = {number.key: number.value for number in programmes[key].numbers}
    for line in programmes[key].lines:
        assert numbers[f"{line.key}_ratio"] == line.ratio


@pytest.mark.parametrize(
    ("key", "shares"),
    [
        ("MZ2016", {"province": "6", "helper_city": "3", "city": "0.5", "county": "0.5"}),
        ("SW2016", {"province": "6", "helper_city": "3", "city": "1"}),
        ("JH2016", {"city_fund": "6", "district": "2", "street": "2"}),
        ("HY2016D", {}),
        ("HY2018", {}),
    ],
)
def test_cost_shares_make_one_whole(programmes, key, shares):
    numbers = {n.key.removeprefix("share_"): n.value for n in programmes[key].numbers if n.key.startswith("share_")}
    assert numbers == {payer: Decimal(weight) for payer, weight in shares.items()}
    assert sum(numbers.values()) in (0, 10)


def test_sums_printed_in_the_documents_agree_with_their_parts(programmes):
    shanwei = {number.key: number.value for number in programmes["SW2016"].numbers}
    assert shanwei["able_bodied_persons"] * shanwei["fund_per_person"] == shanwei["fund_total"]
    for payer in ("province", "helper_city", "city"):
        assert shanwei["fund_total"] * shanwei[f"share_{payer}"] / 10 == shanwei[f"fund_total_{payer}"]
    jianghai = {number.key: number.value for number in programmes["JH2016"].numbers}
    assert programmes["JH2016"].targets.caseload.persons * jianghai["fund_per_person"] == jianghai["fund_total"]
    assert jianghai["fund_total"] / 3 * jianghai["share_district"] / 10 == jianghai["annual_minimum_district"]
    meizhou = {number.key: number.value for number in programmes["MZ2016"].numbers}
    helped = sum(value for key, value in meizhou.items() if key.startswith("villages_helped_"))
    assert helped == programmes["MZ2016"].targets.caseload.villages


def test_a_number_that_the_document_does_not_print_is_empty_and_says_so(programmes):
    unset = {number.key: number for key in KEYS for number in programmes[key].numbers if number.value is None}
    assert {"dibao_fadeout_months", "after_exit_policy_months", "entry_dibao_urban_monthly"} <= set(unset)
    assert all("需设定" in number.label for number in unset.values())


def test_the_undated_document_is_not_given_a_date(programmes):
    assert [key for key in KEYS if programmes[key].document.date is None] == ["HY2016D"]
    assert programmes["HY2016D"].document.date_note


@pytest.mark.parametrize(("key", "duties"), [("MZ2016", 30), ("HY2018", 34), ("JH2016", 12)])
def test_every_duty_names_its_departments(programmes, key, duties):
    found = [clause for clause in programmes[key].clauses if clause.section == "责任分工"]
    assert len(found) == duties
    assert all("单位：" in clause.text for clause in found)


def test_a_stored_copy_of_the_targets_can_be_read_again(programmes):
    content = yaml.safe_load((FOLDER / "JH2016.yaml").read_text(encoding="utf-8"))["targets"]
    assert read_targets(content) == programmes["JH2016"].targets


def changed_copy(tmp_path, change):
    """MZ2016 with one change made to its content, written to a file of the same name."""
    content = yaml.safe_load((FOLDER / "MZ2016.yaml").read_text(encoding="utf-8"))
    change(content)
    path = tmp_path / "MZ2016.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def test_an_unchanged_copy_is_read_alike(tmp_path, programmes):
    assert read_programme(changed_copy(tmp_path, lambda content: None)) == programmes["MZ2016"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda c: c["lines"][0].update(ratio=0.45), ["lines", "household_income", "ratio", "0.45"]),
        (lambda c: c["lines"][1].update(statistic_area=440000000000), ["village_income", "statistic_area", "12位"]),
        (lambda c: c["lines"][0]["printed"][0].update(known_on="2016-11-25"), ["printed", "known_on", "日期"]),
        (lambda c: c["lines"][0].pop("quote"), ["lines", "household_income", "quote", "缺少"]),
        (lambda c: c["criteria"][2].update(quote=" "), ["criteria", "food", "quote"]),
        (lambda c: c["criteria"].pop(), ["criteria", "housing"]),
        (lambda c: c["criteria"][0].update(weight=1), ["criteria", "income", "不认识的字段", "weight"]),
        (lambda c: c["targets"].update(kind="per_month"), ["targets", "kind", "per_month"]),
        (lambda c: c["targets"]["rows"][2].update(value="90"), ["targets", "100"]),
        (lambda c: c["targets"]["rows"].reverse(), ["targets", "年度"]),
        (lambda c: c["targets"].update(rows=[]), ["targets", "rows", "至少"]),
        (lambda c: c["targets"].update(kind="persons_per_year"), ["targets", "200", "175917"]),
        (lambda c: c["targets"]["caseload"].update(persons=0), ["caseload", "persons"]),
        (lambda c: c["numbers"].append(dict(c["numbers"][0])), ["numbers", "entry_income_line", "重复"]),
        (lambda c: c["numbers"][0].update(quote=None), ["numbers", "entry_income_line", "quote"]),
        (lambda c: c["numbers"][0].update(value="-1"), ["numbers", "entry_income_line", "value"]),
        (lambda c: c["document"].update(issuers=[]), ["document", "issuers"]),
        (lambda c: c["document"].update(date=None), ["document", "date_note"]),
        (lambda c: c.update(key="XX2016"), ["key", "XX2016"]),
        (lambda c: c.update(area="441400"), ["area", "12位"]),
        (lambda c: c.update(start_year=2019), ["start_year"]),
        (lambda c: c.update(clauses="无"), ["clauses", "列表"]),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_named(tmp_path, change, named):
    with pytest.raises(ProgrammeFileError) as refusal:
        read_programme(changed_copy(tmp_path, change))
    for part in ["MZ2016.yaml", *named]:
        assert part in str(refusal.value)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "key: [", "key: \x01"])
def test_what_is_no_programme_is_refused(tmp_path, text):
    path = tmp_path / "MZ2016.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProgrammeFileError, match="MZ2016.yaml"):
        read_programme(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ProgrammeFileError, match="无法读取"):
        read_programme(tmp_path / "XX2020.yaml")
