"""What goes to the bank and what comes back from it; and what a person is told who comes second."""
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funds.models import Movement
from office.models import AuditEvent
from tests.funds.conftest import COUNTY, USES, fresh
from tests.funds.pages import bank_file, browser, households, listed, paid, told, words

pytestmark = pytest.mark.django_db
DAY = "2017-06-09"


@pytest.fixture
def clerk(desk):
    return browser(desk.clerk)


@pytest.fixture
def chief(desk):
    return browser(desk.chief)


@pytest.fixture
def account(desk):
    return desk.appropriation("100000")


def sends(client, batch, content: bytes, name="回盘.csv") -> str:
    return told(client.post(f"/funds/batches/{batch.pk}/return/", {"file": SimpleUploadedFile(name, content), "on": DAY}))


def ordered(client, batch) -> openpyxl.Workbook:
    answer = client.post(f"/funds/batches/{batch.pk}/order/")
    return openpyxl.load_workbook(io.BytesIO(answer.content))


@pytest.mark.req("R145")
def test_the_banks_own_file_comes_back_filled_in(desk, clerk, account):
    households(1, 2)
    batch = paid(desk, account)
    book = ordered(clerk, batch)
    rows = [[cell.value for cell in row] for row in book.active]
    assert rows[0] == ["批次号", "序号", "户名", "账号", "开户行", "金额", "银行流水号", "结果", "原因"]
    assert rows[1][:6] == [batch.number, 1, "陈1户", "6228480424134001001", "农村信用社", 800]
    event = AuditEvent.objects.get(action="下载银行代发文件")
    assert (event.subject, event.detail) == (f"批次 {batch.number}", {"lines": 2})

    sheet = book.active
    for row, result in ((2, "成功"), (3, "失败")):
        sheet.cell(row, 7, "NX7")
        sheet.cell(row, 8, result)
    filled = io.BytesIO()
    book.save(filled)
    assert "成功 1 笔，失败 1 笔" in sends(clerk, batch, filled.getvalue(), "回盘.xlsx")
    assert fresh(batch).state == "reconciled"
    assert "没有待代发的明细" in told(clerk.post(f"/funds/batches/{batch.pk}/order/"))
    page = words(clerk.get(f"/funds/batches/{batch.pk}/"))
    assert "1 笔退回，款项已回到付款账户" in page
    assert "上传并对账" not in page


def test_whole_account_numbers_go_to_nobody_else(desk, clerk, chief, account, client_of):
    households(1)
    batch = listed(desk, account)
    assert "发放入账后才有代发文件" in told(clerk.post(f"/funds/batches/{batch.pk}/order/"))
    batch = paid(desk, account, item="另一事项")
    assert clerk.get(f"/funds/batches/{batch.pk}/order/").status_code == 405
    for other in (chief, client_of("auditor", COUNTY), client_of("town_clerk", "441424134000")):
        assert other.post(f"/funds/batches/{batch.pk}/order/").status_code == 403
        assert "下载代发文件" not in words(other.get(f"/funds/batches/{batch.pk}/"))
    assert not AuditEvent.objects.filter(action="下载银行代发文件").exists()


def test_a_file_that_leaves_payments_out_is_told(desk, clerk, account):
    households(1, 2, 3)
    batch = paid(desk, account)
    short = b"\n".join(bank_file(batch).splitlines()[:3])
    assert "还有 1 笔不在文件中" in sends(clerk, batch, short)
    assert fresh(batch).state == "paid"
    assert "1 笔等待银行结果" in words(clerk.get(f"/funds/batches/{batch.pk}/"))
    assert "还有" not in sends(clerk, batch, bank_file(batch))
    assert fresh(batch).state == "reconciled"


@pytest.mark.req("R139")
def test_what_the_bank_sent_back_is_paid_again_to_them_only(desk, clerk, account, django_capture_on_commit_callbacks):
    households(1, 2, 3)
    batch = paid(desk, account)
    sends(clerk, batch, bank_file(batch, failed=(2,)))
    form = clerk.get(f"/funds/batches/new/?again={batch.pk}").context["form"]
    given = {name: form[name].value() for name in ("account", "area", "item", "year", "unit", "standard", "use", "purpose")}
    assert (given["item"], given["year"], given["use"]) == ("产业奖补", 2017, USES[0])
    with django_capture_on_commit_callbacks(execute=True):
        answer = clerk.post("/funds/batches/new/", {**given, "investment": "", "basis": ""})
    page = words(clerk.get(answer["Location"]))
    assert "列入发放 1" in page
    assert "等待另一人" in page


def test_amounts_of_a_list_open_their_movements(desk, clerk, account):
    households(1)
    batch = paid(desk, account)
    movement = Movement.objects.get(batch=batch, kind="household_payment")
    page = clerk.get(f"/funds/batches/{batch.pk}/").content.decode()
    assert f'href="/funds/movements/{movement.pk}/"' in page
    assert f'href="/funds/movements/?batch={batch.pk}"' in page
    with CaptureQueriesContext(connection) as asked:
        clerk.get(f"/funds/batches/{batch.pk}/")
    [sql] = [one["sql"] for one in asked if "batch_line_id\" IN" in one["sql"]]
    if connection.vendor == "sqlite":      # a small table is read as a whole by PostgreSQL anyway
        with connection.cursor() as cursor:
            plan = str(cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}").fetchall())
        assert "movement_line_paid_once" in plan
    back = clerk.get(f"/funds/movements/{movement.pk}/").content.decode()
    assert f'href="/funds/batches/{batch.pk}/"' in back


@pytest.mark.req("R144")
def test_who_approves_second_is_told_who_was_first(desk, chief, officer, account):
    other = browser(officer("county_leader", COUNTY))
    draft = desk.transfer(account, "100")
    chief.post(f"/funds/vouchers/{draft.pk}/approve/")
    assert f"已由{desk.chief}先行复核入账" in told(other.post(f"/funds/vouchers/{draft.pk}/approve/"))
    done = other.get(f"/funds/vouchers/{draft.pk}/").content.decode()
    assert f"<div>这张凭证已由{desk.chief}" in done, "the sentence alone, not the title of the page before it"
    later = desk.transfer(account, "200")
    answer = other.post("/funds/vouchers/approve/", {"voucher": [draft.pk, later.pk]})
    assert "1 张凭证已经处理过" in words(answer)
    assert "合计 200.00 元" in words(answer)
    chief.post(f"/funds/vouchers/{later.pk}/approve/")
    both = {"voucher": [draft.pk, later.pk], "confirmed": "yes"}
    assert "2 张凭证已由" in told(other.post("/funds/vouchers/approve/", both))
    assert other.post("/funds/vouchers/approve/", {"voucher": [draft.pk]})["Location"] == "/funds/vouchers/"
    assert Movement.objects.filter(kind="transfer").count() == 2

    households(1)
    batch = listed(desk, fresh(account))
    shown = {"lines": "1", "total": "800.00"}
    chief.post(f"/funds/batches/{batch.pk}/approve/", shown)
    assert f"已由{desk.chief}先行批准" in told(other.post(f"/funds/batches/{batch.pk}/approve/", shown))
    assert fresh(batch).approved_by == desk.chief


@pytest.mark.req("R144")
def test_the_menu_says_how_much_waits_for_whom(desk, clerk, chief, account, client_of):
    desk.transfer(account, "100")
    households(1)
    listed(desk, account)
    for other in (clerk, client_of("auditor", COUNTY), client_of("town_leader", "441424134000")):
        assert "等您审批" not in other.get("/funds/").content.decode()
    assert words(chief.get("/funds/")).count("等您审批 1") == 2
    elsewhere = client_of("county_office", "441423000000")
    assert "等您审批" not in elsewhere.get("/funds/").content.decode()


@pytest.mark.parametrize(("content", "remedy"), [
    (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "另存为"),
    (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "取消密码")])
def test_an_old_or_locked_workbook_is_refused_with_what_to_do(desk, clerk, account, content, remedy):
    households(1)
    batch = paid(desk, account)
    said = sends(clerk, batch, content, "回盘.xlsx")
    assert "没有一笔入账" in said
    assert remedy in said
