"""The main journey in a real browser: a workbook comes in, its households are judged, the county's bulletin comes out."""
import re

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from pypdf import PdfReader

from office.workbooks.styles import ERROR_COLOUR
from tests.journeys.conftest import CLERK, TOWN
from tests.journeys.workbook import HOUSEHOLDS, MISTAKES, build, correct, number_of, rows

pytestmark = pytest.mark.slow
FIGURE = "17200"      # what the county office learns: corrected rural income of the province, 2018
LINE = "7,740.00"     # 45 % of it
DONE = re.compile("已完成")


@pytest.mark.req("R246", "R302", "R320")
def test_from_the_clerks_workbook_to_the_countys_bulletin(person, installation, tmp_path):
    clerk = person(CLERK)
    marked = hands_in_with_mistakes(clerk, installation, build(tmp_path / "水寨镇登记表.xlsx", TOWN), tmp_path)
    hands_in_corrected(clerk, installation, marked, tmp_path)
    opens_the_household(clerk)

    office = person("county_office")
    enters_a_figure(office, installation)
    assesses(office, installation)
    counts = reads_the_dashboard(office)
    publishes(office, counts, tmp_path)
    takes_the_register_out(office, counts, tmp_path)

    sees_the_status(clerk)


def hands_in_with_mistakes(clerk, installation, workbook, folder):
    """Upload, wait, read the difference, take the marked workbook back. Gives its path."""
    page = clerk.page
    clerk.menu("数据导入")
    clerk.look()
    clerk.press(page.get_by_role("link", name="上传登记表").first)
    clerk.look()
    page.locator("input[type=file]").set_input_files(workbook)
    expect(page.locator("[data-upload-name]")).to_contain_text("水寨镇登记表.xlsx")
    with installation.worker_held():
        clerk.press(page.get_by_role("button", name="上传并检查"))
        expect(page.locator("article.job")).to_contain_text("等待空闲的处理程序")
        clerk.look()
    expect(page.get_by_text("检查完毕，还没有写入。")).to_be_visible()

    counts = page.get_by_role("row", name=re.compile("^贫困户 ")).get_by_role("cell")
    expect(counts).to_have_text([str(HOUSEHOLDS - 3), "0", "0", "3"])
    clerk.look()
    clerk.press(page.get_by_role("link", name=re.compile("退回")))
    expect(page.locator("details.import-row")).to_have_count(3)
    for label in MISTAKES.values():
        expect(page.locator(".import-findings").filter(has_text=label).first).to_be_visible()
    clerk.look()

    with page.expect_download() as download:
        page.get_by_role("link", name="下载标注了问题的原表").click()
    marked = folder / "检查结果.xlsx"
    download.value.save_as(marked)
    return marked


def hands_in_corrected(clerk, installation, marked, folder):
    """Read the marks, put the cells right in that very file, send it again, confirm once with a double click."""
    book = load_workbook(marked)
    assert book.sheetnames == ["检查结果", "贫困户", "贫困人口"]
    said = " ".join(str(cell.value) for row in book["检查结果"].iter_rows() for cell in row if cell.value)
    red = {}
    for sheet in book.worksheets[1:]:
        labels = [cell.value for cell in sheet[2]]
        for cell in (cell for row in sheet.iter_rows(min_row=3) for cell in row):
            if cell.fill.fgColor.rgb == ERROR_COLOUR:
                red[labels[cell.column - 1]] = cell.comment.text
    assert set(red) >= set(MISTAKES.values())
    assert all(label in said and len(red[label]) > 8 for label in MISTAKES.values())

    correct(book, TOWN)
    corrected = folder / "水寨镇登记表（改正）.xlsx"
    book.save(corrected)
    page = clerk.page
    clerk.press(page.get_by_role("link", name="上传改正后的表"))
    page.locator("input[type=file]").set_input_files(corrected)
    clerk.press(page.get_by_role("button", name="上传并检查"))
    expect(page.get_by_text("没有错误。")).to_be_visible()

    page.get_by_role("button", name="确认写入").first.click()
    clerk.look()
    with installation.worker_held():
        page.get_by_role("dialog").get_by_role("button", name="确认写入").dblclick()
        expect(page.locator("article.job")).to_contain_text("写入登记表")
        clerk.look()
    expect(page.get_by_text(f"已写入 {3 * HOUSEHOLDS} 行。")).to_be_visible()
    clerk.look()

    clerk.menu("任务")
    expect(page.get_by_text(f"写入登记表 {corrected.name}")).to_have_count(1)
    clerk.look()


def opens_the_household(clerk):
    """Find a household of the workbook by its number: facts and members are there, personal numbers are not."""
    page, no = clerk.page, number_of(TOWN, 12)
    household, people = rows(TOWN, 12)
    clerk.menu("贫困户")
    clerk.look()
    page.get_by_role("searchbox", name="查找户").fill(no)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    clerk.press(page.get_by_role("link", name=household["户主姓名"]).first)
    expect(page.get_by_role("heading", level=1)).to_contain_text(household["户主姓名"])
    expect(page.get_by_text("尚无考核结果。")).to_be_visible()
    body = page.inner_text("main")
    assert no in body
    assert people[1]["姓名"] in body
    assert "27,000.00" in body, "the wages that the workbook gives"
    assert people[0]["证件号码"] not in page.content()
    clerk.look()


def enters_a_figure(office, installation):
    """A figure with its source: what rests on it is computed again by itself."""
    page = office.page
    office.menu("统计数")
    office.look()
    office.press(page.get_by_role("link", name="录入统计数").first)
    page.get_by_label("指标").select_option("rural_pc_disposable_income")
    page.get_by_label("区域").select_option("440000000000")
    page.get_by_label("年度").fill("2018")
    page.get_by_label("数值").fill(FIGURE)
    page.get_by_label("公布日期").fill("2019-06-03")
    page.get_by_label("来源").fill("广东省统计局2018年统计公报修订数，2019年6月3日")
    office.look()
    office.press(page.get_by_role("button", name="保存"))
    expect(page.get_by_text("受影响的考核正在重新计算")).to_be_visible()
    office.look()
    expect_soon(office, "考核计算", page.get_by_text("统计数更新"))
    office.look()


def expect_soon(person, menu, found):
    """Ask for a page of the menu again until something is on it."""
    for _ in range(40):
        person.menu(menu)
        if found.count():
            return
        person.page.wait_for_timeout(500)
    raise AssertionError(f"{menu}: {person.page.inner_text('main')[:1000]}")


def assesses(office, installation):
    """Start a run by the button, see it wait and work, open it when it is done."""
    page = office.page
    office.menu("考核计算")
    office.press(page.get_by_role("link", name="新的计算"))
    page.get_by_label("年度").select_option("2018")
    office.look()
    with installation.worker_held():
        office.press(page.get_by_role("button", name="开始计算"))
        expect(page.locator("article.job")).to_contain_text("等待空闲的处理程序")
        office.look()
    office.press(office.result("查看结果"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("2018")
    expect(page.get_by_role("region", name="所用的线和数")).to_contain_text(LINE)
    office.look()
    office.press(page.get_by_role("link", name="看进展"))


def reads_the_dashboard(office) -> dict[str, str]:
    """Key figures as shown; one of them opens the very households it counts. Gives them by label."""
    page = office.page
    office.look()
    shown = {}
    for kpi in page.locator(".kpi").all():
        label, value = kpi.locator(".kpi-label").inner_text(), kpi.locator(".kpi-value").inner_text()
        shown[label] = value.split()[0].strip("户人项")
        shown[f"{label}，注"] = kpi.locator(".kpi-note").inner_text() if kpi.locator(".kpi-note").count() else ""
    office.press(page.locator(".kpi", has_text="未达标户"))
    expect(page.locator(".list-count")).to_contain_text(f"共 {shown['未达标户']} 户")
    listed = page.locator("main table tbody tr")
    expect(listed).to_have_count(int(shown["未达标户"]))
    office.look()
    office.press(listed.first.get_by_role("link").first)
    expect(page.locator(".verdict").first).to_contain_text("未达标")
    office.look()
    return shown


def publishes(office, counts, folder):
    """Draft the bulletin, look at it, download the PDF: it says what the dashboard showed."""
    page = office.page
    office.menu("通报")
    office.look()
    office.press(page.get_by_role("link", name="起草通报").first)
    page.get_by_label("区域").select_option("441424000000")
    page.get_by_label("季度").select_option("2018Q4")
    office.look()
    office.press(page.get_by_role("button", name="开始起草"))
    expect(page.locator("article.job")).to_be_visible()
    office.press(office.result("查看结果"))
    expect(page.get_by_role("link", name="下载 PDF")).to_be_visible()
    office.look()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 PDF").click()
    path = folder / "通报.pdf"
    download.value.save_as(path)
    text = re.sub(r"\s", "", "".join(sheet.extract_text() for sheet in PdfReader(path).pages))
    persons = re.search(r"[\d,]+", counts["在册户，注"])[0]
    for sentence in (f"在册{counts['在册户']}户{persons}人", f"达标{counts['达标户']}户{counts['达标人口']}人",
                     f"未达标{counts['未达标户']}户", f"即{LINE}元"):
        assert sentence in text, sentence


def takes_the_register_out(office, counts, folder):
    """Ask for the register of the county with a reason; the job ends with the workbook."""
    page = office.page
    office.menu("数据导入")
    office.press(page.get_by_role("link", name="导出登记表"))
    page.get_by_label("年度").select_option("2018")
    page.get_by_label("区域").select_option("441424000000")
    page.get_by_label("用途").fill("县扶贫办核对名单")
    office.look()
    office.press(page.locator("main form button[type=submit]"))
    with page.expect_download() as download:
        office.result("下载文件").click()
    path = folder / "登记表.xlsx"
    download.value.save_as(path)
    table = list(load_workbook(path, read_only=True)["贫困户"].iter_rows(values_only=True))
    assert sum(number_of(TOWN, 12) in row for row in table) == 1
    assert len(table) == int(counts["在册户"]) + 1, "every household of the county and the header"
    office.look()


def sees_the_status(clerk):
    """The clerk opens the household of before: status, the line and how it came about; then leaves for good."""
    page = clerk.page
    page.reload()
    expect(page.locator(".verdict").first).to_contain_text("已达标")
    expect(page.locator(".criteria")).to_contain_text(LINE)
    expect(page.locator(".criteria")).to_contain_text("45%")
    clerk.look()
    session = next(cookie for cookie in clerk.context.cookies() if cookie["name"] == "sessionid")
    assert (session["httpOnly"], session["sameSite"], session["expires"]) == (True, "Lax", -1)
    page.locator("summary.officer").click()
    clerk.press(page.get_by_role("button", name="退出登录"))
    page.goto("/households/")
    expect(page.get_by_role("button", name="登录")).to_be_visible()
