"""What is measured: each module is a program of its own, so that peak memory is one job's and nothing else's.

`python -m tests.bench.jobs.NAME WHAT {"option": …}` prints one JSON object: what the job answers, and its peak memory.
"""
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django

django.setup()


@dataclass
class Clock:
    """Seconds between entering and leaving `timed`."""

    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Clock]:
    clock = Clock()
    started = time.perf_counter()
    yield clock
    clock.seconds = time.perf_counter() - started


def answer(jobs: dict[str, Callable[..., dict]]) -> None:
    """Do the job that the command line names and print what came out."""
    result = jobs[sys.argv[1]](**json.loads(sys.argv[2]))
    print(json.dumps({**result, "peak_mb": peak_mb()}, ensure_ascii=False, default=str))


def peak_mb() -> float:
    """Most memory this program ever held. Not from getrusage: that counts the parent at the time of the fork as well."""
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024
