"""What a benchmark reports: the keys of the contract, and whether a bound holds."""
import json

import pytest

from tests.bench.__main__ import keep, show
from tests.bench.benchmarks import BENCHMARKS, smaller
from tests.bench.rounds import Figure, alternate
from tests.bench.sizes import SIZES


def _figure(**fields) -> Figure:
    return Figure(**{"name": "assess", "size": "city", "households": 200_000, "seconds": 9.0, "floor": "one INSERT … SELECT",
                     "floor_seconds": 6.0, "peak_mb": 71.34, "bound": 1.5} | fields)


def test_figures_are_kept_with_the_keys_of_the_contract(tmp_path, monkeypatch):
    monkeypatch.setenv("POVERTYAPP_VAR", str(tmp_path))

    keep([_figure()])

    assert json.loads((tmp_path / "bench.json").read_text()) == [{
        "name": "assess", "size": "city", "households": 200_000, "seconds": 9.0, "floor": "one INSERT … SELECT",
        "floor_seconds": 6.0, "ratio": 1.5, "peak_mb": 71.3}]


@pytest.mark.parametrize(("fields", "reached"), [
    ({}, True), ({"seconds": 9.1}, False), ({"bound": None}, None), ({"bound": None, "limit": 0.2, "seconds": 0.21}, False)])
def test_a_bound_is_judged_by_what_was_measured(fields, reached):
    assert _figure(**fields).reached is reached


def test_the_table_tells_what_grew_since_the_smaller_size(capsys):
    show([_figure(size="county", households=20_700, bound=None, peak_mb=70), _figure(peak_mb=72)])

    county, city = capsys.readouterr().out.splitlines()[1:]
    assert "达到" in city
    assert "+2" in city
    assert "达到" not in county


def test_product_and_floor_take_turns_and_the_first_turn_does_not_count():
    turns = []

    def job(name, seconds):
        def run():
            turns.append(name)
            return {"seconds": seconds.pop(0), "peak_mb": 50 + len(seconds)}
        return run

    product, floor, peak = alternate(job("product", [90.0, 2.0, 9.0, 3.0]), job("floor", [90.0, 1.0, 1.0, 8.0]), 3)

    assert turns == ["product", "floor"] * 4
    assert (product, floor, peak) == (3.0, 1.0, 53)


def test_every_benchmark_has_a_usual_size_with_a_smaller_one_to_compare_with():
    for _, usual, grows in BENCHMARKS.values():
        assert not grows or smaller(SIZES[usual]).households < SIZES[usual].households
