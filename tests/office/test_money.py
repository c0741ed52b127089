from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office import money


@pytest.mark.parametrize(
    ("raw", "yuan"),
    [
        (1234.5, "1234.50"), ("1,234.50", "1234.50"), ("￥1234.5", "1234.50"), ("¥ 1,234,567", "1234567"),
        ("１２３４", "1234"), ("１，２３４．５０", "1234.50"), (" 12.3元 ", "12.30"), ("-5", "-5"), ("−5.50", "-5.50"),
        (0.1 + 0.2, "0.30"), (1234.560001, "1234.56"), (12, "12"), (Decimal("3.10"), "3.10"), ("12.340", "12.34"),
        (".5", "0.50"), (0.0, "0"),
    ],
)  # fmt: skip
def test_untidy_amounts_are_read_to_the_fen(raw, yuan):
    assert money.parse(raw) == Decimal(yuan)


@pytest.mark.parametrize("raw", [None, "", "  ", "\u3000"])
def test_blank_is_no_amount(raw):
    assert money.parse(raw) is None


@pytest.mark.parametrize(
    "raw",
    ["12.345", 12.345, 1234.56001, Decimal("0.001"), "1,23", "12,34.5", "1e5", "=1+1", "十元", "--5", "+-5", "3万元", ".",
     True, float("nan"), float("inf"), 1e18, "9" * 40, 10**30, object()],
)  # fmt: skip
def test_what_is_not_an_exact_amount_is_refused(raw):
    with pytest.raises(money.MoneyError):
        money.parse(raw)


@given(st.integers(min_value=-money.MAX_FEN, max_value=money.MAX_FEN))
def test_every_fen_survives_a_binary_number_and_every_printed_form(fen):
    yuan = money.from_fen(fen)
    assert money.to_fen(yuan) == fen
    assert money.parse(float(yuan)) == yuan
    assert money.parse(money.plain(yuan)) == yuan
    assert money.parse(money.grouped(yuan)) == yuan


def test_a_fraction_of_a_fen_has_no_fen():
    with pytest.raises(ValueError, match="fen"):
        money.to_fen(Decimal("0.001"))


def test_printed_forms():
    assert money.plain(Decimal("7725.465")) == "7725.47"
    assert money.plain(5) == "5.00"
    assert money.grouped(Decimal("-1234567.5")) == "-1,234,567.50"
    assert money.wan(Decimal("1234550")) == "123.46"
    assert money.round_half_up(Decimal("-2.345")) == Decimal("-2.35")
    assert money.round_half_up(Decimal("2.5"), 0) == 3


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("1409.50", "壹仟肆佰零玖元伍角"), ("6007.14", "陆仟零柒元壹角肆分"), ("325.04", "叁佰贰拾伍元零肆分"),
        ("107000.53", "壹拾万柒仟元零伍角叁分"), ("0.05", "伍分"), ("0.50", "伍角"), ("0", "零元整"), ("10", "壹拾元整"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"), ("100000005", "壹亿零伍元整"), ("100010000", "壹亿零壹万元整"),
        ("1000000000000", "壹万亿元整"), ("10050000", "壹仟零伍万元整"), ("-3", "负叁元整"),
    ],
)  # fmt: skip
def test_capital_numerals(yuan, words):
    assert money.in_words(Decimal(yuan)) == "人民币" + words
