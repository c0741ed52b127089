"""What the tests of the pages share: people at their browsers, a paid list, and reading figures off a page."""
import re
from html import unescape

from django.contrib.messages import get_messages
from django.test import Client

from funds import payment_lists, payments
from funds.models import Account, PaymentBatch
from office.models import Area
from tests.factories import make_household
from tests.funds.conftest import TOWN, USES, Desk, day, fresh

CARD = "6228480{}{:03d}"


def browser(officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(response) -> str:
    """The page as a reader sees it: tags away, blanks joined."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(text).split())


def told(response) -> str:
    """The sentences that stand on top of the next page."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def households(*serials: int, village: str = "441424134001", year: int = 2017) -> None:
    for serial in serials:
        make_household(village, year, serial=serial, head_name=f"陈{serial}户", bank_name="农村信用社",
                       bank_card=CARD.format(village[3:], serial), members=({},))


def listed(desk: Desk, account: Account, *, area: str = TOWN, item: str = "产业奖补", standard: str = "800",
           investment=None) -> PaymentBatch:
    """A list from the register, made and checked."""
    batch = payment_lists.create(desk.clerk, account=account, area=Area.objects.get(pk=area), item=item, year=2017,
                                 unit="household", standard=standard, use=USES[0], investment=investment)
    payment_lists.fill(batch)
    payment_lists.check(batch, desk.clerk)
    return fresh(batch)


def paid(desk: Desk, account: Account, **facts) -> PaymentBatch:
    batch = listed(desk, account, **facts)
    payment_lists.approve(batch, desk.chief, on=day("2017-06-01"))
    payments.pay(batch, desk.clerk, on=day("2017-06-05"))
    return fresh(batch)


def bank_file(batch: PaymentBatch, *, failed=()) -> bytes:
    rows = ["批次号,银行流水号,序号,金额,结果,原因"]
    for line in batch.lines.filter(live=True).order_by("position"):
        rows.append(f"{batch.number},NX1,{line.position},{line.amount},{'失败,户名不符' if line.position in failed else '成功,'}")
    return ("\n".join(rows) + "\n").encode()
