"""The journey of money in a real browser: from the document to the card, and out to the auditor as a workbook."""
import csv
import io
import re
import time

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.journeys.conftest import TOWN
from tests.journeys.slow_paying import MARK

pytestmark = pytest.mark.slow
COUNTY, OTHER_TOWN = "441424000000", "441424135000"     # 五华县, 河东镇
DOCUMENT, USE, PROJECT = "粤财农〔2018〕88号", "发展特色产业", "XM-JOURNEY-1"
ITEM, REASON = "2018年油茶种植补助", "账号与户名不符"
GRANT, PARTS, BOUND, STANDARD = "1,000,000.00", {TOWN: "600000", OTHER_TOWN: "300000"}, "400000", "100"
AMOUNT_COLUMN = "分配金额"
LOSE_THE_WORKER = ("from datetime import timedelta; from django.utils import timezone; from office import jobs; "
                   "from office.models import Job; "
                   "Job.objects.filter(state='running').update(heartbeat_at=timezone.now() - 2 * jobs.STALE_AFTER); "
                   "assert jobs.send_waiting() == 1")


@pytest.mark.req("R124", "R136", "R139", "R144", "R145", "R307", "R335")
def test_from_the_document_to_the_card_and_to_the_auditor(person, installation, tmp_path):
    finance, leader, office = person("finance"), person("county_leader"), person("county_office")
    voucher = enters_the_document(finance)
    both_approve(leader, office, voucher)
    splits_after_losing_the_session(finance)
    approves(leader, len(PARTS))
    applies_for_a_project(finance)
    takes_it_into_the_library(leader)
    binds(finance)
    approves(leader, 1)
    batch = lists_households(finance)
    approves_the_list(leader, batch)
    count = pays_with_a_worker_that_dies(finance, batch, installation)
    answers_for_the_bank(finance, batch, count, tmp_path)
    opens_the_household(finance)

    auditor = person("auditor")
    walks_from_an_amount_and_back(auditor)
    workbook = takes_the_ledger(auditor, tmp_path / "资金台账.xlsx")
    is_told(auditor, workbook, "台账完整，没有被改动")
    edited, row = edits_one_cell(workbook, tmp_path / "资金台账（改）.xlsx")
    is_told(auditor, edited, "与导出时不一致", f"第 {row} 行被改动：“{AMOUNT_COLUMN}”")
    shorter, last = removes_the_last_row(workbook, tmp_path / "资金台账（短）.xlsx")
    is_told(auditor, shorter, "与导出时不一致", f"原第 {last} 行被删除")


def choose(box, words):
    """The option whose label holds the words."""
    box.select_option(box.locator("option", has_text=words).first.get_attribute("value"))


def confirms(one, label, twice=False):
    """The button on the page, then the one in the dialog that says in numbers what will happen."""
    one.page.get_by_role("button", name=label, exact=True).first.click()
    button = one.page.get_by_role("dialog").get_by_role("button", name=re.compile(f"^{label}"))
    one.look()
    with one.page.expect_navigation():
        button.dblclick() if twice else button.click()


def enters_the_document(finance) -> str:
    """With a mistake first: nothing typed is lost. Gives the address of the voucher."""
    page = finance.page
    finance.menu("资金指标")
    finance.look()
    finance.press(page.get_by_role("link", name="登记指标文"))
    for label, value in {"指标文号": DOCUMENT, "资金名称": "省级财政专项扶贫资金", "下达单位": "省财政厅",
                         "下达日期": "2018-03-01", "下达金额": f"{GRANT}5", "功能科目": "2130505", "允许用途": USE}.items():
        page.get_by_label(label).first.fill(value)
    page.get_by_label("资金来源级次").select_option("province")
    page.get_by_label("收入单位所在区域").select_option(COUNTY)
    with finance.refused():
        finance.press(page.get_by_role("button", name="登记，送复核"))
        expect(page.get_by_text("小数超过两位")).to_be_visible()
    expect(page.get_by_label("指标文号")).to_have_value(DOCUMENT)
    finance.look()
    page.get_by_label("下达金额").fill(GRANT)
    finance.press(page.get_by_role("button", name="登记，送复核"))
    expect(page.get_by_text("须由另一人复核后才入账")).to_be_visible()
    expect(page.get_by_role("button", name="复核入账")).to_have_count(0)
    finance.look()
    return page.url


def both_approve(leader, office, voucher):
    """Two people have the same voucher open; one clicks twice, the other comes second and is told so."""
    for one in (leader, office):
        one.page.goto(voucher)
    confirms(leader, "复核入账", twice=True)
    expect(leader.page.get_by_text("已入账：第")).to_be_visible()
    leader.look()
    confirms(office, "复核入账")
    expect(office.page.get_by_text("先行复核入账（1,000,000.00 元），没有重复入账")).to_be_visible()
    leader.page.go_back()
    expect(leader.page.locator("h1 .state", has_text="已入账")).to_be_visible()
    expect(leader.page.get_by_role("button", name="复核入账")).to_have_count(0)


def approves(leader, number):
    """Everything that waits, at once: what was recorded, and what the balances will be."""
    page = leader.page
    leader.menu("凭证")
    expect(page.locator("input[name=voucher]")).to_have_count(number)
    for box in page.locator("input[name=voucher]").all():
        box.check()
    leader.look()
    leader.press(page.get_by_role("button", name="复核所选"))
    leader.look()
    leader.press(page.get_by_role("button", name=f"复核入账 {number} 张"))
    expect(page.get_by_text("没有待复核的凭证")).to_be_visible()


def opens_the_document(finance):
    finance.menu("资金指标")
    finance.press(finance.page.get_by_role("link", name=DOCUMENT).first)


def splits_after_losing_the_session(finance):
    """The session is gone when the button is pressed: nothing is done, and what was typed is offered again."""
    page = finance.page
    opens_the_document(finance)
    finance.look()
    finance.press(page.get_by_role("link", name="分解下达").first)
    for code, amount in PARTS.items():
        page.locator(f"[name=part_{code}]").fill(amount)
    page.locator("[name=on]").fill("2018-03-20")
    finance.look()
    finance.context.clear_cookies(name="sessionid")
    finance.press(page.get_by_role("button", name="登记，送复核"))
    expect(page.get_by_text("刚才的操作没有执行")).to_be_visible()
    finance.log_in("finance")
    page.get_by_role("button", name="恢复草稿").click()
    expect(page.locator(f"[name=part_{TOWN}]")).to_have_value(PARTS[TOWN])
    with page.expect_navigation():
        page.get_by_role("button", name="登记，送复核").dblclick()
    expect(page.get_by_text("合计 900,000.00 元")).to_be_visible()


def applies_for_a_project(finance):
    page = finance.page
    finance.menu("项目库")
    finance.look()
    finance.press(page.get_by_role("link", name="申报项目").first)
    choose(page.locator("main [name=programme]"), "梅州")
    for name, value in {"number": PROJECT, "name": "水寨镇油茶种植", "area": f"{TOWN} 水寨镇", "year": "2018",
                        "category": "产业发展", "use": USE, "implementer": "镇农业服务中心", "planned_fiscal": BOUND}.items():
        page.locator(f"main [name={name}]").fill(value)
    finance.look()
    finance.press(page.get_by_role("button", name="保存，送审定"))
    expect(page.get_by_text("须由另一人审定入库后才能安排资金")).to_be_visible()


def takes_it_into_the_library(leader):
    page = leader.page
    leader.menu("项目库")
    page.get_by_label("编码或名称").fill(PROJECT)
    leader.press(page.get_by_role("button", name="查询"))
    leader.press(page.get_by_role("link", name="水寨镇油茶种植").first)
    leader.look()
    confirms(leader, "审定入库")
    expect(page.get_by_text("可以安排资金")).to_be_visible()


def binds(finance):
    """The township's money goes to the project on the day on which it was taken in, not before."""
    page = finance.page
    opens_the_document(finance)
    finance.press(page.get_by_role("row", name="水寨镇").get_by_role("link", name="安排到项目").first)
    choose(page.locator("main [name=project]"), PROJECT)
    page.locator("main [name=amount]").fill(BOUND)
    finance.look()
    finance.press(page.get_by_role("button", name="登记，送复核"))


def lists_households(finance) -> str:
    """A batch out of the project's money; the job makes and checks the list. Gives its address."""
    page = finance.page
    finance.menu("到户发放")
    finance.look()
    finance.press(page.get_by_role("link", name="新建发放批次").first)
    choose(page.locator("main [name=account]"), f"{DOCUMENT} · 水寨镇油茶种植")
    page.locator("main [name=area]").select_option(TOWN)
    page.locator("main [name=item]").fill(ITEM)
    page.locator("main [name=year]").select_option("2018")
    page.locator("main [name=unit]").select_option("household")
    page.locator("main [name=standard]").fill(STANDARD)
    page.locator("main [name=use]").fill(USE)
    finance.look()
    finance.press(page.get_by_role("button", name="生成名单"))
    expect(page.get_by_text("等待另一人")).to_be_visible()
    finance.look()
    expect(page.get_by_role("button", name="批准")).to_have_count(0)
    return page.url


def approves_the_list(leader, batch):
    page = leader.page
    page.goto(batch)
    leader.look()
    confirms(leader, "批准", twice=True)
    expect(page.get_by_text("名单不能再改动")).to_be_visible()


def pays_with_a_worker_that_dies(finance, batch, installation) -> int:
    """Pressed twice, and the worker is killed when everything is posted but not stored. Gives the number of payments."""
    page = finance.page
    page.goto(batch)
    finance.look()
    count = page.locator("tr", has_text="列入发放").count()
    installation.replace_worker("--pool", "solo", "--include", "tests.journeys.slow_paying")
    confirms(finance, "发放", twice=True)
    limit = time.monotonic() + 40
    while not (installation.var / MARK).exists():
        assert time.monotonic() < limit, installation.log("worker").read_text(errors="replace")[-2000:]
        time.sleep(0.1)
    installation.replace_worker(kill=True)

    finance.menu("任务")
    waiting = page.get_by_role("row", name=f"{ITEM}").filter(has_text="发放").first
    expect(waiting).to_contain_text("进行中")
    finance.look()
    page.goto(f"/funds/movements/?q={DOCUMENT}&kind=household_payment")
    expect(page.get_by_text("没有符合条件的流水")).to_be_visible()
    installation.manage("shell", "-c", LOSE_THE_WORKER)

    page.goto(batch)
    expect(page.locator("h1 .state", has_text="已发放")).to_be_visible()
    finance.look()
    paid_once(finance, count)
    page.goto(batch)
    return count


def paid_once(finance, count):
    page = finance.page
    finance.press(page.get_by_role("link", name="全部流水"))
    expect(page.locator("main")).to_contain_text(f"合计 {100 * count:,}.00 元")
    expect(page.locator("tbody tr")).to_have_count(count)


def answers_for_the_bank(finance, batch, count, folder):
    """The file for the bank comes back: wrong ones first, then in two parts, the first of them twice."""
    page = finance.page
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("下载代发文件")).click()
    download.value.save_as(folder / "代发.xlsx")
    rows = [list(row) for row in load_workbook(folder / "代发.xlsx").active.iter_rows(values_only=True)]
    head, lines = rows[0], rows[1:]
    assert len(lines) == count
    assert all(len(line[head.index("账号")]) > 15 for line in lines)
    for line in lines:
        line[head.index("银行流水号")], line[head.index("结果")] = "NX20180808", "成功"
    lines[1][head.index("结果")], lines[1][head.index("原因")] = "失败", REASON

    def file(name, lines, encoding="gb18030"):
        text = io.StringIO()
        csv.writer(text).writerows([head, *lines])
        (folder / name).write_bytes(text.getvalue().encode(encoding))
        return folder / name

    def sent(path, words):
        page.locator("input[type=file]").set_input_files(path)
        finance.press(page.get_by_role("button", name="上传并对账"))
        expect(page.locator(".messages")).to_contain_text(words)

    other = [[f"{line[0][:-1]}X", *line[1:]] for line in lines]
    (folder / "空.csv").write_bytes(b"")
    (folder / "旧版.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    (folder / "截断.csv").write_bytes(file("整.csv", lines).read_bytes()[:-25])
    sent(folder / "代发.xlsx", "应为成功或失败")
    sent(file("别的批次.csv", other), "文件属于批次")
    sent(folder / "空.csv", "文件是空的")
    sent(folder / "旧版.xls", "只能上传")
    sent(folder / "截断.csv", "文件整份没有采用，没有一笔入账")
    finance.look()
    expect(page.get_by_text(f"{count} 笔等待银行结果")).to_be_visible()

    part = file("第一部分.csv", lines[:-1])
    sent(part, "还有 1 笔不在文件中")
    sent(part, "不能重复上传")
    sent(file("全部.csv", lines, "utf-8"), "已对账")
    expect(page.get_by_text("1 笔退回，款项已回到付款账户")).to_be_visible()
    finance.look()


def opens_the_household(finance):
    """From the line that the bank sent back to the household: both movements stand on its page."""
    page = finance.page
    finance.press(page.get_by_role("link", name="银行退回").first)
    finance.press(page.locator("tr", has_text=REASON).get_by_role("link").first)
    payments = page.locator("tr", has_text=ITEM)
    expect(payments.filter(has_text="未到账")).to_have_count(1)
    expect(payments.filter(has_text="银行退回")).to_contain_text(REASON)
    finance.look()


def walks_from_an_amount_and_back(auditor):
    """A figure of the overview, its movements, one payment, its document, batch and household, and back to the payment."""
    page = auditor.page
    auditor.menu("资金总览")
    auditor.look()
    auditor.press(page.locator("a.kpi", has_text="已支付"))
    auditor.look()
    page.get_by_label("凭证号、文号或收款人").fill(DOCUMENT)
    auditor.press(page.get_by_role("button", name="查询"))
    page.get_by_role("row").filter(has_text="到户发放").last.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name=re.compile("号流水"))).to_be_visible()
    auditor.look()
    payment = page.url
    for link in (DOCUMENT, PROJECT, "FF2018"):
        auditor.press(page.locator("main").get_by_role("link", name=link).first)
        auditor.look()
        page.goto(payment)
    auditor.press(page.locator("main").get_by_role("link", name=re.compile("户$")).first)
    auditor.press(page.locator("tr", has_text=ITEM).get_by_role("link", name=re.compile("^FF2018")).first)
    expect(page.get_by_role("heading", name=re.compile("号流水"))).to_be_visible()
    page.goto("/funds/appropriations/")
    expect(page.get_by_role("link", name="登记指标文")).to_have_count(0)


def takes_the_ledger(auditor, path):
    page = auditor.page
    auditor.menu("资金台账")
    auditor.look()
    auditor.press(page.get_by_role("link", name="导出台账").first)
    page.locator("main [name=kind]").select_option("funds")
    page.locator("main [name=area]").select_option(COUNTY)
    auditor.look()
    auditor.press(page.get_by_role("button", name="导出", exact=True))
    with page.expect_download() as download:
        page.get_by_role("link", name="下载台账").click()
    download.value.save_as(path)
    auditor.look()
    return path


def edits_one_cell(workbook, path):
    """Ten thousand yuan more in the row of the project, saved again by another program. Gives the file and the row."""
    book = load_workbook(workbook)
    sheet = book["台账"]
    heads = [cell.value for cell in sheet[3]]
    column, document, project = (heads.index(name) + 1 for name in (AMOUNT_COLUMN, "指标文号", "项目编码"))
    row = next(number for number in range(4, sheet.max_row) if sheet.cell(number, document).value == DOCUMENT
               and sheet.cell(number, project).value == PROJECT)
    sheet.cell(row, column).value += 10_000
    book.save(path)
    return path, row


def removes_the_last_row(workbook, path):
    book = load_workbook(workbook)
    last = book["台账"].max_row - 1     # below it stands the total
    book["台账"].delete_rows(last)
    book.save(path)
    return path, last


def is_told(auditor, file, *sentences):
    page = auditor.page
    auditor.menu("资金台账")
    auditor.press(page.get_by_role("link", name="核验台账"))
    page.locator("input[type=file]").set_input_files(file)
    auditor.press(page.get_by_role("button", name="上传并核验"))
    for words in sentences:
        expect(page.get_by_text(words).first).to_be_visible()
    auditor.look()
