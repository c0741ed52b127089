"""Key rotation: everything readable before is readable after, under the new key alone, history included."""
import pytest
from allauth.mfa.models import Authenticator
from django.db import connection

from households.models import MemberYear
from office import fields
from office.accounts import SECOND_FACTOR
from office.secrets import KeyRing, new_key
from tests.factories import make_household


@pytest.mark.req("R325")
def test_rotation_moves_every_value_to_the_new_key(officer, command, monkeypatch):
    old, new, index = f"old:{new_key()}", f"new:{new_key()}", new_key()
    monkeypatch.setattr(fields, "ring", KeyRing.parse(old, index))
    row = make_household(phone="13800001234", bank_card="6222020000000000000")
    clerk = officer("town_clerk", "441424134000")
    Authenticator.objects.create(user=clerk, type="totp", data={"secret": fields.ring.encrypt("JBSWY3DP", SECOND_FACTOR)})
    numbers = list(MemberYear.objects.values_list("id_number", flat=True))
    both = KeyRing.parse(f"{new},{old}", index)
    monkeypatch.setattr(fields, "ring", both)
    monkeypatch.setattr("office.rotation.ring", both)

    code, first, said = command("rotate_keys")
    _, second, _ = command("rotate_keys")

    assert code == 0, said
    assert first["rotated"] >= 4      # two rows and their history
    assert second["rotated"] == 0
    monkeypatch.setattr(fields, "ring", KeyRing.parse(new, index))
    secret = Authenticator.objects.get().data["secret"]
    assert fields.ring.decrypt(secret, SECOND_FACTOR) == "JBSWY3DP"
    row.refresh_from_db()
    assert (row.phone, list(MemberYear.objects.values_list("id_number", flat=True))) == ("13800001234", numbers)
    assert row.history.first().phone == "13800001234"
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM households_householdyear")
        assert cursor.fetchone()[0].startswith("new$")
