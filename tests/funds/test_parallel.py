"""Many workers, one budget, some of them killed: never overspent, never paid twice, nothing lost."""
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum

from funds import chain, payment_lists
from funds.models import Account, Movement, PaymentBatch
from office.models import Area, Programme
from tests.factories import make_household, make_officer
from tests.funds.conftest import COUNTY, TOWN, USES, Desk, day, fresh

SECONDS = os.environ.get("FUNDS_PARALLEL_SECONDS", "60")


def lines_of(folder: Path) -> list[list[str]]:
    return [line.split(" ", 2) for log in folder.glob("*.log") for line in log.read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.req("R139")
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.usefixtures("committed_db")
def test_sixteen_workers_on_one_budget(tmp_path):
    desk = Desk(make_officer("finance", "finance", COUNTY), make_officer("chief", "county_office", COUNTY),
                Programme.objects.get(pk="MZ2016"))
    bound = desk.commit(desk.appropriation("100000"), desk.project(), "60000")
    shared = [desk.transfer(bound_from(bound), "10").pk for _ in range(5)]
    batch = approved_batch(desk, bound_from(bound))
    result = subprocess.run(
        [sys.executable, "-m", "tests.funds.paying", str(tmp_path), SECONDS,
         *map(str, (bound.pk, batch.pk, desk.clerk.pk, desk.chief.pk, *shared))],
        cwd=settings.BASE_DIR, env={**os.environ, "DATABASE_URL": address(), "DJANGO_SETTINGS_MODULE": "povertyapp.settings"},
        capture_output=True, text=True, timeout=180)
    assert result.returncode == 0, result.stderr
    assert not [error.read_text() for error in tmp_path.glob("*.error")]
    killed = len((tmp_path / "killed").read_text().split())
    told = lines_of(tmp_path)

    paid = {int(words[1]): Decimal(words[2]) for words in told if words[0] == "paid"}
    posted = dict(Movement.objects.filter(kind="payment").values_list("pk", "amount"))
    assert paid.items() <= posted.items()                       # nothing that was told as paid is lost
    assert len(posted) - len(paid) <= killed                    # a killed worker may not have heard of its last one
    assert fresh(bound).balance == 60000 - sum(posted.values())
    assert fresh(bound).balance >= 0
    refused = [words for words in told if words[0] == "refused"]
    assert all("余额不足" in " ".join(words) for words in refused)
    assert not refused or fresh(bound).balance < 300            # nobody was turned away while there was money
    for pk in shared:
        assert {words[2] for words in told if words[:2] == ["shared", str(pk)]} == {
            str(Movement.objects.get(voucher=pk).pk)}
    assert [words[1] for words in told if words[0] == "batch" and words[1] != "0"] in (["3"], [])
    assert batch.movements.count() == 3
    assert not Movement.objects.exclude(voucher=None).values("voucher").annotate(n=Count("pk")).filter(n__gt=1).exists()
    assert Account.objects.aggregate(total=Sum("balance"))["total"] == 0
    assert chain.verify() == chain.ChainReport(Movement.objects.count(), None)
    assert chain.verify_balances().ok
    assert len(posted) > 20


def bound_from(bound: Account) -> Account:
    return Account.objects.get(kind="budget", area_id=COUNTY, appropriation=bound.appropriation)


def approved_batch(desk: Desk, account: Account) -> PaymentBatch:
    for serial in (1, 2, 3):
        make_household(serial=serial, year=2017, bank_card=f"621700300000001{serial}")
    batch = payment_lists.create(desk.clerk, account=account, area=Area.objects.get(pk=TOWN), item="产业奖补", year=2017,
                                 unit="household", standard="100", use=USES[0])
    payment_lists.fill(batch)
    payment_lists.check(batch, desk.clerk)
    return payment_lists.approve(batch, desk.chief, on=day("2017-04-01"))


def address() -> str:
    """Where the workers find the database of this test."""
    place = connection.settings_dict
    return (f"postgres://{place['USER']}:{place['PASSWORD']}@{place['HOST'] or 'localhost'}:{place['PORT'] or 5432}/"
            f"{place['NAME']}")
