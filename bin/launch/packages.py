"""System packages (Debian, Ubuntu): found by what they give, installed when we may, named exactly when we may not."""
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from children import run_logged, tail
from console import say, warn
from layout import LOGS

LOG = LOGS / "packages.log"
APT = ["apt-get", "-y", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3", "--no-install-recommends"]
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


@dataclass(frozen=True)
class Package:
    """A Debian package, how to see that the machine has what it gives (from whatever source), and what it is for."""
    name: str
    present: Callable[[], bool]
    purpose: tuple[str, str]


def has_library(*names: str) -> Callable[[], bool]:
    def present() -> bool:
        for name in names:
            try:
                ctypes.CDLL(name)
            except OSError:
                return False
        return True
    return present


def has_program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def has_font(pattern: str, *more_folders: Path) -> Callable[[], bool]:
    folders = [*(Path(folder).expanduser() for folder in FONT_FOLDERS), *more_folders]
    return lambda: any(next(folder.rglob(pattern), None) for folder in folders if folder.is_dir())


def has_venv() -> bool:
    done = subprocess.run([sys.executable, "-c", "import venv, ensurepip"], capture_output=True, check=False)
    return done.returncode == 0


@cache
def privilege() -> list[str] | None:
    """What to put before a command to run it as root: nothing, sudo, or None when we may not."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    if subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n"]
    return ["sudo"] if sys.stdin.isatty() else None


def _apt(*words: str) -> bool:
    """Run apt-get as root; True when it succeeded. Never cut off: a half-configured package helps no one."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("ab") as log:
        child = subprocess.Popen([*privilege(), "env", "DEBIAN_FRONTEND=noninteractive", *APT, *words],
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            return child.wait() == 0
        finally:
            child.wait()


def _install(names: list[str]) -> None:
    for attempt in range(3):
        _apt("update")
        if _apt("install", *names):
            return
        time.sleep(5 * (attempt + 1))
    for name in names:  # one name this release does not know must not cost the others
        _apt("install", name)


def ensure(packages: Iterable[Package]) -> list[Package]:
    """Install what is missing if we may. Returns what is still missing, after saying so with its purpose."""
    missing = [package for package in packages if not package.present()]
    if not missing:
        return []
    names = [package.name for package in missing]
    if privilege() is not None:
        say(f"安装系统软件包：{' '.join(names)}", "installing system packages (this may take a minute or two)")
        _install(names)
        missing = [package for package in missing if not package.present()]
    for package in missing:
        chinese, english = package.purpose
        warn(f"缺少系统软件包 {package.name}：{chinese}", f"missing package {package.name}: {english}")
    if missing:
        names = " ".join(package.name for package in missing)
        warn(f"请由管理员执行：apt-get install --no-install-recommends {names}；现在用已有的部分继续。",
             "ask an administrator to run this command; going on with what works")
        if privilege() is not None:
            print(tail(LOG), file=sys.stderr)
    return missing


def unpack(name: str, into: Path) -> bool:
    """Download a package and unpack it into `into` without installing it; needs no root. True when it is there."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return False
    with tempfile.TemporaryDirectory(prefix="povertyapp-deb-") as folder:
        own = Path(folder)
        for part in ("lists/partial", "cache/archives/partial"):
            (own / part).mkdir(parents=True)
        apart = ["-o", f"Dir::State::Lists={own}/lists", "-o", f"Dir::Cache={own}/cache", "-o", "Debug::NoLocking=1",
                 "-o", "APT::Sandbox::User="]
        download = ["apt-get", "-o", "Acquire::Retries=3", "-o", "APT::Sandbox::User=", "download", name]
        if run_logged(download, LOG, cwd=own) != 0:
            run_logged(["apt-get", *apart, "-o", "Acquire::Retries=3", "update"], LOG, cwd=own)
            run_logged([*download, *apart], LOG, cwd=own)
        archive = next(own.glob(f"{name}_*.deb"), None)
        if archive is None:
            return False
        into.mkdir(parents=True, exist_ok=True)
        return run_logged(["dpkg-deb", "-x", archive, into], LOG) == 0
