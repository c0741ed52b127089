"""bin/run: says in a sentence why it cannot start, and leaves no process behind however it ends."""
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
# A program that refuses to stop, and one of its children, which refuses too.
STUBBORN = """
import os, signal, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
os.fork()
os.write(1, f"{os.getpid()}\\n".encode())  # at once: two write here
time.sleep(60)
"""
PARENT = """
import sys
sys.path.insert(0, sys.argv[1])
from children import Stopped, end, run, start, stop_on_signals
from time import sleep
stop_on_signals()
child = start([sys.executable, "-c", sys.argv[2]], stdout=None)
try:
    sleep(60)
except Stopped as stopped:
    end([child], patience=0.3)
    sys.exit(128 + stopped.number)
"""
TAME = STUBBORN.replace("SIG_IGN", "SIG_DFL").replace("os.fork()", "")


def bin_run(**environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([PROJECT / "bin" / "run"], env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False, cwd="/")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pids: list[int]) -> list[int]:
    limit = time.monotonic() + 10
    while any(map(is_alive, pids)) and time.monotonic() < limit:
        time.sleep(0.05)
    return [pid for pid in pids if is_alive(pid)]


def test_a_busy_port_is_said_with_its_remedy_before_anything_is_set_up(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = bin_run(PORT=str(port), POVERTYAPP_VAR=str(tmp_path / "var"))
    assert done.returncode == 1
    assert f"端口 {port} 已被占用" in done.stderr
    assert f"PORT={port + 1}" in done.stderr
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("port", ["eighty", "0", "65536"])
def test_what_is_no_port_is_refused(port, tmp_path):
    done = bin_run(PORT=port, POVERTYAPP_VAR=str(tmp_path))
    assert done.returncode == 1
    assert f"PORT={port} 不是端口号" in done.stderr


def test_one_data_directory_is_served_once(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = bin_run(PORT=str(free), POVERTYAPP_VAR=str(tmp_path))
    assert done.returncode == 1
    assert "已有一个正在运行的 bin/run" in done.stderr


def test_each_worker_is_one_process_that_is_watched():
    """A killed child of a worker can take the lock of the shared pipe along; a program that ends is started again."""
    look = "import sys; sys.path.insert(0, sys.argv[1]); import serve; [print(*p.argv) for p in serve.programs(8000)]"
    listed = subprocess.run([sys.executable, "-B", "-c", look, PROJECT / "bin" / "launch"], capture_output=True,
                            text=True, check=True)
    workers = [line for line in listed.stdout.splitlines() if " worker " in line]
    assert len(workers) == 2
    assert all("--pool solo" in line and "--concurrency" not in line for line in workers)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_no_process_outlives_a_signal(number):
    """The parent starts with SIGINT ignored, as a shell starts what runs behind an ampersand."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, PROJECT / "bin" / "launch", STUBBORN],
                              stdout=subprocess.PIPE, text=True,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    family = [int(parent.stdout.readline()), int(parent.stdout.readline())]
    parent.send_signal(number)
    assert parent.wait(20) == 128 + number
    assert wait_until_gone(family) == []


def test_no_process_outlives_a_kill_that_cannot_be_caught():
    parent = subprocess.Popen([sys.executable, "-c", PARENT, PROJECT / "bin" / "launch", TAME],
                              stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait(20)
    assert wait_until_gone([child]) == []
