"""Runs product and floor alternately, each time in a process of its own, and takes medians."""
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

Job = Callable[[], dict]


class Failed(RuntimeError):
    """Nothing was measured that could be compared; what the measured program said is on stderr."""


@dataclass
class Figure:
    """One line of the table. `bound` is the largest ratio that is good enough, `limit` the most seconds; None: no such bound."""

    name: str
    size: str
    households: int
    seconds: float
    floor: str
    floor_seconds: float
    peak_mb: float
    bound: float | None = None
    limit: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor_seconds

    @property
    def reached(self) -> bool | None:
        """Whether the bounds hold; None where there are none."""
        if self.bound is None and self.limit is None:
            return None
        return (self.bound is None or self.ratio <= self.bound) and (self.limit is None or self.seconds <= self.limit)

    def as_json(self) -> dict:
        return {"name": self.name, "size": self.size, "households": self.households, "seconds": round(self.seconds, 4),
                "floor": self.floor, "floor_seconds": round(self.floor_seconds, 4), "ratio": round(self.ratio, 3),
                "peak_mb": round(self.peak_mb, 1)}


def child(job: str, what: str, database: str, **options) -> dict:
    """Run one job of tests.bench.jobs against a database and return its answer."""
    done = subprocess.run([sys.executable, "-m", f"tests.bench.jobs.{job}", what, json.dumps(options)],
                          env={**os.environ, "DATABASE_URL": database}, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"{job} {what}: exit {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def alternate(product: Job, floor: Job, rounds: int, warm_up: bool = True) -> tuple[float, float, float]:
    """Median seconds of product and of floor, and the product's highest peak memory in MB.

    Product and floor take turns, so that whatever else the machine does falls on both. The first turn of each warms
    caches up and does not count.
    """
    times: tuple[list[float], list[float]] = ([], [])
    peak = 0.0
    for turn in range(-warm_up, rounds):
        for taken, job in zip(times, (product, floor), strict=True):
            answer = job()
            if turn >= 0:
                taken.append(answer["seconds"])
            if job is product:
                peak = max(peak, answer["peak_mb"])
    return median(times[0]), median(times[1]), peak
