"""bin/test: lint, then every test on SQLite and again on PostgreSQL with Redis; the services are private."""
import argparse
import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import installation
import services
from children import Stopped, run, run_lines, stop_on_signals
from console import Refused, say, warn
from layout import MANAGE, PROJECT, PYTHON, VAR
from packages import Package, has_program

NOTHING_COLLECTED = 5
SUMMARY = re.compile(r"=+ .*\bin \d+.*s.* =+")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = [
    Package("chromium", has_program(*BROWSERS), ("在真实浏览器中运行测试", "the tests in a real browser")),
    Package("poppler-utils", has_program("pdftotext"), ("检查生成的 PDF", "the tests that read PDF files")),
    *services.PACKAGES,
]
LINT = [
    ("ruff", [PYTHON, "-m", "ruff", "check", "."]),
    ("import-linter", [PYTHON.with_name("lint-imports"), "--no-cache"]),
    ("makemigrations --check", [*MANAGE, "makemigrations", "--check", "--dry-run"]),
]


def test_environment(var: Path, **more: str) -> dict[str, str]:
    """The environment of one run of the tests: nothing of the caller's databases, brokers or keys reaches it."""
    kept = {name: value for name, value in installation.product_environment().items()
            if name not in ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL")
            and (not name.startswith("POVERTYAPP_") or name in ("POVERTYAPP_VENDOR", "POVERTYAPP_FONTS"))}
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser:
        kept["CHROMIUM_PATH"] = browser
    return {**kept, "POVERTYAPP_VAR": str(var), "PYTEST_PLUGINS": "tests.apart", **more}


@contextlib.contextmanager
def temporary_var() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="povertyapp-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "var"


@contextlib.contextmanager
def on_sqlite() -> Iterator[dict[str, str]]:
    with temporary_var() as var:
        yield test_environment(var)


@contextlib.contextmanager
def on_postgresql() -> Iterator[dict[str, str]]:
    with temporary_var() as var, services.postgresql(services.THROWAWAY) as database, services.redis() as broker:
        yield test_environment(var, DATABASE_URL=database, CELERY_BROKER_URL=f"{broker}/0", CACHE_URL=f"{broker}/1")


RUNS = {"SQLite": on_sqlite, "PostgreSQL + Redis": on_postgresql}


def lint() -> list[str]:
    """Run every check that needs no test. Returns the names of those that failed."""
    failed = []
    with temporary_var() as var:
        for name, argv in LINT:
            say(f"检查：{name}", f"checking: {name}")
            if run(argv, env=test_environment(var)) != 0:
                failed.append(name)
    return failed


def run_tests(name: str, arguments: list[str]) -> tuple[int, str]:
    """Run pytest on one database. Returns its exit code and its summary line."""
    summary = ""

    def show(line: str) -> None:
        nonlocal summary
        print(line, flush=True)
        plain = COLOURS.sub("", line)
        if SUMMARY.fullmatch(plain):
            summary = plain

    print(f"\n===== {name} =====", flush=True)
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    with RUNS[name]() as environment:
        code = run_lines([PYTHON, "-m", "pytest", *colour, *arguments], show, asking=signal.SIGINT, env=environment)
    return code, summary


def parse(argv: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="bin/test", description="检查代码并运行全部测试；其余参数交给 pytest。")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--sqlite", action="store_true", help="只在 SQLite 上运行 / SQLite only")
    only.add_argument("--postgres", action="store_true", help="只在 PostgreSQL + Redis 上运行 / PostgreSQL only")
    parser.add_argument("--requirements", action="store_true",
                        help="列出每项需求是否有测试证明，并写 var/requirements.html / which requirements are proven")
    options, arguments = parser.parse_known_args(argv)
    if not any(re.match(r"-n|--numprocesses|--pdb|-p$", argument) for argument in arguments):
        arguments = ["-n", "2", *arguments]
    if options.requirements:
        arguments.append(f"--requirements={VAR / 'requirements.json'}")
        (VAR / "requirements.json").unlink(missing_ok=True)
    return options, arguments


def report(results: dict[str, tuple[int, str]], lint_failed: list[str], left_out: list[str]) -> int:
    """Say once more how each part ended. Returns the exit code: 0 only when everything ran and passed."""
    print("\n===== 结果 / results =====")
    print(f"lint: {'failed: ' + ', '.join(lint_failed) if lint_failed else 'passed'}")
    for name, (code, summary) in results.items():
        said = summary.strip("= ") or ("no tests were selected" if code == NOTHING_COLLECTED else "no summary")
        print(f"{name}: {said} (exit {code})")
    for name in left_out:
        warn(f"{name} 上的测试没有运行：缺少上面列出的软件包", f"the tests on {name} did not run: packages are missing")
    return 1 if lint_failed or left_out or any(code for code, _ in results.values()) else 0


def main() -> int:
    options, arguments = parse(sys.argv[1:])
    stop_on_signals()
    try:
        missing = {package.name for package in installation.prepare("requirements-dev.txt", PACKAGES)}
        wanted = [name for name, skipped in zip(RUNS, (options.postgres, options.sqlite), strict=True) if not skipped]
        left_out = [name for name in wanted if name != "SQLite" and missing & {"postgresql", "redis-server"}]
        lint_failed = lint()
        results = {name: run_tests(name, arguments) for name in wanted if name not in left_out}
        return report(results, lint_failed, left_out)
    except Refused as refusal:
        print(f"! {refusal}", file=sys.stderr)
        return 1
    except Stopped as stopped:
        return 128 + stopped.number


if __name__ == "__main__":
    os.chdir(PROJECT)
    sys.exit(main())
