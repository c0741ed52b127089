"""Two people who may move money and the money of one county to move."""
import datetime
from dataclasses import dataclass

import pytest
from django.db import connection

from funds import accounts, actions
from funds.models import Account, Appropriation, Project
from office.append_only import protect, unprotect
from office.models import Area, Officer, Programme
from tests.factories import VILLAGE

COUNTY, TOWN = "441424000000", "441424134000"
USES = ("发展特色产业", "扶持就业")


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@dataclass
class Desk:
    """A county's finance desk: who records, who approves, and short ways to post one movement."""

    clerk: Officer
    chief: Officer
    programme: Programme

    def appropriation(self, amount="1000000", *, number="粤财农〔2017〕1号", on="2017-03-01", area=COUNTY, **facts) -> Account:
        """Money granted to an area; returns the account it lies in."""
        values = {"title": "省级财政专项扶贫资金", "source": "province", "payer_name": "省财政厅", "subject_code": "2130599",
                  "permitted_uses": USES} | facts
        voucher = actions.record_appropriation(
            self.clerk, programme=self.programme, area=Area.objects.get(pk=area), document_number=number,
            issued_on=day(on), amount=amount, **values)
        self.approve(voucher)
        return fresh(voucher.to_account)

    def approve(self, voucher):
        return actions.approve(voucher, self.chief)

    def transfer(self, account, amount, *, to=TOWN, on="2017-03-10"):
        """A draft; approve it to move the money."""
        return actions.record_transfer(self.clerk, account=account, area=Area.objects.get(pk=to), amount=amount, on=day(on))

    def project(self, number="XM001", *, area=VILLAGE, entered_on="2017-03-05", **facts) -> Project:
        values = {"name": "油茶种植", "category": "产业", "use": USES[0], "implementer": "村经济合作社", "year": 2017,
                  "state": "entered" if entered_on else "proposed",
                  "approved_by": self.chief if entered_on else None} | facts
        return Project.objects.create(number=number, programme=self.programme, area_id=area, recorded_by=self.clerk,
                                      entered_on=day(entered_on) if entered_on else None, **values)

    def commit(self, account, project, amount, on="2017-04-01") -> Account:
        self.approve(actions.record_commitment(self.clerk, account=account, project=project, amount=amount, on=day(on)))
        return fresh(accounts.project(account.appropriation, project, account.year))

    def pay(self, account, amount, on="2017-05-01", **texts):
        return self.approve(actions.record_payment(self.clerk, account=account, amount=amount, on=day(on),
                                                   payee="兴农合作社", **texts))


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


@pytest.fixture
def desk(officer) -> Desk:
    return Desk(officer("finance", COUNTY, name="财政经办"), officer("county_office", COUNTY, name="扶贫办复核"),
                Programme.objects.get(pk="MZ2016"))


@pytest.fixture
def document(desk) -> Appropriation:
    return desk.appropriation().appropriation


@pytest.fixture
def raw_change(db):
    """Somebody who holds the database itself: changes the ledger with the triggers out of the way."""
    def change(sql: str) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            unprotect(connection, "funds_movement")
            cursor.execute(sql)
        protect(connection, "funds_movement")

    return change
