"""Private PostgreSQL and Redis on free ports, in temporary folders; the machine's own are never touched."""
import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from children import end, start, tail
from console import Refused
from packages import Package, has_program

START_SECONDS = 30
ATTEMPTS = 3
DATABASE = "povertyapp"
# Nothing of it outlives the run, so nothing has to survive a power cut.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def postgresql_folder() -> Path | None:
    """The newest installed server's programs, wherever the distribution keeps them."""
    versions = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


PACKAGES = [
    Package("postgresql", lambda: postgresql_folder() is not None,
            ("在 PostgreSQL 上运行测试", "the tests on PostgreSQL")),
    Package("redis-server", has_program("redis-server"), ("在 Redis 上运行测试", "the tests on Redis")),
]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for_port(port: int, child: subprocess.Popen) -> bool:
    limit = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < limit:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


def _server_owner() -> dict:
    """PostgreSQL refuses to run as root: then it runs as postgres, or as nobody where there is no such user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise Refused("没有可用来运行 PostgreSQL 的普通用户", "there is no ordinary user to run PostgreSQL as")


@contextlib.contextmanager
def _temporary_folder(owner: dict) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="povertyapp-"))
    try:
        if owner:
            os.chown(folder, owner["user"], owner["group"])
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _listening(argv_for_port, log: Path, **options) -> Iterator[int]:
    """Start a server on a free port and give the port; another port when somebody took it in between."""
    for _attempt in range(ATTEMPTS):
        port = _free_port()
        with log.open("ab") as output:
            child = start(argv_for_port(port), stdout=output, stderr=subprocess.STDOUT, **options)
        try:
            if _wait_for_port(port, child):
                yield port
                return
        finally:
            end([child])
    raise Refused(f"{argv_for_port(0)[0]} 没有启动：\n{tail(log)}", "the private server did not start")


@contextlib.contextmanager
def postgresql(settings: dict[str, str]) -> Iterator[str]:
    """A new PostgreSQL with an empty database; gives its DATABASE_URL. `settings` are lines of its configuration."""
    programs = postgresql_folder()
    owner = _server_owner()
    with _temporary_folder(owner) as folder:
        password = secrets.token_hex(16)
        log, data, word = folder / "server.log", folder / "data", folder / "password"
        word.write_text(password)
        word.chmod(0o644)  # the folder itself is closed to everyone but the server's owner
        made = subprocess.run([programs / "initdb", "-D", data, "-U", DATABASE, "--pwfile", word, "-A", "scram-sha-256",
                               "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
                              cwd="/", capture_output=True, text=True, check=False, **owner)
        if made.returncode != 0:
            raise Refused(f"initdb 失败：{made.stderr.strip()}", "initdb failed")
        options = [f"-c{name}={value}" for name, value in {
            "listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder), "max_connections": "200",
            **settings}.items()]
        with _listening(lambda port: [programs / "postgres", "-D", data, "-p", str(port), *options], log,
                        cwd="/", **owner) as port:
            _create_database(programs, port, password)
            yield f"postgres://{DATABASE}:{password}@127.0.0.1:{port}/{DATABASE}"


def _create_database(programs: Path, port: int, password: str) -> None:
    limit = time.monotonic() + START_SECONDS
    while True:  # the port opens a moment before the server accepts log-ins
        done = subprocess.run([programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", DATABASE, DATABASE],
                              env={**os.environ, "PGPASSWORD": password}, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if time.monotonic() > limit:
            raise Refused(f"createdb 失败：{done.stderr.strip()}", "createdb failed")
        time.sleep(0.2)


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A new, empty Redis that writes nothing to disk; gives its URL without the database number."""
    with _temporary_folder({}) as folder:
        password = secrets.token_hex(16)
        configuration = folder / "redis.conf"
        configuration.write_text(f'bind 127.0.0.1\nrequirepass {password}\nsave ""\nappendonly no\ndir {folder}\n')
        configuration.chmod(0o600)
        with _listening(lambda port: ["redis-server", configuration, "--port", str(port)],
                        folder / "server.log") as port:
            yield f"redis://:{password}@127.0.0.1:{port}"
