"""An installation of its own for a journey: fresh database and data directory, a real web server, a real worker."""
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings

PROJECT = Path(__file__).resolve().parents[2]
PASSWORD = "Meizhou-2018-journey"
START_SECONDS = 60
# Of the tests' own environment, what would make the installation behave as a test.
NOT_HANDED_ON = ("POVERTYAPP_EAGER", "POVERTYAPP_DEBUG", "PYTEST_PLUGINS", "PYTEST_ADDOPTS", "DEMO_PASSWORD")


@contextlib.contextmanager
def fresh_database(var: Path) -> Iterator[str]:
    """DATABASE_URL of a new, empty database: a file in `var`, or one made on the tests' own PostgreSQL and dropped again."""
    given = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not given.scheme.startswith("postgres"):
        yield f"sqlite:///{var / 'db.sqlite3'}"
        return
    name = f"journey_{secrets.token_hex(4)}"
    _on_server(given, f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(given._replace(path=f"/{name}"))
    finally:
        _on_server(given, f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(address, statement: str) -> None:
    with contextlib.closing(psycopg2.connect(urlunsplit(address._replace(scheme="postgresql")))) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)


class Installation:
    """Knows its address and its programs; commands run in it as an operator's shell would run them."""

    def __init__(self, var: Path, database: str) -> None:
        self.var = var
        self.environment = {name: value for name, value in os.environ.items() if name not in NOT_HANDED_ON} | {
            "POVERTYAPP_VAR": str(var), "POVERTYAPP_VENDOR": str(settings.VENDOR),
            "POVERTYAPP_FONTS": str(settings.POVERTYAPP_FONTS), "DATABASE_URL": database}
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.worker: subprocess.Popen | None = None

    def manage(self, *arguments: str, **environment: str) -> None:
        done = subprocess.run([sys.executable, PROJECT / "manage.py", *arguments], env=self.environment | environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stderr[-2000:]}"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Web server and worker, as bin/run starts them but smaller; gone afterwards."""
        python = [sys.executable, "-m"]
        web = self._start("web", *python, "gunicorn", "--chdir", str(PROJECT), "--bind", f"127.0.0.1:{self.port}",
                          "--workers", "1", "--threads", "4", "--graceful-timeout", "2", "--no-control-socket",
                          "povertyapp.wsgi:application")
        self.worker = self._start_worker()
        try:
            self._wait_until_ready(web)
            yield
        finally:
            _end(self.worker, web)

    def _start_worker(self, *options: str) -> subprocess.Popen:
        return self._start("worker", sys.executable, "-m", "celery", "--app", "povertyapp.celery:app", "--workdir",
                           str(PROJECT), "worker", "--concurrency", "1", "--without-gossip", "--without-mingle",
                           "--without-heartbeat", "--loglevel", "INFO", *options)

    def replace_worker(self, *options: str, kill: bool = False) -> None:
        """Another worker in the place of the present one, which is asked to stop, or killed without being asked."""
        if kill:
            self.worker.kill()
            self.worker.wait()
        else:
            _end(self.worker)
        self.worker = self._start_worker(*options)

    def _start(self, name: str, *argv: str) -> subprocess.Popen:
        with self.log(name).open("ab") as log:
            return subprocess.Popen(argv, env=self.environment, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log,
                                    stderr=subprocess.STDOUT)

    def log(self, name: str) -> Path:
        return self.var / f"{name}.log"

    def _wait_until_ready(self, web: subprocess.Popen) -> None:
        limit = time.monotonic() + START_SECONDS
        while web.poll() is None and self.worker.poll() is None and time.monotonic() < limit:
            with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(f"{self.url}/healthz"):
                if "ready." in self.log("worker").read_text(errors="replace"):
                    return
            time.sleep(0.2)
        raise AssertionError("".join(self.log(name).read_text(errors="replace")[-2000:] for name in ("web", "worker")))

    @contextlib.contextmanager
    def worker_held(self) -> Iterator[None]:
        """The worker takes nothing new meanwhile, so that a page can be seen while its job waits."""
        self.worker.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.worker.send_signal(signal.SIGCONT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _end(*programs: subprocess.Popen) -> None:
    """Ask them to stop together; what does not is killed, so that no test run leaves a process behind."""
    for program in programs:
        program.terminate()
    limit = time.monotonic() + 10
    for program in programs:
        try:
            program.wait(max(0.1, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
