"""Virtual environment, Python packages and front-end files; done again only when what they depend on changed."""
import contextlib
import fcntl
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import fonts
import packages
from children import run, run_logged, tail
from console import Refused, say, warn
from layout import LOGS, MANAGE, PROJECT, PYTHON, VAR, VENDOR, VENV, environment
from packages import Package, has_library, has_program, has_venv

LOG = LOGS / "setup.log"
RUN_PACKAGES = [
    Package("python3-venv", lambda: PYTHON.exists() or has_venv(), ("建立 Python 虚拟环境", "the virtual environment")),
    Package("libpango-1.0-0", has_library("libpango-1.0.so.0", "libgobject-2.0.so.0"),
            ("生成通报 PDF", "rendering bulletins")),
    Package("libpangoft2-1.0-0", has_library("libpangoft2-1.0.so.0"), ("生成通报 PDF", "rendering bulletins")),
    Package("libharfbuzz-subset0", has_library("libharfbuzz-subset.so.0"), ("在 PDF 中嵌入字体", "embedding fonts")),
    Package("fontconfig", has_program("fc-list"), ("查找字体", "finding fonts")),
    *fonts.PACKAGES,
]


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time: bin/run and bin/test share the virtual environment."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with (PROJECT / ".setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个安装正在进行，等待它完成", "waiting for another set-up to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(*paths: Path) -> str:
    content = hashlib.sha256(repr(sys.version_info[:2]).encode())  # packages are compiled for 3.x, not for 3.x.y
    for path in paths:
        content.update(path.read_bytes())
    return content.hexdigest()


@contextlib.contextmanager
def _once(stamp: Path, *depends_on: Path) -> Iterator[bool]:
    """Give True when the work has to be done; its success leaves the stamp."""
    digest = _digest(*depends_on)
    due = not (stamp.exists() and stamp.read_text() == digest)
    yield due
    if due:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest)


def _attempt(argv: list, chinese: str, english: str, attempts: int = 3, **more_environment: str) -> None:
    """Run a set-up step that needs the network, again when it fails. Refused with the end of its log after the last.

    Its temporary files lie in a folder of ours, so that none stay when it is cut off.
    """
    for attempt in range(attempts):
        with tempfile.TemporaryDirectory(prefix="povertyapp-setup-") as folder:
            if run_logged(argv, LOG, env={**environment(), "TMPDIR": folder, **more_environment}) == 0:
                return
        time.sleep(3 * attempt)
    print(tail(LOG), file=sys.stderr)
    raise Refused(f"{chinese}，详见 {LOG}", english)


def _make_venv() -> None:
    if PYTHON.exists() and run([PYTHON, "-m", "pip", "--version"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL) == 0:
        return
    say("建立 Python 虚拟环境", "creating the virtual environment")
    if has_venv():
        _attempt([sys.executable, "-m", "venv", "--clear", VENV], "无法建立虚拟环境", "venv failed", attempts=1)
        return
    # Debian keeps pip in a package of its own; unpacked next to us it serves to install itself.
    with tempfile.TemporaryDirectory(prefix="povertyapp-pip-") as folder:
        wheel = packages.unpack("python3-pip-whl", Path(folder)) and next(Path(folder).rglob("pip-*.whl"), None)
        if not wheel:
            raise Refused("无法建立虚拟环境：请由管理员安装软件包 python3-venv 后重新执行",
                          "the virtual environment needs the package python3-venv")
        _attempt([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], "无法建立虚拟环境", "venv failed",
                 attempts=1)
        _attempt([PYTHON, "-m", "pip", "install", "pip"], "无法安装 pip", "pip failed",
                 PYTHONPATH=str(wheel))


def install_python(requirements: str) -> None:
    """Have a virtual environment holding exactly what the named requirements file asks for."""
    _make_venv()
    files = [PROJECT / "requirements.txt", PROJECT / requirements]
    with _once(VENV / f".{requirements}.stamp", *files) as due:
        if due:
            say("安装 Python 软件包（首次约 1–3 分钟）", "installing Python packages (first time 1-3 minutes)")
            _attempt([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", files[1]],
                     "Python 软件包没有装好：检查网络或 pip 镜像设置后重新执行",
                     "pip could not install the packages; check the network and try again")


def install_assets() -> None:
    """Have the front-end files in the vendor directory. npm comes as a wheel in a temporary folder, gone afterwards."""
    depends_on = [PROJECT / name for name in ("package.json", "package-lock.json", "requirements-assets.txt",
                                              "office/management/commands/fetch_assets.py")]
    try:
        with _once(VENDOR / ".stamp", *depends_on) as due:
            if not due:
                return
            say("下载界面样式、脚本和图标", "fetching style sheets, scripts and icons")
            with tempfile.TemporaryDirectory(prefix="povertyapp-npm-") as node:
                _attempt([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps",
                          "--target", node, "-r", PROJECT / "requirements-assets.txt"],
                         "npm 没有装好：检查网络或 pip 镜像设置后重新执行", "npm could not be installed")
                _attempt([*MANAGE, "fetch_assets"], "界面文件没有下载成功：检查网络或 npm 镜像设置后重新执行",
                         "npm could not fetch the front-end files; check the network and try again",
                         PYTHONPATH=node)
    except Refused as refusal:
        warn(str(refusal), "pages will look plain until the next start fetches them")


def prepare(requirements: str, more_packages: list[Package] = ()) -> list[Package]:
    """Everything a start needs short of the database. Returns the system packages that stay missing."""
    VAR.mkdir(parents=True, exist_ok=True)
    with alone():
        missing = packages.ensure([*RUN_PACKAGES, *more_packages])
        install_python(requirements)
        fonts.ensure()
        install_assets()
    return missing


def product_environment() -> dict[str, str]:
    """Environment of the product's own programs: as ours, plus the typefaces we could not install."""
    return {**environment(), **fonts.environment()}
