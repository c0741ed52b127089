"""The faces of an official document: what stands in for each, where its files are, how wide its characters are.

GB/T 9704-2012 prints in 小标宋, 仿宋, 黑体, 楷体 and 宋体. Free fonts stand in for the licensed ones, each with a chain
behind it so that the rare characters of personal and place names (堃 塱 輋 𣒍) appear. Fonts come from fontconfig, and
from the folder `settings.POVERTYAPP_FONTS` for files that no package puts where fontconfig looks.
"""
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from assessment.font_file import font_file

REGULAR, BOLD = 80, 200  # fontconfig's scale of weights


@dataclass(frozen=True)
class Face:
    """A role in the document: the families fit for it, best first, those that merely do, and the package to install."""

    role: str
    fit: tuple[str, ...]
    behind: tuple[str, ...]
    package: str
    weight: int = REGULAR

    @property
    def chain(self) -> tuple[str, ...]:
        return self.fit + self.behind


_RARE = ("BabelStone Han", "HanaMinB")  # characters beyond U+20000 that no other face has
FACES = {
    "title": Face("小标宋", ("Noto Serif CJK SC",), ("FandolSong", "AR PL UMing CN", *_RARE), "fonts-noto-cjk", BOLD),
    "body": Face("仿宋", ("FandolFang",), ("AR PL UMing CN", "Noto Serif CJK SC", *_RARE), "texlive-lang-chinese"),
    "black": Face("黑体", ("Noto Sans CJK SC", "FandolHei"), ("AR PL UMing CN", *_RARE), "fonts-noto-cjk"),
    "kai": Face("楷体", ("FandolKai", "LXGW WenKai", "AR PL UKai CN"), ("Noto Serif CJK SC", *_RARE),
                "fonts-lxgw-wenkai"),
    "song": Face("宋体", ("Noto Serif CJK SC",), ("AR PL UMing CN", *_RARE), "fonts-noto-cjk"),
    "rare": Face("生僻字", _RARE, (), "fonts-babelstone-han"),
}
# Files that may lie in settings.POVERTYAPP_FONTS, and the family each gives.
FOLDER_FILES = {
    "FandolFang-Regular.otf": "FandolFang", "FandolKai-Regular.otf": "FandolKai",
    "BabelStoneHan.ttf": "BabelStone Han", "HanaMinB.ttf": "HanaMinB",
}


@lru_cache(maxsize=1)
def known_to_fontconfig() -> dict[tuple[str, int], tuple[Path, int]]:
    """Upright faces that fontconfig knows: (family, REGULAR or BOLD) → (file, index in the file).

    Asked once per process: a new font counts after a restart. Empty when fontconfig's `fc-list` is not installed.
    """
    if not shutil.which("fc-list"):
        return {}
    listing = subprocess.run(["fc-list", "--format", "%{family}|%{file}|%{index}|%{weight}|%{slant}\n"],
                             capture_output=True, text=True, check=True).stdout
    found: dict[tuple[str, int], tuple[float, Path, int]] = {}
    for row in listing.splitlines():
        families, file, index, weight, slant = row.split("|")
        if slant != "0" or not weight.replace(".", "").isdigit():
            continue
        for family in families.split(","):
            for wanted in (REGULAR, BOLD):
                distance = abs(float(weight) - wanted)
                key = (family, wanted)
                if key not in found or (distance, Path(file)) < found[key][:2]:
                    found[key] = (distance, Path(file), int(index))
    return {key: (file, index) for key, (_, file, index) in found.items()}


def folder_faces() -> dict[str, Path]:
    """Families whose file lies in the fonts folder and which fontconfig does not know by itself."""
    known = known_to_fontconfig()
    folder = Path(settings.POVERTYAPP_FONTS)
    return {family: folder / name for name, family in FOLDER_FILES.items()
            if (family, REGULAR) not in known and (folder / name).is_file()}


def missing_fonts() -> list[str]:
    """One Chinese sentence per face that is not there, with what to install; empty when nothing is missing.

    A bulletin is rendered all the same, in the next face of the chain.
    """
    if not known_to_fontconfig():
        return ["系统没有 fontconfig 或没有任何字体，通报无法显示汉字。"
                "请安装软件包 fontconfig、fonts-noto-cjk、fonts-arphic-uming。"]
    available = {family for family, _ in known_to_fontconfig()} | set(folder_faces())
    sentences = []
    for face in FACES.values():
        if available.isdisjoint(face.fit):
            stand_in = next((family for family in face.behind if family in available), None)
            instead = f"暂用 {stand_in} 代替" if stand_in else "缺字将显示为空框"
            files = [name for name, family in FOLDER_FILES.items() if family in face.fit]
            put = f"，或把 {files[0]} 放入 {settings.POVERTYAPP_FONTS}" if files else ""
            sentences.append(f"缺少{face.role}字体 {face.fit[0]}，{instead}。"
                             f"请安装软件包 {face.package}{put}，然后重新启动。")
    return sentences


def _is_full_width(char: str) -> bool:
    """Ideographs and full-width forms: one em in every face we use, so no font needs to be opened for them."""
    code = ord(char)
    return 0x3400 <= code <= 0x9FFF or 0xFF01 <= code <= 0xFF60 or 0xF900 <= code <= 0xFAFF or code >= 0x20000


@lru_cache(maxsize=4096)
def _advance(key: str, char: str) -> float:
    face, folder, known = FACES[key], folder_faces(), known_to_fontconfig()
    for family in face.chain:
        source = known.get((family, face.weight)) or ((folder[family], 0) if family in folder else None)
        if source:
            width = font_file(*source).advance(char)
            if width is not None:
                return width
    return 1.0 if ord(char) > 0x2E7F else 0.5


def advance(key: str):
    """The function that tells the width in em of a character in the face `key` of FACES."""
    return lambda char: 1.0 if _is_full_width(char) else _advance(key, char)


def css(needs_rare: bool) -> str:
    """@font-face rules for the files of the fonts folder; the big faces for rare characters only if needed."""
    return "".join(
        f'@font-face{{font-family:"{family}";src:url("{file.as_uri()}")}}\n'
        for family, file in folder_faces().items() if needs_rare or family not in _RARE)
