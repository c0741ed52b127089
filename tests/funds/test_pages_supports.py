"""Who helps and who pays for villages, set through the page for one village or many: Heyuan's rule and Shanwei's villages."""
import pytest

from funds.models import VillageSupport
from office.models import Area, AuditEvent
from tests.factories import make_village
from tests.funds.pages import browser, told, words

pytestmark = pytest.mark.django_db
HEYUAN, SHANWEI = "441625000000", "441521000000"


def villages(county: str, count: int = 4) -> list[str]:
    return list(Area.objects.filter(level="village", code__startswith=county[:6]).order_by("code").values_list(
        "code", flat=True)[:count])


@pytest.fixture
def heyuan(officer):
    """A county of Heyuan: two poor villages, an ordinary one, and one without a row of the register."""
    codes = villages(HEYUAN)
    for code, poor in zip(codes, (True, True, False), strict=False):
        make_village(code, 2018, poor=poor)
    return browser(officer("county_office", HEYUAN)), codes


def ask(programme: str, county: str, codes, **facts) -> dict:
    return {"programme": programme, "area": county, "village": codes, "helper": "city", "payer": "", "basis": ""} | facts


@pytest.mark.req("R130")
def test_many_villages_are_set_at_once_and_the_document_says_who_pays(heyuan):
    client, codes = heyuan
    before = words(client.get("/funds/due/villages/", {"programme": "HY2018"}))
    assert "待定" in before
    done = client.post("/funds/due/villages/set/", ask("HY2018", HEYUAN, codes[:2]))
    client.post("/funds/due/villages/set/", ask("HY2018", HEYUAN, codes[2:3], helper="county"))

    assert "已登记 2 个村" in told(done)
    assert list(VillageSupport.objects.order_by("village_id").values_list("village_id", "helper")) == [
        (codes[0], "city"), (codes[1], "city"), (codes[2], "county")]
    assert AuditEvent.objects.filter(action="登记村帮扶级别", subject=f"村帮扶 HY2018 {codes[0]}").count() == 1
    page = words(client.get("/funds/due/villages/", {"programme": "HY2018"}))
    assert "市 2 400,000.00" in page                                 # two poor villages, the city pays
    assert "县（市、区） 1 100,000.00" in page                        # one ordinary village, the county pays
    due = words(client.get("/funds/due/", {"programme": "HY2018"}))
    assert "市 相对贫困村 2018年 2 200,000.00 400,000.00" in due
    assert "县（市、区） 面上村 2020年 1 100,000.00 100,000.00" in due
    again = client.post("/funds/due/villages/set/", ask("HY2018", HEYUAN, codes[:2]))
    assert "没有改动" in told(again)
    assert AuditEvent.objects.filter(action="登记村帮扶级别").count() == 3


@pytest.mark.req("R130")
def test_where_the_document_is_silent_the_payer_is_open_and_can_be_entered_with_a_basis(heyuan):
    client, codes = heyuan
    client.post("/funds/due/villages/set/", ask("HY2018", HEYUAN, codes[:1], helper="province"))
    page = client.get("/funds/due/villages/", {"programme": "HY2018", "payer": "none", "kind": "poor"})
    assert "待定" in words(page)
    assert f'value="{codes[0]}"' in page.content.decode()
    refused = client.post("/funds/due/villages/set/", ask("HY2018", HEYUAN, codes[:1], helper="province", payer="province"))
    assert refused.status_code == 422
    assert "请写明依据" in words(refused)
    assert 'checked' in refused.content.decode()                    # what was chosen is still chosen
    client.post("/funds/due/villages/set/", ask(
        "HY2018", HEYUAN, codes[:1], helper="province", payer="province", basis="省厅会议纪要"))
    assert "省 录入 200,000.00" in words(client.get("/funds/due/villages/", {"programme": "HY2018", "helper": "province"}))
    against = client.post("/funds/due/villages/set/", ask("HY2018", HEYUAN, codes[:1], payer="county", basis="县里决定"))
    assert "由市出资" in words(against)


def test_a_village_without_a_register_row_is_named_and_not_guessed(heyuan):
    client, codes = heyuan
    client.post("/funds/due/villages/set/", ask("HY2018", HEYUAN, codes[3:4]))
    page = words(client.get("/funds/due/villages/", {"programme": "HY2018", "kind": "unknown", "helper": "city"}))
    assert "类型未登记" in page
    assert "没有计入应到资金" in page
    assert "未定" in page


@pytest.mark.req("R131")
def test_shanwei_guidance_fund_is_entered_with_its_basis(officer):
    client, codes = browser(officer("finance", SHANWEI)), villages(SHANWEI, 3)
    for code in codes:
        make_village(code, 2017, poor=True)
    asked = ask("SW2016", SHANWEI, codes[:2], helper="self", guidance_amount="300,000.00")
    assert "请写明依据" in words(client.post("/funds/due/villages/set/", asked))
    other = client.post("/funds/due/villages/set/", asked | {"helper": "city", "basis": "文件"})
    assert "只给自行帮扶的村" in words(other)
    fine = client.post("/funds/due/villages/set/", asked | {"guidance_amount": "0.005", "basis": "文件"})
    assert "小数超过两位" in words(fine)
    assert not VillageSupport.objects.exists()
    client.post("/funds/due/villages/set/", asked | {"basis": "省财政厅通知"})

    assert "县（市、区） 2 600,000.00" in words(client.get("/funds/due/villages/", {"programme": "SW2016"}))
    assert "县（市、区） 相对贫困村 2016年 2 300,000.00 600,000.00" in words(client.get("/funds/due/", {"programme": "SW2016"}))


def test_nothing_is_set_elsewhere_or_by_who_only_reads(heyuan, client_of):
    client, codes = heyuan
    away = client.post("/funds/due/villages/set/", ask("HY2018", HEYUAN, villages("441622000000", 1)))
    assert "没有选择村" in words(away)
    assert client.post("/funds/due/villages/set/", ask("HY2018", "441622000000", codes)).status_code == 404
    reader = client_of("town_leader", codes[0][:9] + "000")
    assert "登记所选的村" not in words(reader.get("/funds/due/villages/", {"programme": "HY2018"}))
    assert reader.post("/funds/due/villages/set/", ask("HY2018", codes[0][:9] + "000", codes[:1])).status_code == 403
    assert not VillageSupport.objects.exists()
    assert client.get("/funds/due/villages/", {"programme": "MZ2016"}).status_code == 404
