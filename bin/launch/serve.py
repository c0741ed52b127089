"""The running product: web server, workers and scheduler, watched together; none of them outlives this program."""
import http.client
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import STDOUT, Popen

from children import end, ignore_signals, start, tail
from console import Refused, say, warn
from installation import product_environment
from layout import LOGS, PROJECT, PYTHON, VAR

HOST = "127.0.0.1"
STARTS_PER_MINUTE = 5
READY_SECONDS = 90
LOG_BYTES = 5_000_000
# Two programs of one process each, not one with two children: with the broker of files the children read from one pipe
# under one lock, and a child that is killed while it waits takes the lock along; its worker then does nothing any more,
# and nobody notices. A killed program is seen and started again.
WORKERS = ("worker", "worker-2")


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@dataclass
class Program:
    """One of the programs. `starts`: the times of its latest starts; a hopeless one is not started for ever."""
    name: str
    argv: list
    child: Popen | None = None
    starts: deque = field(default_factory=lambda: deque(maxlen=STARTS_PER_MINUTE))

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    def start(self) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".1.log"))
        with self.log.open("ab") as output:
            self.child = start(self.argv, stdout=output, stderr=STDOUT, env=product_environment())
        self.starts.append(time.monotonic())

    def start_again(self) -> None:
        """After it ended by itself. Refused when that keeps happening."""
        code = self.child.returncode
        end([self.child])
        if len(self.starts) == STARTS_PER_MINUTE and time.monotonic() - self.starts[0] < 60:
            print(tail(self.log), file=sys.stderr)
            raise Refused(f"{self.name} 反复退出（退出码 {code}），详见 {self.log}",
                          f"{self.name} keeps ending (exit code {code}), see its log")
        warn(f"{self.name} 意外退出（退出码 {code}），重新启动", f"{self.name} ended by itself, starting it again")
        self.start()


def programs(port: int) -> list[Program]:
    celery = [PYTHON, "-m", "celery", "--app", "povertyapp.celery:app", "--workdir", PROJECT]
    return [
        Program("web", [PYTHON, "-m", "gunicorn", "--chdir", PROJECT, "--bind", f"{HOST}:{port}", "--workers", "2", "--preload",
                        "--threads", "4", "--timeout", "120", "--graceful-timeout", "8", "--no-control-socket",
                        "povertyapp.wsgi:application"]),
        *(Program(name, [*celery, "worker", "--pool", "solo", "--without-gossip", "--without-mingle",
                         "--without-heartbeat", "--loglevel", "INFO", "--hostname", f"{name}@%h"]) for name in WORKERS),
        Program("scheduler", [*celery, "beat", "--loglevel", "INFO", "--pidfile", "",
                              "--schedule", VAR / "celerybeat-schedule"]),
    ]


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _wait_until_ready(web: Program, port: int) -> None:
    limit = time.monotonic() + READY_SECONDS
    while not _answers(port):
        if web.child.poll() is not None or time.monotonic() > limit:
            print(tail(web.log), file=sys.stderr)
            raise Refused(f"网页服务没有启动成功，详见 {web.log}", "the web server did not start, see its log")
        time.sleep(0.3)


def serve(port: int, welcome: str) -> None:
    """Start all of them, print `welcome` when pages answer, watch them until asked to stop."""
    running = programs(port)
    web = running[0]
    try:
        for program in running:
            program.start()
            if program is web:  # the others would only slow it down
                _wait_until_ready(web, port)
        print(welcome, flush=True)
        while True:
            time.sleep(1)
            for program in running:
                if program.child.poll() is not None:
                    program.start_again()
    finally:
        ignore_signals()
        say("正在停止", "stopping")
        end([program.child for program in running if program.child])
