import re

import pytest

from office.secrets import BadKeys, BadToken, KeyRing, new_key

OLD, NEW, INDEX = new_key(), new_key(), new_key()
ring = KeyRing.parse(f"k2:{NEW}, k1:{OLD}", INDEX)


def test_a_text_comes_back_in_its_own_column_only():
    token = ring.encrypt("441424199001010013", "member.citizen_number")
    assert token.startswith("k2$")
    assert "441424" not in token
    assert ring.decrypt(token, "member.citizen_number") == "441424199001010013"
    with pytest.raises(BadToken):
        ring.decrypt(token, "household.bank_card")


def test_equal_texts_have_different_tokens_and_equal_indexes():
    assert ring.encrypt("a", "c") != ring.encrypt("a", "c")
    assert ring.blind_index("44142419900101001x") == ring.blind_index(" 44142419900101001X")
    assert re.fullmatch("[0-9a-f]{32}", ring.blind_index("a"))
    assert ring.blind_index("a") != KeyRing.parse(f"k2:{NEW}", new_key()).blind_index("a")


def test_old_keys_still_decrypt_and_ask_for_rotation():
    token = KeyRing.parse(f"k1:{OLD}", INDEX).encrypt("张𬭎", "c")
    assert ring.decrypt(token, "c") == "张𬭎"
    assert ring.needs_rotation(token)
    assert not ring.needs_rotation(ring.encrypt("a", "c"))


@pytest.mark.parametrize("token", ["", "k2$", "k2$!!", "k2$AAAA", "k9$AAAA", "441424199001010013"])
def test_what_is_no_token_of_this_ring_is_refused(token):
    with pytest.raises(BadToken):
        ring.decrypt(token, "c")


def test_a_changed_token_is_refused():
    token = ring.encrypt("a", "c")
    flipped = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]
    with pytest.raises(BadToken):
        ring.decrypt(flipped, "c")


@pytest.mark.parametrize(
    ("fields", "index"),
    [("", INDEX), (OLD, INDEX), (f"k1:{OLD},k1:{NEW}", INDEX), ("k1:short", INDEX), (f"k1:{OLD}", ""), (f"k1:{OLD}", OLD),
     (f"k 1:{OLD}", INDEX), ("k1:c2hvcnQ=", INDEX)],
    ids=["no key", "no name", "name twice", "no base64", "no index key", "one key for both", "name with a space",
         "short"],
)  # fmt: skip
def test_keys_that_cannot_be_used_are_refused_without_showing_them(fields, index):
    with pytest.raises(BadKeys) as refusal:
        KeyRing.parse(fields, index)
    assert OLD not in str(refusal.value)
