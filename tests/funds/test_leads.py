"""Leads: what the ledger, the lists of payments and the register show of themselves, and nothing else."""
import io

import openpyxl
import pytest
from django.utils import timezone

from funds import leads, oversight, payment_lists, payments
from funds.models import BatchLine, Procurement, Publication
from funds.places import View
from households.models import MemberYear
from office.models import Area
from tests.factories import make_household
from tests.funds.conftest import COUNTY, TOWN, USES, day, fresh
from tests.funds.pages import CARD, browser, households, paid, words

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
LIST = "/funds/supervision/leads/"


def found(desk, key: str) -> list:
    view = View(desk.clerk, Area.objects.get(pk=COUNTY))
    return sorted(getattr(row, "household_id", None) or row.number for row in leads.rows(view, key, TODAY))


def number(serial: int) -> str:
    return f"441424134001{serial:04d}"


@pytest.fixture
def batch(desk):
    """Three households that were paid 800 each."""
    households(1, 2, 3)
    return paid(desk, desk.appropriation("10000"))


def person_list(desk, account, item="培训补助"):
    made = payment_lists.create(desk.clerk, account=account, area=Area.objects.get(pk=TOWN), item=item, year=2017,
                                unit="person", standard="100", use=USES[0])
    payment_lists.fill(made)
    return settle(desk, made)


def settle(desk, made):
    """Checked, approved and paid."""
    payment_lists.check(fresh(made), desk.clerk)
    payment_lists.approve(fresh(made), desk.chief, on=day("2017-06-05"))
    payments.pay(fresh(made), desk.clerk, on=day("2017-06-05"))
    return fresh(made)


@pytest.mark.req("R146", "R147")
def test_a_clean_list_shows_nothing(desk, batch):
    for key in leads.leads():
        assert found(desk, key) == []


@pytest.mark.req("R147")
@pytest.mark.parametrize("status", ["decreased", "removed"])
def test_paid_to_those_who_are_gone(desk, batch, status):
    MemberYear.objects.filter(member=f"{number(1)}01").update(status=status)

    assert found(desk, "gone") == [number(1)]


def test_a_person_gone_since_an_earlier_year(desk):
    make_household(serial=1, year=2016, head_name="陈1户", members=({}, {"status": "decreased"}))
    make_household(serial=1, year=2017, head_name="陈1户", bank_name="农信", bank_card=CARD.format("x", 1), members=({}, {}))
    person_list(desk, desk.appropriation("1000"))
    assert found(desk, "gone") == []                        # registered again in the year of the payment

    MemberYear.objects.filter(member=f"{number(1)}02", year=2017).delete()
    assert found(desk, "gone") == [number(1)]


def test_a_household_with_somebody_left_is_not_gone(desk):
    make_household(serial=1, year=2017, head_name="陈1户", bank_name="农信", bank_card=CARD.format("x", 1), members=({}, {}))
    paid(desk, desk.appropriation("10000"))
    MemberYear.objects.filter(member=f"{number(1)}02").update(status="decreased")

    assert found(desk, "gone") == []


@pytest.mark.req("R147")
def test_one_person_under_two_numbers_was_paid_twice(desk):
    households(1, 2, 3)
    person_list(desk, desk.appropriation("1000"))
    assert found(desk, "twice") == []

    first = MemberYear.objects.get(member=f"{number(1)}01")
    MemberYear.objects.filter(pk=first.pk).update(status="removed")
    MemberYear.objects.filter(member=f"{number(2)}01").update(id_number_index=first.id_number_index)
    assert found(desk, "twice") == [number(1), number(2)]


@pytest.mark.req("R147")
def test_the_holder_of_the_account_is_nobody_of_the_household(desk, batch):
    MemberYear.objects.filter(member=f"{number(3)}01").update(name="改名后")

    assert found(desk, "holder") == [number(3)]


@pytest.mark.req("R147")
def test_one_account_took_the_money_of_two_households(desk, batch):
    account = fresh(batch.account)
    other = payment_lists.create(desk.clerk, account=account, area=Area.objects.get(pk=TOWN), item="另一补助", year=2017,
                                 unit="household", standard="50", use=USES[0])
    card = BatchLine.objects.get(household=number(1)).card
    payment_lists.fill(other, [payment_lists.Entitled(number(2), card=card)])
    settle(desk, other)

    assert found(desk, "shared_card") == [number(1), number(2)]


def test_what_came_back_is_no_lead(desk, batch):
    MemberYear.objects.filter(member=f"{number(1)}01").update(status="removed")
    BatchLine.objects.filter(household=number(1)).update(result="failed")

    assert found(desk, "gone") == []


@pytest.mark.req("R147", "R148")
@pytest.mark.parametrize(("shown", "expected"), [("2017-05-01", []), ("2017-05-02", ["XM001"]), (None, [])])
def test_paid_before_anybody_could_know(desk, shown, expected):
    project = desk.project()
    desk.pay(desk.commit(desk.appropriation("1000"), project, "500"), "100", on="2017-05-01")
    if shown:
        oversight.publish(Publication(project=project, what="project", channel="board", from_on=day(shown),
                                      to_on=day("2017-06-01"), evidence="照片"), desk.clerk)

    assert found(desk, "before_notice") == expected


@pytest.mark.req("R145")
@pytest.mark.parametrize(("progress", "expected"), [(60, []), (59, ["XM001"])])
def test_progress_was_paid_beyond_what_is_built(desk, progress, expected):
    project = desk.project(progress=progress)
    bound = desk.commit(desk.appropriation("1000"), project, "500")
    desk.pay(bound, "100", stage="advance")
    desk.pay(fresh(bound), "300", stage="progress")
    assert found(desk, "above_progress") == []               # without a contract nothing can be compared

    oversight.procure(Procurement(project=project, method="inquiry", winner="甲", amount=500, decided_on=day("2017-04-01")),
                      desk.clerk)
    assert found(desk, "above_progress") == expected


@pytest.mark.req("R146")
def test_the_auditor_opens_and_takes_away_the_rows(desk, batch, client_of):
    MemberYear.objects.filter(member=f"{number(1)}01").update(status="decreased")
    auditor = client_of("auditor", COUNTY)
    page = words(auditor.get(LIST))
    assert "发给已自然减少或清退的人" in page
    assert "选择一类疑点查看明细" in page
    opened = auditor.get(LIST, {"lead": "gone"})
    assert number(1) in opened.content.decode()
    assert number(2) not in opened.content.decode()
    assert batch.number in words(opened)

    answer = auditor.get(f"{LIST}export/", {"lead": "gone"})
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True))
    assert [row[1] for row in rows[3:] if row[1]] == [number(1)]
    assert number(1) not in auditor.get(LIST, {"lead": "gone", "area": "441424103000"}).content.decode()


def test_the_page_asks_a_constant_number_of_questions(desk, batch, django_assert_max_num_queries):
    chief = browser(desk.chief)
    chief.get(LIST)
    with django_assert_max_num_queries(45):
        chief.get(LIST, {"lead": "gone"})
