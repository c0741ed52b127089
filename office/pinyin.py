"""Pinyin initials of names, for search: 张小明 is found by zxm."""

from pypinyin import Style, pinyin

# Surnames that are read otherwise than the same character elsewhere.
_COMPOUND_SURNAMES = {
    "万俟": "mq", "单于": "cy", "尉迟": "yc", "长孙": "zs", "澹台": "tt", "令狐": "lh", "皇甫": "hf",
    "宇文": "yw", "鲜于": "xy", "闾丘": "lq", "司徒": "st", "司马": "sm", "欧阳": "oy", "上官": "sg",
    "诸葛": "zg", "东方": "df", "夏侯": "xh", "公孙": "gs", "慕容": "mr", "濮阳": "py", "呼延": "hy",
}  # fmt: skip
_SURNAMES = {
    "单": "s", "解": "x", "仇": "q", "区": "o", "曾": "z", "查": "z", "盖": "g", "覃": "q", "朴": "p",
    "任": "r", "冼": "x", "洗": "x", "缪": "m", "翟": "z", "乐": "y", "召": "s", "种": "c", "折": "s",
    "秘": "b", "员": "y", "繁": "p", "能": "n", "谌": "c", "郗": "x", "逄": "p", "黑": "h", "牟": "m",
    "宓": "m", "祭": "z", "钭": "t", "乜": "n", "幺": "y", "句": "g", "车": "c", "贾": "j", "石": "s",
    "沈": "s", "柏": "b", "俞": "y", "宿": "s", "尉": "w", "万": "w", "瞿": "q", "隗": "w", "褚": "c",
    "哈": "h", "佴": "n", "晁": "c", "适": "k", "过": "g", "卜": "b", "强": "q", "重": "c", "长": "z",
}  # fmt: skip

_seen: dict[str, str] = {}


def initials(name: str) -> str:
    """Lower-case initials; letters and digits stay, marks and characters without a known reading are left out."""
    name = name.strip()
    compound = _COMPOUND_SURNAMES.get(name[:2])
    if compound:
        return compound + "".join(map(_initial, name[2:]))
    return _SURNAMES.get(name[:1], _initial(name[:1])) + "".join(map(_initial, name[1:]))


def _initial(character: str) -> str:
    """The first letter of one character, remembered: a register repeats few characters many times."""
    found = _seen.get(character)
    if found is None:
        found = _seen[character] = _look_up(character)
    return found


def _look_up(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    readings = pinyin(character, style=Style.FIRST_LETTER, errors="ignore")
    return readings[0][0] if readings else ""
