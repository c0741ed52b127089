"""The ledger: posting payments to persons, balances as of a day, checking the chain; each beside what it cannot beat."""
import datetime
import hashlib
import io
import sys
from decimal import Decimal
from itertools import count

from django.db import connection, transaction

from assessment.demo.setting import programmes_of
from funds import accounts, actions, balances, chain, ledger, payment_lists, payments
from funds.models import Account, Appropriation, Movement, PaymentBatch
from funds.rules import funding
from funds.states import BatchState, BatchUnit, Kind, Source
from office.models import Area, Level, Officer, Posting
from office.money import to_fen
from office.roles import Role
from tests.bench.jobs import answer, timed
from tests.bench.sizes import YEAR

PRODUCT, FLOOR = Movement._meta.db_table, "floor_movement"
ISSUED, POSTED, MIDDLE = (datetime.date(YEAR, month, 10) for month in (1, 3, 6))
DOCUMENTS, TRANSFERS = 5, 20        # accounts are villages × documents, each with so many transfers
GRANT, PART, STANDARD = Decimal(5_000_000_000), Decimal(1000), Decimal(100)


def ready(area: str, batches: int) -> dict:
    """Documents, accounts with transfers in them, and lists approved for payment, one line per registered person."""
    county = Area.objects.get(pk=area)
    recorder, approver = (_officer(role, county) for role in (Role.FINANCE, Role.COUNTY_LEADER))
    documents = [_document(recorder, approver, county, number) for number in range(1, DOCUMENTS + 1)]
    transfers = _transfers(documents, county, recorder, approver)
    lines = [_list(documents[0], county, recorder, approver, number) for number in range(1, batches + 1)]
    _floor_table()
    with connection.cursor() as cursor:     # as the server's own housekeeping leaves tables some minutes after a load
        cursor.execute("VACUUM ANALYZE")
    return {"transfers": transfers, "lines": lines}


def _officer(role: Role, county: Area) -> Officer:
    made = Officer.objects.create(username=f"bench-{role}", name=role.label)
    Posting.objects.create(officer=made, role=role, area=county, starts_on=datetime.date(YEAR, 1, 1))
    return made


def _document(recorder: Officer, approver: Officer, county: Area, number: int) -> Appropriation:
    (programme, *_) = programmes_of(county)
    voucher = actions.record_appropriation(
        recorder, programme=programme, area=county, document_number=f"测财农〔{YEAR}〕{number}号", title="测量用资金",
        amount=GRANT, source=Source.PROVINCE, payer_name="省财政厅", issued_on=ISSUED, subject_code="2130505",
        permitted_uses=funding(programme.pk).uses)
    actions.approve(voucher, approver)
    return voucher.appropriation


def _transfers(documents: list[Appropriation], county: Area, recorder: Officer, approver: Officer) -> int:
    """Many movements into an account for every village and document."""
    villages = list(Area.objects.within(county.pk).filter(level=Level.VILLAGE).values_list("pk", flat=True))
    rows, number = [], count(1)
    for document in documents:
        budget = accounts.budget(document, county)
        for village in villages:
            account = accounts.budget(document, village)
            rows += [ledger.row(
                on=(POSTED + datetime.timedelta(days=10 * turn)).isoformat(), kind=str(Kind.TRANSFER), from_account_id=budget.pk,
                to_account_id=account.pk, amount=to_fen(PART), appropriation_id=document.pk, document=document.document_number,
                subject_code=document.subject_code, area_id=village, voucher_number=f"B{next(number)}",
                recorded_by_id=recorder.pk, approved_by_id=approver.pk) for turn in range(TRANSFERS)]
    ledger.post(rows)
    return len(rows)


def _list(document: Appropriation, county: Area, recorder: Officer, approver: Officer, number: int) -> int:
    batch = payment_lists.create(
        recorder, account=accounts.budget(document, county), area=county, item=f"测量用补助{number}", year=YEAR,
        unit=BatchUnit.PERSON, standard=STANDARD, use=document.uses.first().name)
    payment_lists.fill(batch)
    payment_lists.check(batch, recorder)
    payment_lists.approve(batch, approver)
    batch.refresh_from_db()
    print(f"  {batch.number}: {batch.lines_count:,}", file=sys.stderr, flush=True)
    return batch.lines_count


def _floor_table() -> None:
    """A table like the ledger's: columns, constraints, indexes and foreign keys, but nothing that guards or counts."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {FLOOR} (LIKE {PRODUCT} INCLUDING ALL)")
        cursor.execute("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
                       f"WHERE contype = 'f' AND conrelid = '{PRODUCT}'::regclass")
        for name, definition in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {FLOOR} ADD CONSTRAINT "floor_{name[-50:]}" {definition}')
        cursor.execute(f"INSERT INTO {FLOOR} SELECT * FROM {PRODUCT}")


# Posting


def pay() -> dict:
    """The next approved list, paid as the button does it."""
    batch = PaymentBatch.objects.filter(state=BatchState.APPROVED).order_by("pk").first()
    recorder = Officer.objects.get(username=f"bench-{Role.FINANCE}")
    with timed() as clock:
        posted = payments.pay(batch, recorder)
    return {"seconds": clock.seconds, "rows": posted}


def copy() -> dict:
    """The rows of the list paid last, sent by COPY into the like table."""
    batch = PaymentBatch.objects.filter(state=BatchState.PAID).order_by("pk").last()
    rows = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT * FROM {PRODUCT} WHERE batch_id = {batch.pk} ORDER BY sequence) TO STDOUT", rows)
    rows.seek(0)
    with timed() as clock, transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {FLOOR} FROM STDIN", rows)
    return {"seconds": clock.seconds}


# Reading


def held(limit: int) -> dict:
    """Balances of the accounts as of a day, by the product's one statement."""
    chosen = Account.objects.filter(pk__in=_chosen(limit))
    connection.ensure_connection()
    with timed() as clock:
        found = dict(balances.with_balance(MIDDLE, chosen).values_list("pk", "balance_on"))
    return {"seconds": clock.seconds, "accounts": len(found), "fen": to_fen(sum(found.values()))}


def held_by_hand(limit: int) -> dict:
    """The same in plain SQL: both sides of every movement of these accounts, summed by account."""
    chosen = list(_chosen(limit))
    side = f'FROM {PRODUCT} WHERE "on" <= %s AND'
    with timed() as clock, connection.cursor() as cursor:
        cursor.execute(f"""
            SELECT account, sum(amount) FROM (
                SELECT to_account_id AS account, amount {side} to_account_id = ANY(%s)
                UNION ALL SELECT from_account_id, -amount {side} from_account_id = ANY(%s)) sides
            GROUP BY account""", [MIDDLE, chosen, MIDDLE, chosen])
        found = cursor.fetchall()
    return {"seconds": clock.seconds, "accounts": len(found), "fen": int(sum(fen for _, fen in found))}


def _chosen(limit: int):
    """Accounts of villages, and of the county with all that was paid out of it."""
    return Account.objects.exclude(kind="source").order_by("pk").values_list("pk", flat=True)[:limit]


def verify() -> dict:
    """The chain recomputed from the database."""
    connection.ensure_connection()
    with timed() as clock:
        report = chain.verify()
    if report.first_bad is not None:
        raise RuntimeError(f"the chain breaks at {report.first_bad}")
    return {"seconds": clock.seconds, "rows": report.entries}


def hashed() -> dict:
    """The same bytes, read beforehand, through SHA-256 one after another."""
    lines: list[bytes] = []
    chain.each_line(lines.append)
    lines = [line[chain.DIGEST_LENGTH + 1:] for line in lines]
    previous, sha256 = b"", hashlib.sha256
    with timed() as clock:
        for line in lines:
            previous = sha256(previous + line).hexdigest().encode()
    return {"seconds": clock.seconds, "rows": len(lines)}


def read() -> dict:
    """The same bytes out of the database and thrown away: what checking costs before the first byte is hashed."""
    connection.ensure_connection()
    with timed() as clock:
        chain.each_line(lambda line: None)
    return {"seconds": clock.seconds}


if __name__ == "__main__":
    answer({"ready": ready, "pay": pay, "copy": copy, "held": held, "held_by_hand": held_by_hand, "verify": verify,
            "hashed": hashed, "read": read})
