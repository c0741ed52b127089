"""How contractors of projects were chosen, and the contract price that follows from it."""
import io

import openpyxl
import pytest

from funds import oversight
from funds.models import Procurement
from tests.funds.conftest import COUNTY, day, fresh
from tests.funds.pages import browser, words

pytestmark = pytest.mark.django_db
LIST = "/funds/supervision/procurements/"
BOUGHT = {"method": "open_tender", "subject": "", "decided_on": "2017-04-01", "winner": "兴农建设公司", "amount": "118,000",
          "evidence": "五采〔2017〕8号"}


def buy(desk, project, amount) -> None:
    oversight.procure(Procurement(project=project, method="inquiry", winner="甲", amount=amount, decided_on=day("2017-04-01")),
                      desk.clerk)


@pytest.mark.req("R143")
def test_a_project_says_how_its_contractor_was_chosen(desk, client_of):
    project, other = desk.project("A", name="油茶基地"), desk.project("B", name="光伏电站")
    clerk = browser(desk.clerk)
    assert "油茶基地" in words(clerk.get(LIST, {"method": "none"}))

    refused = clerk.post(f"/funds/projects/{project.pk}/procurement/", BOUGHT | {"amount": "0", "method": "", "decided_on": ""})
    assert refused.status_code == 422
    assert "金额必须大于零" in words(refused)
    later = clerk.post(f"/funds/projects/{project.pk}/procurement/", BOUGHT | {"decided_on": "2099-01-01"})
    assert "成交日期还没有到" in words(later)
    clerk.post(f"/funds/projects/{project.pk}/procurement/", BOUGHT)
    clerk.post(f"/funds/projects/{project.pk}/procurement/", BOUGHT | {"method": "inquiry", "amount": "2000"})

    sheet = words(clerk.get(f"/funds/projects/{project.pk}/"))
    assert "公开招标" in sheet
    assert "合同价合计 120,000.00 元" in sheet
    missing = words(clerk.get(LIST, {"method": "none"}))
    assert "油茶基地" not in missing
    assert other.name in missing
    assert other.name not in words(clerk.get(LIST, {"q": "兴农"}))

    first = Procurement.objects.order_by("pk").first()
    clerk.post(f"/funds/supervision/procurements/{first.pk}/", BOUGHT | {"amount": "110000"})
    assert (fresh(first).amount, first.history.count()) == (110000, 2)
    assert client_of("auditor", COUNTY).post(f"/funds/supervision/procurements/{first.pk}/", BOUGHT).status_code == 403


@pytest.mark.req("R143", "R307")
def test_the_project_ledger_carries_the_sum_of_the_contracts(desk, command, tmp_path):
    project = desk.project("A")
    for amount in (100, 20):
        buy(desk, project, amount)
    path = tmp_path / "projects.xlsx"
    code, *_ = command("export_ledger", "--programme", "MZ2016", "--kind", "projects", "--out", path)
    lines = list(openpyxl.load_workbook(path)["台账"].iter_rows(values_only=True))
    assert code == 0
    assert dict(zip(lines[2], lines[3], strict=True))["合同价"] == 120


def test_the_list_is_taken_away(desk):
    project = desk.project("A")
    buy(desk, project, 100)
    answer = browser(desk.chief).get(f"{LIST}export/")
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True))
    assert dict(zip(rows[2], rows[3], strict=True))["采购方式"] == "询价"
