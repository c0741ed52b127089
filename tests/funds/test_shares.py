"""Dividing sums: the documents' own figures, and parts that always make the whole."""
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funds.due import dues, shares_of
from funds.shares import split
from office.models import Area, Programme
from office.money import from_fen


@pytest.mark.req("R125")
def test_six_three_half_half():
    parts = split(20000, {"province": 6, "helper_city": 3, "city": Decimal("0.5"), "county": Decimal("0.5")})
    assert list(parts.items()) == [("province", 12000), ("helper_city", 6000), ("city", 1000), ("county", 1000)]


@pytest.mark.parametrize(("fen", "weights", "parts"), [
    ("0.01", {"a": 1, "b": 1}, ["0.01", "0.00"]),
    ("100.00", {"a": 1, "b": 1, "c": 1}, ["33.34", "33.33", "33.33"]),
    ("0.05", {"a": 6, "b": 3, "c": 1}, ["0.03", "0.02", "0.00"]),
    ("0.02", {"a": 1, "b": 1, "c": 4}, ["0.01", "0.00", "0.01"]),
    ("7.00", {"a": 0, "b": 5}, ["0.00", "7.00"]),
    ("0.00", {"a": 1, "b": 5}, ["0.00", "0.00"]),
])
def test_the_fen_left_over_go_to_the_largest_remainders_then_by_order(fen, weights, parts):
    assert list(split(Decimal(fen), weights).values()) == [Decimal(part) for part in parts]


@given(st.integers(0, 10**12 - 1), st.lists(st.integers(0, 1000) | st.decimals(0, 1000, places=3), min_size=1, max_size=12))
def test_parts_make_the_whole_and_none_is_a_fen_off(fen, weights):
    amount = from_fen(fen)
    if not any(weights):
        with pytest.raises(ValueError, match="weight"):
            split(amount, dict(enumerate(weights)))
        return
    parts = split(amount, dict(enumerate(weights)))
    assert sum(parts.values()) == amount
    whole = sum(map(Decimal, weights))
    assert all(abs(part - amount * Decimal(weights[place]) / whole) < Decimal("0.0101") for place, part in parts.items())


@pytest.mark.parametrize(("amount", "weights"), [(Decimal("0.001"), {"a": 1}), (-1, {"a": 1}), (1, {"a": -1, "b": 2}), (1, {})])
def test_what_cannot_be_divided_is_refused(amount, weights):
    with pytest.raises(ValueError, match="yuan|weight"):
        split(amount, weights)


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "amount", "parts"), [
    pytest.param("SW2016", 20000 * 100_000, [12 * 10**8, 6 * 10**8, 2 * 10**8], marks=pytest.mark.req("R126")),
    pytest.param("MZ2016", 20000, [12000, 6000, 1000, 1000], marks=pytest.mark.req("R125")),
    pytest.param("JH2016", 20000 * 597, [7_164_000, 2_388_000, 2_388_000], marks=pytest.mark.req("R127", "R128")),
])
def test_the_documents_own_sums(key, amount, parts):
    assert list(shares_of(Programme.objects.get(pk=key), Decimal(amount)).values()) == parts


@pytest.mark.django_db
@pytest.mark.req("R127", "R128")
def test_jianghai_yearly_minimum_is_the_two_shares_over_three_years():
    """597 persons → 1,194 万; district and street 4 of 10, over three years 159.2 万, half each."""
    parts = shares_of(Programme.objects.get(pk="JH2016"), Decimal(20000 * 597))
    both = parts["county"] + parts["township"]
    yearly = split(both, {2016: 1, 2017: 1, 2018: 1})
    assert set(yearly.values()) == {1_592_000}
    assert split(yearly[2016], {"district": 1, "street": 1}) == {"district": 796_000, "street": 796_000}
    minimums = [due for due in dues(Programme.objects.get(pk="JH2016"), Area.objects.get(pk="440704000000"))
                if due.kind == "minimum"]
    assert {(due.payer, due.amount) for due in minimums} == {("county", 796_000), ("township", 796_000)}
    assert {due.year for due in minimums} == {2016, 2017, 2018}
