"""Numbers and names that identify people: citizen numbers, disability cards, bank cards, personal names.

Every check answers with a Chinese sentence that says what is wrong, or with None.
"""

import datetime as dt
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal

PREFIX_FILE = Path(__file__).parent / "data" / "gb2260_prefixes.txt"
OLDEST_BIRTH_YEAR = 1880

Sex = Literal["男", "女"]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_FORM = re.compile(r"\d{17}[\dX]", re.ASCII)
_DISABILITY_CARD = re.compile(r"\d{17}[\dX][1-7][1-4](?:B\d?)?", re.ASCII)
_CARD = re.compile(r"\d{12,19}", re.ASCII)
_DOTS = str.maketrans(dict.fromkeys("•‧∙・･⋅.．", "·"))


def normal_number(text: str) -> str:
    """A long number as it is stored: half-width, upper case, without spaces."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def check_character(first_17: str) -> str:
    """The eighteenth character that GB 11643 gives to seventeen digits."""
    return _CHECK_CHARACTERS[sum(w * int(d) for w, d in zip(_WEIGHTS, first_17, strict=True)) % 11]


def citizen_number_error(number: str, today: dt.date) -> str | None:
    """Why a normalised citizen number (GB 11643) cannot be right on that day; None when it can."""
    if not _FORM.fullmatch(number):
        return "证件号码应为 18 位：17 位数字加 1 位数字或 X，请对照身份证或户口簿核对"
    born = birth_date(number)
    if born is None or born.year < OLDEST_BIRTH_YEAR:
        return "证件号码第 7 至 14 位不是可能的出生日期，请对照身份证或户口簿核对"
    if born > today:
        return "证件号码中的出生日期晚于今天，请对照身份证或户口簿核对"
    if check_character(number[:17]) != number[17]:
        return "证件号码末位校验码不对，请逐位核对"
    return None


def citizen_number_warning(number: str) -> str | None:
    """A doubt about a number that is formally right: its area was never in GB/T 2260."""
    if number[:6] in known_prefixes():
        return None
    return f"证件号码前六位 {number[:6]} 不在历年行政区划代码中，请核对"


@cache
def known_prefixes() -> frozenset[str]:
    """Six-digit codes of all editions of GB/T 2260; abolished ones stay in use on cards for life."""
    lines = PREFIX_FILE.read_text(encoding="utf-8").splitlines()
    entries = (line.split() for line in lines if not line.startswith("#"))
    return frozenset(prefecture + end for prefecture, *ends in entries for end in ends)


def birth_date(number: str) -> dt.date | None:
    """The birth date written in a citizen number; None when it is no date."""
    try:
        return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def birth_year(number: str) -> int:
    """The year of birth in a checked citizen number."""
    return int(number[6:10])


def sex(number: str) -> Sex:
    """The sex in a checked citizen number: the seventeenth digit is odd for men."""
    return "男" if int(number[16]) % 2 else "女"


def bank_card_error(number: str) -> str | None:
    """Why a normalised bank card number is doubtful: its length or its check digit (Luhn)."""
    if not _CARD.fullmatch(number):
        return "银行卡号应为 12 至 19 位数字，请核对"
    if not passes_luhn(number):
        return "银行卡号校验位不对，请逐位核对"
    return None


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    total = 0
    for position, character in enumerate(reversed(digits)):
        digit = int(character)
        if position % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def disability_card_error(number: str, citizen_number: str | None = None) -> str | None:
    """Why a normalised disability card number is doubtful.

    It is the holder's citizen number, one digit for the kind (1-7), one for the grade (1-4), and after a re-issue
    B with its count.
    """
    if not 20 <= len(number) <= 22 or not _DISABILITY_CARD.fullmatch(number):
        return "残疾证号应为 20 至 22 位：证件号码加 1 位类别（1–7）和 1 位等级（1–4），补发的再加 B 和次数，请核对"
    if citizen_number and number[:18] != citizen_number:
        return "残疾证号前 18 位与证件号码不一致，请核对"
    return None


def normal_name(text: str) -> str:
    """A personal name as it is stored: no spaces, every kind of middle dot as ·, rare characters untouched.

    Full Unicode normalisation would replace characters that stand on the identity card, so it is not applied.
    """
    return "".join(text.split()).translate(_DOTS)


def name_error(name: str) -> str | None:
    """Why a normalised name cannot be one: 2 to 30 Chinese characters, with · inside."""
    if not 2 <= len(name) <= 30:
        return "姓名应为 2 至 30 个汉字，请核对"
    if name[0] == "·" or name[-1] == "·" or not all(c == "·" or is_chinese(c) for c in name):
        return "姓名只能用汉字和间隔号“·”，请核对"
    return None


def is_chinese(character: str) -> bool:
    """Whether a character is Chinese, on any plane; 〇 and private-use stand-ins for rare characters count."""
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x3FFFD
        or 0xF900 <= code <= 0xFAFF
        or code == 0x3007
        or 0xE000 <= code <= 0xF8FF
    )
