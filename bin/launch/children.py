"""Child processes that never outlive us: whatever ends this program, ends them too."""
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from layout import PROJECT, environment

PR_SET_PDEATHSIG = 1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
try:
    _libc = ctypes.CDLL(None)
except OSError:
    _libc = None


class Stopped(BaseException):
    """Someone asked this program to stop. Not an Exception: nothing but the main program may swallow it."""

    def __init__(self, number: int):
        super().__init__(signal.Signals(number).name)
        self.number = number


def stop_on_signals() -> None:
    """Turn Ctrl-C, TERM and a closed terminal into Stopped, even where a shell's `&` had them ignored."""
    def stop(number, frame):
        ignore_signals()
        raise Stopped(number)

    for number in SIGNALS:
        signal.signal(number, stop)


def ignore_signals() -> None:
    """From here on we are stopping already; a second Ctrl-C must not leave the work half done."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _before_exec() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    if hasattr(_libc, "prctl"):
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # covers the one end we cannot catch: kill -9


def start(argv: Sequence[str | Path], **options) -> subprocess.Popen:
    """Start a program in a session of its own: Ctrl-C reaches us alone, and its whole family can be ended at once."""
    options.setdefault("cwd", PROJECT)
    options.setdefault("env", environment())
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen([str(part) for part in argv], start_new_session=True, preexec_fn=_before_exec, **options)


def _signal_family(child: subprocess.Popen, number: int) -> bool:
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end(children: Sequence[subprocess.Popen], patience: float = 12.0, asking: int = signal.SIGTERM) -> None:
    """Ask all to stop, wait `patience` seconds together, then kill what is left of their families."""
    for child in children:
        if child.poll() is None:
            child.send_signal(asking)
    limit = time.monotonic() + patience
    for child in children:
        try:
            child.wait(max(0.1, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
    for child in children:
        _signal_family(child, signal.SIGKILL)
        child.wait()


def run(argv: Sequence[str | Path], **options) -> int:
    """Run a program to its end and return its exit code; it ends with us."""
    child = start(argv, **options)
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            end([child], patience=5)


def run_lines(argv: Sequence[str | Path], on_line: Callable[[str], None], asking: int = signal.SIGTERM,
              **options) -> int:
    """Like run, and hands every line of stdout (without its end) to `on_line` as it comes."""
    child = start(argv, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace", **options)
    try:
        for line in child.stdout:
            on_line(line.rstrip("\n"))
        return child.wait()
    finally:
        if child.poll() is None:
            end([child], patience=10, asking=asking)


def run_logged(argv: Sequence[str | Path], log: Path, **options) -> int:
    """Like run, with all output appended to the file `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"\n$ {' '.join(map(str, argv))}\n".encode())
        output.flush()
        return run(argv, stdout=output, stderr=subprocess.STDOUT, **options)


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented, for a message about a failure."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
