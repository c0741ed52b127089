"""bin/run: set everything up, then serve the product with a demo county until Ctrl-C."""
import argparse
import fcntl
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import installation
import serve
from children import Stopped, run, run_lines, stop_on_signals, tail
from console import Refused, say
from layout import LOGS, MANAGE, PYTHON, VAR

LOGINS = VAR / "demo-logins.json"
# One program for both, because loading Django is most of the time that a second start takes.
MIGRATE_AND_LOOK = """
import django; django.setup()
from django.core.management import call_command
from office.models import Officer
call_command("migrate", interactive=False)
print("used" if Officer.objects.exists() else "empty")
"""


def migrate() -> bool:
    """Bring the database up to date. Returns whether it holds no officer yet, that is, nothing at all."""
    say("检查数据库", "bringing the database up to date")
    lines: list[str] = []
    log = LOGS / "setup.log"
    with log.open("ab") as errors:
        code = run_lines([PYTHON, "-c", MIGRATE_AND_LOOK], lines.append, stderr=errors)
    if code != 0:
        print(tail(log, 3), file=sys.stderr)
        raise Refused(f"数据库没有就绪，详见 {log}；使用 DATABASE_URL 时请检查服务是否启动、账号是否正确",
                      "the database refused; with DATABASE_URL check that the server runs and the login is right")
    return lines[-1:] == ["empty"]


def fill_with_demo() -> None:
    """Load the demo county; the command goes on where it was interrupted."""
    say("载入示范县（五华县 5000 户，约 1–2 分钟）", "loading the demo county (5,000 households, 1-2 minutes)")
    LOGINS.unlink(missing_ok=True)  # of another database that was here before
    if run([*MANAGE, "demo"], stdout=subprocess.DEVNULL, env=installation.product_environment()) != 0:
        raise Refused("示范数据没有载入完：再次执行 bin/run 会继续；如仍失败，删除数据库后重新开始",
                      "the demo county is not complete; start again, or delete the database and start again")


def padded(text: str, columns: int) -> str:
    """Text filled up to a width on the terminal, where a Chinese character takes two columns."""
    return text + " " * (columns - sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text))


def welcome(port: int) -> str:
    """What the terminal shows when pages answer: the address and a login for every role."""
    text = ["", f"  精准扶贫建档立卡管理 / poverty case management:  http://{serve.HOST}:{port}/", ""]
    if LOGINS.exists():
        text.append("  示范账号，也保存在 / demo logins, kept in " + str(LOGINS))
        text.append(f"    {padded('用户名', 18)}{padded('密码', 20)}{padded('角色', 18)}地区")
        for login in json.loads(LOGINS.read_text(encoding="utf-8")):
            text.append(f"    {padded(login['username'], 18)}{padded(login['password'], 20)}"
                        f"{padded(login['role_label'], 18)}{login['area_name']}")
    else:
        text.append("  没有示范账号：数据库中已有数据 / no demo logins: the database was in use already")
    text += ["", f"  日志 / logs: {LOGS}    停止 / stop: Ctrl-C", ""]
    return "\n".join(text)


def chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not (text.isdigit() and 0 < int(text) < 65536):
        raise Refused(f"PORT={text} 不是端口号（1–65535）", "PORT is not a port number")
    if not serve.port_is_free(int(text)):
        raise Refused(f"端口 {text} 已被占用：先停止占用它的程序，或换一个端口，例如 PORT={int(text) + 1} bin/run",
                      f"port {text} is in use; stop what uses it or choose another one with PORT")
    return int(text)


def claim(folder: Path):
    """Hold this data directory for ourselves: two schedulers on one database would do everything twice."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "run.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused(f"目录 {folder} 已有一个正在运行的 bin/run",
                      "bin/run is already running on this directory") from None
    return lock


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/run", description="安装并启动产品；PORT 指定端口。")
    parser.add_argument("--setup-only", action="store_true", help="只安装和建库，不启动 / set up, do not serve")
    options = parser.parse_args()
    stop_on_signals()
    try:
        port = chosen_port()
        lock = claim(VAR)
        installation.prepare("requirements.txt")
        if migrate():
            fill_with_demo()
        if options.setup_only:
            return 0
        serve.serve(port, welcome(port))
    except Refused as refusal:
        print(f"! {refusal}", file=sys.stderr)
        return 1
    except Stopped as stopped:
        return 128 + stopped.number
    else:
        lock.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
