"""Typefaces of the bulletin: the machine's own plus those in var/fonts, joined by a private fontconfig file.

仿宋 comes as FandolFang out of texlive-lang-chinese (one file of it; a TeX system is not needed). Where it cannot
be had, the chain in the bulletin's style goes on to AR PL UMing and Noto Serif CJK: other letters, nothing missing.
"""
import shutil
import tempfile
import time
from pathlib import Path
from xml.sax.saxutils import escape

from console import say, warn
from layout import FONTS, VAR
from packages import Package, has_font, privilege, unpack

FANGSONG = "FandolFang-Regular.otf"
FANGSONG_IN_TEXLIVE = Path("usr/share/texlive/texmf-dist/fonts/opentype/public/fandol") / FANGSONG
ASK_AGAIN_SECONDS = 24 * 3600
PACKAGES = [
    Package("fonts-noto-cjk", has_font("NotoSerifCJK-Bold*", FONTS), ("通报标题和黑体字", "headings of bulletins")),
    Package("fonts-arphic-uming", has_font("uming*", FONTS), ("通报正文中的生僻字", "rare characters in bulletins")),
    Package("fonts-lxgw-wenkai", has_font("LXGWWenKai-Regular*", FONTS), ("通报的楷体字", "the kai face in bulletins")),
]


def configure() -> None:
    """Write the private fontconfig file; programs find it by FONTCONFIG_FILE."""
    FONTS.mkdir(parents=True, exist_ok=True)
    (FONTS / "fonts.conf").write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'
        '  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
        f"  <dir>{escape(str(FONTS))}</dir>\n  <cachedir>{escape(str(VAR / 'cache' / 'fontconfig'))}</cachedir>\n"
        "</fontconfig>\n", encoding="utf-8")


def _refused_lately(name: str) -> bool:
    mark = FONTS / f".{name}.refused"
    return mark.exists() and time.time() - mark.stat().st_mtime < ASK_AGAIN_SECONDS


def _unpacked(name: str, patterns: tuple[str, ...]) -> bool:
    """Copy the matching files of a package into var/fonts. A refusal is remembered for a day: starting stays quick."""
    with tempfile.TemporaryDirectory(prefix="povertyapp-fonts-") as folder:
        found = []
        if unpack(name, Path(folder)):
            found = [path for pattern in patterns for path in Path(folder).rglob(pattern)]
        for path in found:
            shutil.copy2(path, FONTS / path.name)
    if not found:
        (FONTS / f".{name}.refused").touch()
    return bool(found)


def _fetch_fangsong() -> None:
    installed = "/" / FANGSONG_IN_TEXLIVE
    if installed.exists():
        shutil.copy2(installed, FONTS / FANGSONG)
        return
    if _refused_lately("texlive-lang-chinese"):
        return
    say("下载仿宋字体（约 50 MB，仅一次）", "fetching the FangSong face (about 50 MB, once)")
    if not _unpacked("texlive-lang-chinese", (FANGSONG,)):
        warn("未能取得仿宋字体 FandolFang（软件包 texlive-lang-chinese），通报正文改用 AR PL UMing CN",
             "FangSong could not be fetched, bulletins use AR PL UMing CN instead")


def ensure() -> None:
    """Have every face of the chain, or say which one is replaced. Where we may, packages were installed before."""
    configure()
    if privilege() is None:
        for package in PACKAGES:
            if not package.present() and not _refused_lately(package.name):
                say(f"下载字体 {package.name}", f"fetching {package.name} without installing it")
                _unpacked(package.name, ("*.ttc", "*.ttf", "*.otf"))
    if not has_font("FandolFang*", FONTS)():
        _fetch_fangsong()
