import datetime as dt

import pytest

from office import identity

TODAY = dt.date(2018, 12, 31)


def number(first_17: str) -> str:
    return first_17 + identity.check_character(first_17)


GOOD = number("44142419900101001")


def test_a_right_number_passes_and_tells_birth_and_sex():
    assert identity.citizen_number_error(GOOD, TODAY) is None
    assert identity.birth_date(GOOD) == dt.date(1990, 1, 1)
    assert identity.birth_year(GOOD) == 1990
    assert identity.sex(GOOD) == "男"
    assert identity.sex(number("44142419900101002")) == "女"


def test_a_lower_case_x_and_full_width_digits_are_accepted():
    with_x = next(n for n in (number(f"44142419900101{s:03}") for s in range(999)) if n.endswith("X"))
    assert identity.normal_number(f" {with_x.lower()}\u3000") == with_x
    assert identity.normal_number("４４１４ ２４") == "441424"
    assert identity.citizen_number_error(with_x, TODAY) is None


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (GOOD[:-1] + ("1" if GOOD[-1] == "0" else "0"), "校验码"),
        (GOOD[:-1], "18 位"),
        ("44142419900101001A", "18 位"),
        ("", "18 位"),
        (number("44142419900230001"), "出生日期"),
        (number("44142417900101001"), "出生日期"),
        (number("44142420190101001"), "晚于今天"),
        ("４" + GOOD[1:], "18 位"),
    ],
)
def test_a_wrong_number_is_refused_with_a_reason(wrong, word):
    assert word in identity.citizen_number_error(wrong, TODAY)


def test_abolished_areas_are_known_and_invented_ones_are_doubtful():
    assert identity.citizen_number_warning("441421199001010010") is None  # 梅县 before 2013
    assert identity.citizen_number_warning("441403199001010010") is None
    assert "449999" in identity.citizen_number_warning("449999199001010010")
    assert len(identity.known_prefixes()) > 6000


def test_bank_cards():
    assert identity.bank_card_error("4111111111111111") is None
    assert "校验" in identity.bank_card_error("4111111111111112")
    assert "12 至 19" in identity.bank_card_error("41111")


def test_disability_cards_belong_to_their_holder():
    assert identity.disability_card_error(GOOD + "43", GOOD) is None
    assert identity.disability_card_error(GOOD + "43B", GOOD) is None
    assert identity.disability_card_error(GOOD + "43B1", GOOD) is None
    assert "不一致" in identity.disability_card_error(GOOD + "43", number("44142419900101002"))
    assert "20 至 22" in identity.disability_card_error(GOOD + "83")
    assert "20 至 22" in identity.disability_card_error(GOOD)


@pytest.mark.parametrize("name", ["张明", "㛃𬭎", "𠮷野家", "阿里木·买买提", "〇一", "张" * 30])
def test_names_of_any_plane_are_names(name):
    assert identity.name_error(name) is None


@pytest.mark.parametrize("name", ["", "张", "张" * 31, "张1", "·张", "Zhang", "张明?"])
def test_what_is_no_name_is_refused(name):
    assert identity.name_error(name)


def test_a_name_is_stored_without_spaces_and_with_one_kind_of_dot():
    assert identity.normal_name(" 张　明 ") == "张明"
    assert identity.normal_name("阿里木•买买提") == "阿里木·买买提"
    assert identity.normal_name("\ufa11") == "\ufa11"
