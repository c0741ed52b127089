"""Any sequence of movements, in order or not: no balance ever falls below zero, on no day, and the total stays zero."""
import datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funds import actions, chain
from funds.balances import with_balance
from funds.ledger import Refused
from funds.models import Account, Movement
from office.models import Area
from tests.funds.conftest import TOWN

pytestmark = pytest.mark.django_db
START = datetime.date(2017, 3, 1)

STARTS = {"transfer": ("budget",), "commitment": ("budget",), "payment": ("project",), "refund": ("payee", "project"),
          "carry_over": ("budget", "project")}
STEP = st.tuples(
    st.sampled_from(["appropriation", "transfer", "commitment", "payment", "refund", "carry_over", "reversal"]),
    st.integers(0, 5), st.integers(0, 5), st.integers(1, 9000),
    st.integers(-15, 10))


def attempt(desk, projects, number, step) -> bool:
    """One step with whatever accounts there are; False when it is refused."""
    kind, one, other, fen, later = step
    amount, on = Decimal(fen).scaleb(-2), START + datetime.timedelta(days=40 + 10 * number + later)
    held = list(Account.objects.exclude(kind="source").order_by("pk"))
    rows = list(Movement.objects.order_by("pk"))
    # Mostly an account that the step can start from, sometimes any.
    fitting = [account for account in held if account.kind in STARTS.get(kind, ()) and account.balance] if one else []
    pool = fitting or held
    account = pool[one % len(pool)] if pool else None
    record = {
        "transfer": lambda: actions.record_transfer(
            desk.clerk, account=account, area=Area.objects.get(pk=TOWN), amount=amount, on=on),
        "commitment": lambda: actions.record_commitment(
            desk.clerk, account=account, project=projects[other % 2], amount=amount, on=on),
        "payment": lambda: actions.record_payment(desk.clerk, account=account, amount=amount, on=on, payee="甲"),
        "refund": lambda: actions.record_refund(
            desk.clerk, account=account, to_account=_back(account, held, other), amount=amount, on=on),
        "carry_over": lambda: actions.record_carry_over(desk.clerk, account=account, amount=amount, on=on),
        "reversal": lambda: actions.record_reversal(desk.clerk, rows[other % len(rows)], on=on, reason="改"),
    }
    try:
        with transaction.atomic():
            if kind == "appropriation":
                desk.appropriation(amount, number=f"文{number}", on=START.isoformat())
            else:
                desk.approve(record[kind]())
    except Refused:
        return False
    return True


def _back(account, held, other):
    """Where money of the account may come back to, or now and then some other account."""
    near = [one for one in held if other and one.appropriation_id == account.appropriation_id and one != account
            and one.kind == {"payee": "project", "project": "budget"}.get(account.kind)]
    return (near or held)[other % len(near or held)]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEP, min_size=5, max_size=18))
def test_no_sequence_of_movements_overdraws_or_loses_a_fen(desk, steps):
    with transaction.atomic():
        projects = [desk.project("甲"), desk.project("乙", area="441424134002")]
        county = desk.appropriation("400", number="文", on=START.isoformat())
        for project in projects:
            desk.commit(county, project, "100")
        for number, step in enumerate(steps):
            attempt(desk, projects, number, step)
        days = sorted(set(Movement.objects.values_list("on", flat=True)))
        for on in days:
            balances = with_balance(on).exclude(kind="source").values_list("balance_on", flat=True)
            assert all(balance >= 0 for balance in balances), (on, steps)
        assert Account.objects.aggregate(total=Sum("balance"))["total"] == 0
        assert chain.verify_balances().ok
        assert chain.verify() == chain.ChainReport(Movement.objects.count(), None)
        transaction.set_rollback(True)
