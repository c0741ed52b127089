"""Keeps parallel tests apart. bin/test loads it before the settings (PYTEST_PLUGINS): every process of pytest-xdist gets
a data directory and Redis databases of its own, so that one process's worker never takes another one's tasks."""
import os
from urllib.parse import urlsplit, urlunsplit


def move_apart(environment: dict[str, str], worker: str) -> None:
    """Change the environment of the xdist worker "gw<n>": <var>/gw<n>, and databases 2n and 2n + 1 of Redis."""
    number = int(worker.removeprefix("gw"))
    if var := environment.get("POVERTYAPP_VAR"):
        environment["POVERTYAPP_VAR"] = os.path.join(var, worker)
    for name in ("CELERY_BROKER_URL", "CACHE_URL"):
        url = urlsplit(environment.get(name, ""))
        if url.scheme == "redis":
            database = 2 * number + int(url.path.strip("/") or 0)
            environment[name] = urlunsplit(url._replace(path=f"/{database}"))


if process := os.environ.get("PYTEST_XDIST_WORKER"):
    move_apart(os.environ, process)
