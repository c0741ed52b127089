import pytest

from office import masking


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张小明", "张*明"), ("张明", "张*"), ("欧阳小明", "欧**明"), ("张", "*"), ("", ""), ("𠮷𬭎𬱖", "𠮷*𬱖")],
)
def test_names_keep_their_ends(name, shown):
    assert masking.mask_name(name) == shown


def test_numbers_keep_what_tells_them_apart_and_nothing_else():
    assert masking.mask_id("441421199001017751") == "441421********7751"
    assert masking.mask_phone("13812341234") == "138****1234"
    assert masking.mask_phone("2345678") == "*****78"
    assert masking.mask_card("6217001234567890123") == "***************0123"


@pytest.mark.parametrize("mask", [masking.mask_id, masking.mask_phone, masking.mask_card])
def test_short_numbers_are_hidden_whole(mask):
    assert mask("1234") == "****"
    assert mask("") == ""
