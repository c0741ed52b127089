"""Typefaces of the bulletin: the machine's own, two files in var/fonts, and there too what we may not install.

仿宋 and 楷体 come as FandolFang and FandolKai out of texlive-lang-chinese (two files; a TeX system is not needed).
Where they cannot be had, the chain in the bulletin's style goes on to AR PL UMing, LXGW WenKai and Noto Serif CJK:
other letters, nothing missing.
"""
import shutil
import tempfile
import time
from pathlib import Path
from xml.sax.saxutils import escape

from console import say, warn
from layout import FONTS, VAR
from packages import Package, has_font, privilege, unpack

UNPACKED = FONTS / "unpacked"
CONFIGURATION = UNPACKED / "fonts.conf"
FANGSONG = "FandolFang-Regular.otf"
KAI = "FandolKai-Regular.otf"  # full-width quotation marks, which LXGW WenKai has not
IN_TEXLIVE = Path("/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol")
ASK_AGAIN_SECONDS = 24 * 3600
PACKAGES = [
    Package("fonts-noto-cjk", has_font("NotoSerifCJK-Bold*", FONTS), ("通报标题和黑体字", "headings of bulletins")),
    Package("fonts-arphic-uming", has_font("uming*", FONTS), ("通报正文中的生僻字", "rare characters in bulletins")),
    Package("fonts-lxgw-wenkai", has_font("LXGWWenKai-Regular*", FONTS), ("通报的楷体字", "the kai face in bulletins")),
    Package("fonts-babelstone-han", has_font("BabelStoneHan*", FONTS),
            ("通报中的扩展区生僻字（如𣒍）", "characters beyond U+20000 in bulletins")),
]


def _configure() -> None:
    """Write a fontconfig file of our own that adds the unpacked fonts to the machine's."""
    CONFIGURATION.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'
        '  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
        f"  <dir>{escape(str(UNPACKED))}</dir>\n  <cachedir>{escape(str(VAR / 'cache' / 'fontconfig'))}</cachedir>\n"
        "</fontconfig>\n", encoding="utf-8")


def _refused_lately(name: str) -> bool:
    mark = FONTS / f".{name}.refused"
    return mark.exists() and time.time() - mark.stat().st_mtime < ASK_AGAIN_SECONDS


def _take(name: str, patterns: tuple[str, ...], into: Path) -> bool:
    """Copy the matching files out of a package. A refusal is remembered for a day: starting stays quick."""
    with tempfile.TemporaryDirectory(prefix="povertyapp-fonts-") as folder:
        found = []
        if unpack(name, Path(folder)):
            found = [path for pattern in patterns for path in Path(folder).rglob(pattern)]
        for path in found:
            into.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, into / path.name)
    if not found:
        (FONTS / f".{name}.refused").touch()
    return bool(found)


def _fetch_fangsong() -> None:
    if (IN_TEXLIVE / FANGSONG).exists():
        for name in (FANGSONG, KAI):
            shutil.copy2(IN_TEXLIVE / name, FONTS / name)
        return
    if _refused_lately("texlive-lang-chinese"):
        return
    say("下载仿宋字体（约 50 MB，仅一次）", "fetching the FangSong face (about 50 MB, once)")
    if not _take("texlive-lang-chinese", (FANGSONG, KAI), FONTS):
        warn("未能取得仿宋字体 FandolFang（软件包 texlive-lang-chinese），通报正文改用 AR PL UMing CN",
             "FangSong could not be fetched, bulletins use AR PL UMing CN instead")


def ensure() -> None:
    """Have every face of the chain, or say which one is replaced. Where we may, packages were installed before."""
    FONTS.mkdir(parents=True, exist_ok=True)
    if privilege() is None:
        for package in PACKAGES:
            if not package.present() and not _refused_lately(package.name):
                say(f"下载字体 {package.name}", f"fetching {package.name} without installing it")
                if _take(package.name, ("*.ttc", "*.ttf", "*.otf"), UNPACKED):
                    _configure()
    if not all(has_font(name, FONTS)() for name in (FANGSONG, KAI)):
        _fetch_fangsong()


def environment() -> dict[str, str]:
    """What a program needs to see the unpacked fonts; nothing where every font was installed."""
    return {"FONTCONFIG_FILE": str(CONFIGURATION)} if CONFIGURATION.exists() else {}
