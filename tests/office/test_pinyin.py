import pytest

from office.pinyin import initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("张小明", "zxm"), ("单田芳", "stf"), ("解小东", "xxd"), ("仇大伟", "qdw"), ("区大伟", "odw"), ("曾国强", "zgq"),
        ("查良", "zl"), ("盖伟", "gw"), ("尉迟恭", "ycg"), ("覃国强", "qgq"), ("阿里木·买买提", "almmmt"), ("张 明", "zm"),
        ("李Bob2", "lbob2"), ("", ""),
    ],
)  # fmt: skip
def test_initials_follow_the_reading_of_surnames(name, letters):
    assert initials(name) == letters


def test_an_override_holds_for_surnames_only():
    assert initials("李单") == "ld"
