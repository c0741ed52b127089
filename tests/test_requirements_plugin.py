"""The list of proven requirements: a requirement counts as proven only when all its tests passed on every database."""
from types import SimpleNamespace

import pytest

from tests.requirements_plugin import Reporter, counts, merge, page, read_requirements, states


def report(nodeid: str, number: str, passed: bool) -> SimpleNamespace:
    return SimpleNamespace(nodeid=nodeid, passed=passed, user_properties=[("req", number)])


def test_a_test_counts_only_when_all_its_phases_passed(tmp_path):
    reporter = Reporter(tmp_path / "r.json")
    for passed in (True, False, True):  # set-up, call, tear-down
        reporter.pytest_runtest_logreport(report("a", "R001", passed))
    reporter.pytest_runtest_logreport(report("b", "R002", True))
    assert reporter.outcomes == {"R001": {"a": False}, "R002": {"b": True}}


@pytest.mark.parametrize(("first", "second", "state"), [
    (True, True, "proven"), (True, False, "failing"), (False, True, "failing")])
def test_a_requirement_must_hold_on_both_databases(tmp_path, first, second, state):
    path = tmp_path / "var" / "r.json"
    merge(path, {"R246": {"t": first}})
    merged = merge(path, {"R246": {"t": second}})
    assert states(merged)["R246"] == state
    assert states(merged)["R001"] == "open"


def test_every_requirement_is_counted_once_and_shown():
    state = states({"R001": {"t": True}})
    total = counts(state)["total"]
    assert sum(every for _, every in total.values()) == len(read_requirements()) == 340
    assert sum(done for done, _ in total.values()) == 1
    html = page({"R001": {"<t>": True}}, state)
    assert "&lt;t&gt;" in html
    assert html.count("<tr class=") == 340
