"""Money invested for a yearly return through the pages: taken down on the project's sheet, dividends due and shared out."""
import datetime
import re

import pytest
from django.utils import timezone

from funds.dividends import after
from funds.models import Investment
from office.models import AuditEvent
from tests.funds.conftest import day, fresh
from tests.funds.pages import browser, households, paid, told, words
from tests.funds.test_pages_pledges import error_at

pytestmark = pytest.mark.django_db
SHARE = {"enterprise": "兴农公司", "amount": "100,000", "starts_on": "2017-05-10", "term_months": "36", "guaranteed_rate": "8",
         "principal_due_on": "", "risk": "已办理抵押"}


@pytest.fixture
def clerk(desk):
    return browser(desk.clerk)


@pytest.fixture
def project(desk):
    project = desk.project()
    desk.commit(desk.appropriation("500000"), project, "150000")
    return project


@pytest.mark.req("R132", "R145")
def test_an_investment_is_taken_down_on_the_project_s_sheet(desk, clerk, project):
    assert f"/funds/projects/{project.pk}/invest/" in clerk.get(f"/funds/projects/{project.pk}/").content.decode()
    done = clerk.post(f"/funds/projects/{project.pk}/invest/", SHARE)
    again = clerk.post(f"/funds/projects/{project.pk}/invest/", SHARE)

    one = Investment.objects.get()
    assert done["Location"] == again["Location"] == f"/funds/projects/{project.pk}/#investments"
    assert "没有重复登记" in told(again)
    assert one.principal_due_on == day("2020-05-10")                # start and term
    assert AuditEvent.objects.get(action="登记入股").detail["project"] == project.number
    sheet = words(clerk.get(f"/funds/projects/{project.pk}/"))
    assert "兴农公司 100,000.00 36个月 2017-05-10 起 8.00% 24,000.00" in sheet       # three years at 8 %
    assert "少分 24,000.00" in sheet
    assert "已到期" in sheet
    assert "兴农公司" in words(clerk.get("/funds/investments/", {"state": "past"}))
    assert "没有这一类资产收益" in words(clerk.get("/funds/investments/", {"state": "near"}))


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("amount", "150000.01", "还可入股 150,000.00 元"), ("amount", "1.005", "小数超过两位"),
    ("starts_on", "2017-03-01", "早于项目入库日期"),
    ("starts_on", "2099-01-01", "还没有到"), ("term_months", "0", "1至600"), ("guaranteed_rate", "101", "0至100%"),
    ("guaranteed_rate", "高", "数字"), ("principal_due_on", "2017-05-10", "不晚于入股日期"), ("enterprise", " ", "必填")])
def test_what_is_wrong_with_an_investment_stands_at_its_field(clerk, project, field, value, sentence):
    page = clerk.post(f"/funds/projects/{project.pk}/invest/", SHARE | {field: value})

    assert page.status_code == 422
    assert sentence in error_at(page, field)
    assert not Investment.objects.exists()


def test_several_investments_share_what_the_project_received(clerk, project):
    clerk.post(f"/funds/projects/{project.pk}/invest/", SHARE)
    page = clerk.post(f"/funds/projects/{project.pk}/invest/", SHARE | {"enterprise": "另一公司", "amount": "60000"})
    assert "还可入股 50,000.00 元" in error_at(page, "amount")


def test_a_correction_moves_the_principal_with_the_term_and_is_kept(clerk, project):
    clerk.post(f"/funds/projects/{project.pk}/invest/", SHARE)
    one = Investment.objects.get()
    refused = clerk.post(f"/funds/investments/{one.pk}/edit/", SHARE | {"term_months": "24"})
    assert "必填" in error_at(refused, "reason")
    clerk.post(f"/funds/investments/{one.pk}/edit/", SHARE | {"term_months": "24", "reason": "合同为两年"})
    assert (fresh(one).term_months, fresh(one).principal_due_on) == (24, day("2019-05-10"))
    assert AuditEvent.objects.get(action="更正入股").detail["changed"]["term_months"] == ["36", "24"]


def test_dividends_shared_out_are_counted_with_their_households(desk, clerk, project):
    clerk.post(f"/funds/projects/{project.pk}/invest/", SHARE)
    one = Investment.objects.get()
    households(1, 2)
    account = desk.appropriation("10000", number="捐1号")
    paid(desk, account, item="分红", standard="800", investment=one)
    page = clerk.get("/funds/investments/")
    assert "24,000.00 1,600.00 2 户 少分 22,400.00" in words(page)
    [url] = re.findall(r'href="(/funds/movements/\?investment=\d+)"', page.content.decode())
    assert "合计 1,600.00 元" in words(clerk.get(url))
    locked = clerk.post(f"/funds/investments/{one.pk}/edit/", SHARE | {"enterprise": "别的公司", "reason": "更名"})
    assert "不能再改" in error_at(locked, "enterprise")


def test_a_principal_that_falls_due_soon_is_told(desk, clerk, project):
    today = timezone.localdate()
    start = today - datetime.timedelta(days=300)
    Investment.objects.create(project=project, enterprise="兴农公司", amount=1000, starts_on=start, term_months=12,
                              guaranteed_rate=5, principal_due_on=today + datetime.timedelta(days=90), recorded_by=desk.clerk)
    page = words(clerk.get("/funds/investments/", {"state": "near"}))
    assert "即将到期" in page
    assert "还有 90 天" in page
    assert after(day("2017-01-31"), 1) == day("2017-02-28")
