"""Supervisors of the money and its numbers in the 涉农网: what is missing, and entering many at once."""
import pytest

from funds import actions, network, oversight
from funds.ledger import Refused
from funds.models import Movement, NetworkReference, Supervisor
from funds.places import View
from office.models import Area
from tests.factories import VILLAGE
from tests.funds.conftest import COUNTY, TOWN, day, fresh
from tests.funds.pages import browser, households, paid, told, words

pytestmark = pytest.mark.django_db
LIST = "/funds/supervision/network/"


def view(desk) -> View:
    return View(desk.clerk, Area.objects.get(pk=COUNTY))


def missing(rows, column="reference") -> set:
    return set(rows.filter(**{column: ""}).values_list("pk", flat=True))


@pytest.mark.req("R151")
def test_every_sum_needs_a_number_but_for_what_only_puts_the_books_right(desk):
    account = desk.appropriation("1000")
    bound = desk.commit(account, desk.project(), "500")
    numbered = desk.pay(bound, "100", network_number="SN-9")
    undone = desk.pay(fresh(bound), "50")
    desk.approve(actions.record_reversal(desk.clerk, movement=undone, on=day("2017-05-02"), reason="付错"))
    desk.approve(actions.record_carry_over(desk.clerk, account=fresh(account), on=day("2017-12-31")))

    assert missing(network.movements(view(desk))) == {1, 2}
    assert numbered.network_number == "SN-9"

    rows = {row.pk: row for row in network.movements(view(desk))}
    assert network.enter(desk.clerk, {rows[1]: "SN-1", rows[2]: "SN-2"}) == 2
    assert missing(network.movements(view(desk))) == set()
    assert network.enter(desk.clerk, {rows[1]: "SN-1"}) == 0                       # the same again: nothing happens
    network.enter(desk.clerk, {rows[1]: "SN-1b"})
    assert NetworkReference.objects.get(movement=1).history.count() == 2
    with pytest.raises(Refused, match="凭证上已写明涉农网编号 SN-9"):
        network.enter(desk.clerk, {rows[2]: "SN-3", rows[numbered.pk]: "SN-4"})
    assert NetworkReference.objects.get(movement=2).number == "SN-2"               # all or none


@pytest.mark.req("R151")
def test_a_list_of_payments_has_one_number(desk):
    households(1, 2)
    batch = paid(desk, desk.appropriation("10000"))
    row = network.batches(view(desk)).get()

    assert missing(network.batches(view(desk))) == {batch.pk}
    assert missing(network.movements(view(desk))) == {1}                           # the appropriation alone
    network.enter(desk.clerk, {row: "SN-77"})
    assert missing(network.batches(view(desk))) == set()


@pytest.mark.req("R151")
def test_many_are_pasted_at_once(desk):
    desk.appropriation("1000"), desk.appropriation("2000", number="粤财农〔2017〕2号")
    numbers = {one.pk: one.voucher_number for one in Movement.objects.all()}
    clerk = browser(desk.clerk)

    wrong = clerk.post(f"{LIST}enter/", {"pasted": f"{numbers[1]}\tSN-1\n没有这张凭证,SN-2"})
    assert wrong.status_code == 422
    assert "第 2 行：五华县没有凭证号、流水序号或批次号为“没有这张凭证”的资金" in words(wrong)
    assert "SN-1" in wrong.content.decode()                                        # what was pasted is not lost
    assert "应为两项" in words(clerk.post(f"{LIST}enter/", {"pasted": "只有一项"}))
    assert not NetworkReference.objects.exists()

    done = clerk.post(f"{LIST}enter/", {"pasted": f"{numbers[1]}\tSN-1\n\n2，SN-2\n"})
    assert "已登记 2 个" in told(done)
    assert "没有符合条件的资金" in words(clerk.get(LIST, {"state": "missing"}))
    assert "SN-2" in words(clerk.get(LIST, {"state": "entered"}))


@pytest.mark.req("R151")
def test_numbers_are_typed_into_the_rows(desk, client_of):
    desk.appropriation("1000")
    clerk = browser(desk.clerk)
    assert 'name="movements_1"' in clerk.get(LIST).content.decode()
    assert "没有填写任何编号" in words(clerk.post(f"{LIST}enter/", {"movements_1": ""}))
    clerk.post(f"{LIST}enter/", {"movements_1": "SN-5"})
    assert NetworkReference.objects.get().number == "SN-5"
    assert "涉农网编号 SN-5" in words(clerk.get("/funds/movements/1/"))

    auditor = client_of("auditor", COUNTY)
    assert "SN-5" in words(auditor.get(LIST))
    assert auditor.post(f"{LIST}enter/", {"movements_1": "SN-6"}).status_code == 403


def test_a_township_enters_no_number_of_the_county(desk, client_of):
    desk.appropriation("1000")
    desk.approve(desk.transfer(desk.appropriation("500", number="粤财农〔2017〕2号"), "100"))
    clerk = client_of("town_clerk", TOWN)
    clerk.post(f"{LIST}enter/", {"movements_1": "SN-1", "movements_3": "SN-3"})

    assert [one.movement_id for one in NetworkReference.objects.all()] == [3]


@pytest.mark.req("R151")
def test_a_village_with_projects_has_a_supervisor_who_watches_its_projects_too(desk, client_of):
    project = desk.project()
    client = client_of("town_clerk", TOWN)
    assert missing(network.villages(view(desk)), "supervisor") == {VILLAGE}
    assert "没有登记" in words(client.get(f"/funds/projects/{project.pk}/"))

    client.post(f"/funds/villages/{VILLAGE}/supervisor/", {"name": "张三", "unit": "村监委会", "starts_on": "2018-11-20"})
    assert missing(network.villages(view(desk)), "supervisor") == missing(network.projects(view(desk)), "supervisor") == set()
    assert "张三（村监委会），本村监督员" in words(client.get(f"/funds/projects/{project.pk}/"))

    early = client.post(f"/funds/villages/{VILLAGE}/supervisor/", {"name": "李四", "unit": "", "starts_on": "2018-01-01"})
    assert "新的任职日期不能更早" in words(early)
    client.post(f"/funds/villages/{VILLAGE}/supervisor/", {"name": "李四", "unit": "", "starts_on": "2019-01-01"})
    assert Supervisor.objects.get(name="张三").ends_on == day("2019-01-01")
    client.post(f"/funds/projects/{project.pk}/supervisor/", {"name": "王五", "unit": "", "starts_on": "2019-01-01"})
    assert network.watching(project).name == "王五"
    page = words(client.get("/funds/supervision/supervisors/"))
    assert "李四" in page


@pytest.mark.req("R151")
def test_where_the_document_asks_it_is_quoted_and_elsewhere_nothing_is_claimed(desk, client_of):
    assert "没有这项要求" in words(browser(desk.clerk).get(LIST))
    page = words(client_of("finance", "441600000000").get(LIST))
    assert "河委办发〔2018〕15号" in page
    assert "将每一笔扶贫资金纳入涉农网群监督范围" in page


def test_nobody_is_appointed_twice(desk):
    village = Area.objects.get(pk=VILLAGE)
    for name in ("甲", "乙"):
        oversight.appoint(Supervisor(area=village, name=name, starts_on=day("2018-01-01")), desk.clerk)

    assert [one.name for one in Supervisor.objects.filter(ends_on__isnull=True)] == ["乙"]
