"""Which demands of docs/requirements.csv the tests prove: `@pytest.mark.req("R246")`, `bin/test --requirements`.

A requirement is proven when at least one marked test passed and none failed or was skipped, on every database that was
run: the runs add up in one JSON file, from which the table and the page are made.
"""
import csv
import json
from collections import Counter, defaultdict
from html import escape
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parent.parent / "docs" / "requirements.csv"
PRIORITIES = ("core", "important", "nice")
STATES = {"proven": "已证明", "failing": "未通过", "open": "尚无测试"}
PAGE = """<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><title>需求与测试</title><style>
body {{ font: 15px/1.6 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2rem; color: #1f2937 }}
table {{ border-collapse: collapse; margin-bottom: 2rem }}
th, td {{ border: 1px solid #cbd5e1; padding: .3rem .6rem; text-align: left; vertical-align: top }}
th {{ background: #f1f5f9; position: sticky; top: 0 }}
td.number {{ text-align: right }} tr.proven td.state {{ color: #166534 }} tr.failing td.state {{ color: #b91c1c }}
</style></head><body><h1>需求与测试</h1><p>共 {total} 项，已由通过的测试证明 {proven} 项。</p>
<table><tr><th>领域</th>{heads}</tr>{summary}</table>
<table><tr><th>编号</th><th>级别</th><th>状态</th><th>要求</th><th>出处</th><th>测试</th></tr>{rows}</table></body></html>
"""


def read_requirements() -> dict[str, dict[str, str]]:
    """All rows by number. Columns: id, area, demand, software, priority, source."""
    with REQUIREMENTS.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def pytest_addoption(parser):
    parser.addoption("--requirements", metavar="FILE.json",
                     help="add which requirements the tests prove to FILE.json, print the table, write FILE.html")


def pytest_configure(config):
    if config.getoption("--requirements") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reporter(Path(config.getoption("--requirements"))), "requirements-reporter")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Let each test carry its numbers in its reports, which also travel from the workers of pytest-xdist."""
    known = read_requirements()
    for item in items:
        for mark in item.iter_markers("req"):
            unknown = [number for number in mark.args if number not in known]
            if unknown or not mark.args:
                raise pytest.UsageError(f"{item.nodeid}: req{mark.args} names no row of docs/requirements.csv")
            item.user_properties += [("req", number) for number in mark.args]


def merge(path: Path, outcomes: dict[str, dict[str, bool]]) -> dict[str, dict[str, bool]]:
    """Add one run's {requirement: {test: passed}} to the file; a test that failed in any run stays failed."""
    merged = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for number, tests in outcomes.items():
        row = merged.setdefault(number, {})
        for test, passed in tests.items():
            row[test] = passed and row.get(test, True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(merged, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    return merged


def states(merged: dict[str, dict[str, bool]]) -> dict[str, str]:
    """Requirement number -> proven, failing or open."""
    return {number: "open" if not merged.get(number) else "proven" if all(merged[number].values()) else "failing"
            for number in read_requirements()}


def counts(state: dict[str, str]) -> dict[str, dict[str, tuple[int, int]]]:
    """Area -> priority -> (proven, all), with a last area for the total."""
    proven, every = Counter(), Counter()
    for number, row in read_requirements().items():
        for area in (row["area"], "total"):
            every[area, row["priority"]] += 1
            proven[area, row["priority"]] += state[number] == "proven"
    areas = sorted({area for area, _ in every} - {"total"}) + ["total"]
    return {area: {priority: (proven[area, priority], every[area, priority]) for priority in PRIORITIES}
            for area in areas}


def page(merged: dict[str, dict[str, bool]], state: dict[str, str]) -> str:
    """The report as one HTML page that needs nothing else."""
    summary = "".join(
        f"<tr><td>{escape(area)}</td>"
        + "".join(f'<td class="number">{done} / {every}</td>' for done, every in row.values()) + "</tr>"
        for area, row in counts(state).items())
    tests = {number: "<br>".join(map(escape, sorted(merged.get(number, {})))) for number in state}
    rows = "".join(
        f'<tr class="{state[number]}"><td>{number}</td><td>{escape(row["priority"])}</td>'
        f'<td class="state">{STATES[state[number]]}</td><td>{escape(row["demand"])}</td>'
        f'<td>{escape(row["source"])}</td><td>{tests[number]}</td></tr>'
        for number, row in read_requirements().items())
    return PAGE.format(total=len(state), proven=list(state.values()).count("proven"), summary=summary, rows=rows,
                       heads="".join(f"<th>{priority}</th>" for priority in PRIORITIES))


class Reporter:
    """Collects outcomes in the main process and reports once at the end."""

    def __init__(self, path: Path):
        self.path = path
        self.outcomes: dict[str, dict[str, bool]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report):
        """A test counts as passed when its call passed and neither set-up nor tear-down failed or skipped it."""
        for name, number in report.user_properties:
            if name == "req":
                test = self.outcomes[number]
                test[report.nodeid] = test.get(report.nodeid, True) and report.passed

    def pytest_terminal_summary(self, terminalreporter):
        merged = merge(self.path, self.outcomes)
        state = states(merged)
        terminalreporter.section("requirements: proven / all")
        terminalreporter.write_line(f"{'area':<28}" + "".join(f"{priority:>14}" for priority in PRIORITIES))
        for area, row in counts(state).items():
            cells = "".join(f"{f'{done} / {every}':>14}" for done, every in row.values())
            terminalreporter.write_line(f"{area:<28}{cells}")
        failing = sorted(number for number, value in state.items() if value == "failing")
        if failing:
            terminalreporter.write_line(f"failing: {' '.join(failing)}")
        html = self.path.with_suffix(".html")
        html.write_text(page(merged, state), encoding="utf-8")
        terminalreporter.write_line(f"written: {html}")
