"""A made-up ledger in which everything happened: money of several documents that was passed down, bound, paid, sent back,
reversed, carried over and paid to households of the own and of other townships. The same for the same seed."""
import datetime
import random
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from funds import actions, payment_lists, payments
from funds.ledger import Refused
from funds.models import Account, Movement, Project
from office.models import Area
from tests.factories import VILLAGE
from tests.funds.conftest import COUNTY, TOWN, USES, Desk, fresh
from tests.funds.pages import bank_file, households

OTHER_VILLAGE, OTHER_TOWN, OTHER_TOWNS_VILLAGE = "441424134002", "441424103000", "441424103001"
START = datetime.date(2016, 3, 1)
KINDS = ("transfer", "transfer", "commit", "commit", "pay", "pay", "pay", "back", "back", "carry_over", "reverse", "reverse",
         "cards", "cards", "document")


@dataclass
class Wandering:
    """Does steps with whatever lies where; a step that the rules refuse is left out."""

    desk: Desk
    folder: object                  # where bank files are written
    chance: random.Random
    today: datetime.date = START
    projects: list[Project] = field(default_factory=list)
    lists: int = 0
    documents: int = 0

    def run(self, steps: int) -> None:
        for village in (VILLAGE, OTHER_VILLAGE, OTHER_TOWNS_VILLAGE):
            households(1, 2, village=village)
        for number, area in enumerate((VILLAGE, OTHER_VILLAGE, OTHER_TOWNS_VILLAGE, TOWN, COUNTY)):
            self.projects.append(self.desk.project(f"XM{number}", area=area, entered_on=START.isoformat()))
        for _ in range(3):
            self.document()
        for _ in range(steps):
            self.today += datetime.timedelta(days=self.chance.randint(0, 25))
            if self.today > timezone.localdate():
                break
            try:
                with transaction.atomic():
                    getattr(self, self.chance.choice(KINDS))()
            except (Refused, IndexError):
                continue

    def account(self, *kinds: str) -> Account:
        """Some account with money in it; IndexError when there is none."""
        return self.chance.choice(list(Account.objects.filter(kind__in=kinds, balance__gt=0).order_by("pk")))

    def part(self, account: Account) -> Decimal:
        """A part of what lies there, now and then all of it."""
        fen = int(account.balance * 100)
        return Decimal(self.chance.choice((fen, self.chance.randint(1, fen), max(fen // 3, 1)))).scaleb(-2)

    def document(self) -> None:
        self.documents += 1
        self.desk.appropriation(
            str(self.chance.randint(2000, 90000)), number=f"文〔{self.today.year}〕{self.documents}号", on=self.today.isoformat(),
            area=self.chance.choice((COUNTY, COUNTY, TOWN)), source=self.chance.choice(("province", "county", "society")))

    def transfer(self) -> None:
        account = self.account("budget")
        target = self.chance.choice((TOWN, OTHER_TOWN, VILLAGE))
        self.desk.approve(self.desk.transfer(account, self.part(account), to=target, on=self.today.isoformat()))

    def commit(self) -> None:
        account = self.account("budget")
        self.desk.commit(account, self.chance.choice(self.projects), self.part(account), on=self.today.isoformat())

    def pay(self) -> None:
        account = self.account("project")
        self.desk.pay(account, self.part(account), on=self.today.isoformat(),
                      stage=self.chance.choice(("advance", "progress", "final", "")))

    def back(self) -> None:
        account = self.account("payee", "cards", "project", "budget")
        near = Account.objects.filter(appropriation=account.appropriation, kind__in={
            "payee": ("project",), "cards": ("project", "budget"), "project": ("budget",)}.get(account.kind, ()))
        target = self.chance.choice(list(near.order_by("pk"))) if near else Movement.objects.get(
            appropriation=account.appropriation, kind="appropriation").from_account
        self.desk.approve(actions.record_refund(self.desk.clerk, account=account, to_account=target, amount=self.part(account),
                                                on=self.today))

    def carry_over(self) -> None:
        self.desk.approve(actions.record_carry_over(self.desk.clerk, account=self.account("budget", "project"), on=self.today))

    def reverse(self) -> None:
        wrong = self.chance.choice(list(Movement.objects.filter(batch__isnull=True).order_by("pk")))
        self.desk.approve(actions.record_reversal(self.desk.clerk, wrong, on=self.today, reason="登记有误"))

    def cards(self) -> None:
        """A list paid out of an account, also to households elsewhere; now and then the bank sends some of it back."""
        account = self.account("budget", "project")
        self.lists += 1
        batch = payment_lists.create(
            self.desk.clerk, account=account, area=Area.objects.get(pk=self.chance.choice((COUNTY, TOWN, VILLAGE))), year=2017,
            item=f"奖补{self.lists}", unit="household", use=USES[0], standard=Decimal(self.chance.randint(1, 90000)).scaleb(-2))
        payment_lists.fill(batch)
        payment_lists.check(batch, self.desk.clerk)
        batch = fresh(batch)
        payment_lists.approve(batch, self.desk.chief, on=self.today)
        payments.pay(batch, self.desk.clerk, on=self.today)
        if self.chance.random() < 0.6:
            path = self.folder / f"{self.lists}.csv"
            path.write_bytes(bank_file(fresh(batch), failed={self.chance.randint(1, 6)}))
            payments.match_return(fresh(batch), path, self.desk.clerk, on=self.today)


def wander(desk: Desk, folder, seed: int, steps: int = 70) -> None:
    Wandering(desk, folder, random.Random(seed)).run(steps)
