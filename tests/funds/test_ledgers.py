"""The auditors' four ledgers: their columns, what a row means, their totals, and that nothing is left out."""
import datetime
from decimal import Decimal

import openpyxl
import pytest

from funds import actions, chain, oversight, payment_lists, payments
from funds.dividends import after, due
from funds.ledgers import fund_rows, orders, payment_rows
from funds.ledgers.export import ExportRefused, export
from funds.models import ExportRecord, Investment, Movement, Publication
from funds.payment_lists import Entitled
from office.models import Area, AuditEvent
from tests.factories import VILLAGE, make_household
from tests.funds.conftest import COUNTY, TOWN, USES, day, fresh

pytestmark = pytest.mark.django_db
CARD = "62170030000000{:05d}"
COLUMNS = {     # as auditors expect them, one after the other
    "funds": """序号 年度 资金名称 资金来源级次 指标文号 下达日期 下达金额(元) 科目编码(功能/经济) 分配单位 项目编码 项目名称
        分配金额 拨付日期 凭证号 收款单位/账户(尾4) 累计拨付 报账日期 累计报账 结余 支出率% 滞留天数 公示起止 经办 复核 备注""",
    "projects": """项目编码 名称 类别 子类 建设性质 地点(镇/村) 是否贫困村 实施单位 负责人 帮扶单位 内容及规模
        计划投资(财政/自筹/社会) 批复文号 入库日期 计划开工/完工 实际开工/完工 进度% 合同价 结算价 累计支付 验收日期/结论
        受益村/户/人(其中贫困) 带贫机制 预期/实际收益 资产归属/移交 公示(事前/事后) 绩效评级""",
    "payments": "户编号 户主 受益人 身份证(掩码) 项目 标准 数量 金额 一卡通开户行/尾号 发放日期 批次 签领 核对状态",
    "dividends": "入股资金 主体 期限 保底率 应分/实分 分配户数 本金到期 风险"}


@pytest.fixture
def flow(desk):
    """A document split and spent: 1,000,000 granted, 400,000 to the town, 300,000 to a project, 120,000 paid."""
    county = desk.appropriation("1000000", economic_code="30305")
    desk.approve(desk.transfer(county, "400000"))
    project = desk.project()
    oversight.publish(Publication(project=project, what="project", channel="board", place="村委会公告栏",
                                  from_on=day("2017-03-01"), to_on=day("2017-03-11"), evidence="照片"), desk.clerk)
    bound = desk.commit(fresh(county), project, "300000")
    desk.pay(bound, "80000", payee_account="62170030001234", number="记-12")
    desk.pay(bound, "40000", on="2017-06-01", number="记-15")
    return county, bound


@pytest.fixture
def batch(desk):
    """Three households paid 1,000 each; the third payment came back."""
    account = desk.appropriation("50000", number="粤财农〔2017〕2号")
    for serial in (1, 2, 3):
        make_household(serial=serial, year=2017, head_name=f"陈{serial}户", bank_name="农村信用社", bank_card=CARD.format(serial))
    made = payment_lists.create(desk.clerk, account=account, area=Area.objects.get(pk=TOWN), item="产业奖补", year=2017,
                                unit="household", standard="1000", use=USES[0])
    payment_lists.fill(made)
    payment_lists.check(fresh(made), desk.clerk)
    payment_lists.approve(fresh(made), desk.chief, on=day("2017-04-01"))
    payments.pay(fresh(made), desk.clerk, on=day("2017-04-05"))
    return fresh(made)


@pytest.fixture
def bank_says(tmp_path, desk):
    def answer(batch, *results):
        path = tmp_path / "bank.csv"
        lines = [f"{batch.number},LS1,{n},1000.00,{'成功' if ok else '失败'},{'' if ok else '账号有误'}"
                 for n, ok in enumerate(results, start=1)]
        path.write_text("批次号,银行流水号,序号,金额,结果,原因\n" + "\n".join(lines), encoding="utf-8")
        payments.match_return(batch, path, desk.clerk, on=day("2017-04-10"))
    return answer


@pytest.fixture
def exported(command, tmp_path):
    """Exports by the command and reads back: (answer, column names, rows by column name, workbook)."""
    def run(kind, *options, programme="MZ2016"):
        path = tmp_path / f"{kind}.xlsx"
        code, answer, errors = command("export_ledger", "--programme", programme, "--kind", kind, "--out", path, *options)
        assert code == 0, errors
        book = openpyxl.load_workbook(path, data_only=True)
        lines = list(book["台账"].iter_rows(values_only=True))
        names = list(lines[2])
        return answer, names, [dict(zip(names, line, strict=True)) for line in lines[3:-1]], book
    return run


@pytest.mark.req("R307", "R146")
@pytest.mark.parametrize("kind", COLUMNS)
def test_columns_stand_in_the_order_auditors_expect(exported, flow, kind):
    _, names, _, book = exported(kind)
    assert names == COLUMNS[kind].split()
    sheet = book["台账"]
    assert sheet.freeze_panes == "A4"
    assert sheet.auto_filter.ref.startswith("A3:")
    assert "导出编号" in sheet["A2"].value
    assert "数据截至" in sheet["A2"].value
    assert "导出人：系统命令" in sheet["A2"].value


@pytest.mark.req("R307", "R145", "R150")
def test_funds_are_shown_where_they_lie(exported, flow):
    answer, _, rows, _ = exported("funds")
    assert answer == {"rows": 3, "total": "1000000.00", "chain_head": chain.head()[1]}
    by_place = {(row["分配单位"], row["项目编码"]): row for row in rows}
    county, town = by_place["五华县", None], by_place["水寨镇", None]
    assert (county["下达金额(元)"], county["分配金额"], county["结余"]) == (1000000, 300000, 300000)
    assert (town["下达金额(元)"], town["分配金额"], town["累计拨付"]) == (None, 400000, 0)
    [project] = [row for row in rows if row["项目编码"] == "XM001"]
    assert (project["分配金额"], project["累计拨付"], project["结余"], project["支出率%"]) == (300000, 120000, 180000, 40)
    assert (project["拨付日期"].date(), project["凭证号"]) == (day("2017-06-01"), "记-12、记-15")
    assert "兴农合作社 1234" in project["收款单位/账户(尾4)"]
    assert project["滞留天数"] > 365
    assert (project["公示起止"], project["经办"], project["复核"]) == ("项目公开2017-03-01至2017-03-11", "财政经办", "扶贫办复核")
    assert (project["科目编码(功能/经济)"], project["资金来源级次"]) == ("2130599/30305", "省")


def test_what_came_in_is_what_lies_in_the_rows(exported, flow, desk):
    county, bound = flow
    movement = Movement.objects.filter(kind="payment").latest("sequence")
    desk.approve(actions.record_reversal(desk.clerk, movement, on=day("2017-07-01"), reason="付错单位"))
    desk.approve(actions.record_refund(desk.clerk, account=bound, to_account=county, amount="50000", on=day("2017-07-02")))
    desk.approve(actions.record_carry_over(desk.clerk, account=fresh(bound), on=day("2017-12-31")))
    answer, _, rows, _ = exported("funds")
    assert sum(row["下达金额(元)"] or 0 for row in rows) == sum(row["分配金额"] for row in rows) == 1000000
    assert sum(row["累计拨付"] for row in rows) == 80000
    assert sum(row["结余"] for row in rows) == 920000
    assert answer["total"] == "1000000.00"
    assert "2018年度账户（结转）" in {row["备注"] for row in rows}


def test_a_township_counts_what_came_to_it(exported, flow):
    answer, _, rows, _ = exported("funds", "--area", TOWN)
    assert (answer["rows"], answer["total"]) == (2, "700000.00")
    assert sum(row["下达金额(元)"] for row in rows) == 700000


@pytest.mark.req("R146", "R307")
def test_households_get_a_row_for_every_payment_and_every_return(exported, batch, bank_says):
    bank_says(batch, True, True, False)
    answer, _, rows, book = exported("payments")
    assert answer["rows"] == 4
    assert answer["total"] == "2000.00"
    assert [(row["户编号"][-1], row["金额"], row["核对状态"]) for row in rows] == [
        ("1", 1000, "银行已确认"), ("2", 1000, "银行已确认"), ("3", 1000, "银行退回"), ("3", -1000, "退回：账号有误")]
    first = rows[0]
    assert (first["户编号"], first["户主"], first["项目"], first["批次"]) == (f"{VILLAGE}0001", "陈1户", "产业奖补", batch.number)
    assert (first["标准"], first["数量"], first["一卡通开户行/尾号"]) == (1000, 1, "农村信用社 0001")
    assert first["身份证(掩码)"][6:14] == "********"
    cell = book["台账"]["A4"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    assert book["台账"]["H4"].number_format == "#,##0.00"


def test_the_funds_ledger_names_the_batch_and_what_the_bank_confirmed(exported, batch, bank_says):
    bank_says(batch, True, True, False)
    _, _, [row], _ = exported("funds")
    assert (row["凭证号"], row["收款单位/账户(尾4)"], row["累计拨付"]) == (batch.number, "农户一卡通", 2000)
    assert (row["累计报账"], row["报账日期"].date()) == (2000, day("2017-04-10"))


@pytest.mark.parametrize(("options", "rows"), [((), 3), (("--year", "2017"), 3), (("--year", "2018"), 0),
                                               (("--area", VILLAGE), 3), (("--area", "441424103000"), 0)])
def test_area_and_year_narrow_the_export(exported, batch, options, rows):
    answer, _, found, _ = exported("payments", *options)
    assert (answer["rows"], len(found), answer["total"]) == (rows, rows, f"{rows * 1000}.00")


def test_another_programme_is_another_ledger(exported, batch):
    assert exported("payments", programme="HY2018")[0]["rows"] == 0


def test_a_reversed_payment_is_a_row_of_its_own(exported, batch, desk):
    first = Movement.objects.filter(batch=batch).earliest("sequence")
    desk.approve(actions.record_reversal(desk.clerk, first, on=day("2017-04-20"), reason="重复发放"))
    answer, _, rows, _ = exported("payments")
    assert (answer["rows"], answer["total"]) == (4, "2000.00")
    assert (rows[-1]["户编号"], rows[-1]["金额"], rows[-1]["核对状态"]) == (f"{VILLAGE}0001", -1000, "冲正：重复发放")


def test_projects_and_what_was_paid_for_them(exported, flow, desk):
    desk.project("XM002", entered_on=None, name="待入库项目")
    answer, _, rows, _ = exported("projects")
    assert (answer["rows"], answer["total"]) == (2, "120000.00")
    project = rows[0]
    assert (project["项目编码"], project["累计支付"], project["入库日期"].date()) == ("XM001", 120000, day("2017-03-05"))
    assert project["地点(镇/村)"].startswith("水寨镇/")
    assert project["计划投资(财政/自筹/社会)"] == "0.00/0.00/0.00"
    assert project["公示(事前/事后)"] == "2017-03-01至2017-03-11/"
    assert (rows[1]["入库日期"], rows[1]["累计支付"]) == (None, 0)


@pytest.fixture
def invested(desk, flow):
    return Investment.objects.create(
        project=flow[1].project, enterprise="兴农合作社", amount=Decimal(200000), starts_on=day("2017-05-01"), term_months=30,
        guaranteed_rate=Decimal("8.00"), principal_due_on=day("2019-11-01"), risk="水灾", recorded_by=desk.clerk)


def test_asset_income_says_what_is_owed_and_what_households_got(exported, flow, invested, desk):
    account = desk.appropriation("30000", number="分红1号", on="2018-05-01")
    for serial in (1, 2):
        make_household(serial=serial, year=2018, head_name=f"陈{serial}户", bank_card=CARD.format(serial))
    made = payment_lists.create(desk.clerk, account=account, area=Area.objects.get(pk=TOWN), item="光伏分红", year=2018,
                                unit="household", standard="7500", use=USES[0], purpose="dividend", investment=invested)
    payment_lists.fill(made, [Entitled(f"{VILLAGE}0001"), Entitled(f"{VILLAGE}0002")])
    payment_lists.check(fresh(made), desk.clerk)
    payment_lists.approve(fresh(made), desk.chief, on=day("2018-06-01"))
    payments.pay(fresh(made), desk.clerk, on=day("2018-06-05"))
    answer, _, [row], _ = exported("dividends")
    assert (answer["rows"], answer["total"]) == (1, "200000.00")
    assert (row["主体"], row["期限"], row["保底率"]) == ("兴农合作社", "30个月（2017-05-01至2019-11-01）", 8)
    assert (row["应分/实分"], row["分配户数"]) == ("40,000.00/15,000.00", 2)
    assert row["风险"] == "水灾；未分足；本金已到期"
    assert exported("dividends", "--year", "2018")[2][0]["应分/实分"] == "16,000.00/15,000.00"


def test_the_years_of_an_investment_add_up(invested):
    until = datetime.date(2030, 1, 1)
    assert due(invested, until) == sum(due(invested, until, year) for year in range(2017, 2021)) == Decimal("40000.00")
    assert due(invested, day("2018-04-30")) == 0
    assert due(invested, day("2018-05-01")) == Decimal("16000.00")
    assert (after(day("2016-02-29"), 12), after(day("2017-10-31"), 4)) == (day("2017-02-28"), day("2018-02-28"))


@pytest.mark.req("R307")
def test_the_last_row_sums_up_by_formula_with_stored_values(exported, flow, tmp_path):
    _, names, rows, book = exported("funds")
    last = dict(zip(names, list(book["台账"].iter_rows(values_only=True))[-1], strict=True))
    formulas = list(openpyxl.load_workbook(tmp_path / "funds.xlsx")["台账"].iter_rows(values_only=True))[-1]
    assert last["序号"] == "合计"
    assert last["分配金额"] == 1000000
    assert formulas[names.index("分配金额")] == f"=SUM(L4:L{3 + len(rows)})"


def test_the_checking_sheet_carries_the_control_figures(exported, flow):
    answer, _, rows, book = exported("funds")
    stated = {name: value for name, value, *_ in book["校验"].iter_rows(min_row=2, max_row=13, values_only=True)}
    assert (stated["行数"], stated["控制总数"], stated["链头"]) == ("3", "1000000.00", answer["chain_head"])
    assert stated["导出编号"] == ExportRecord.objects.get().number
    digests = [line for line in book["校验"].iter_rows(min_row=16, values_only=True) if line[1]]
    assert [line[0] for line in digests] == list(range(1, 3 + len(rows) + 1 + 1))


@pytest.mark.req("R335")
def test_every_export_stands_in_the_trail(exported, flow):
    answer, *_ = exported("funds")
    event = AuditEvent.objects.filter(action="导出台账").latest("sequence")
    record = ExportRecord.objects.get()
    assert event.subject == record.number
    assert (event.detail["rows"], event.detail["total"], event.detail["chain_head"]) == (3, "1000000.00", answer["chain_head"])
    assert (record.rows, record.total, record.chain_sequence) == (3, 1000000, chain.head()[0])


def test_a_second_export_differs_by_time_and_number_alone(exported, flow, batch):
    first, second = exported("payments")[3], exported("payments")[3]
    for sheet, skipped in (("台账", {2}), ("校验", {4, 11, 13, 17})):
        pairs = zip(first[sheet].iter_rows(values_only=True), second[sheet].iter_rows(values_only=True), strict=True)
        differing = {number for number, (one, other) in enumerate(pairs, start=1) if one != other}
        assert differing <= skipped


@pytest.mark.parametrize(("options", "said"), [
    (("--programme", "XX"), "没有政策文件"), (("--area", "999999999999"), "没有区划代码"), (("--area", "441500000000"), "不在"),
    (("--year", "1999"), "年度"), (("--out", "no/such/folder/f.xlsx"), "不存在")])
def test_bad_options_are_refused_in_a_sentence(command, tmp_path, flow, options, said):
    asked = {"--programme": "MZ2016", "--kind": "funds", "--out": str(tmp_path / "f.xlsx")} | dict([options])
    code, answer, errors = command("export_ledger", *[part for pair in asked.items() for part in pair])
    assert (code, answer) == (1, None)
    assert said in errors
    assert not (tmp_path / "f.xlsx").exists()


@pytest.mark.parametrize("broken", ["row", "amount"])
def test_a_short_export_is_refused_and_leaves_no_file(desk, batch, tmp_path, monkeypatch, broken):
    whole = payment_rows.rows

    def cut(extent):
        rows = list(whole(extent))
        return rows[:-1] if broken == "row" else [*rows[:-1], (*rows[-1][:7], Decimal(1), *rows[-1][8:])]

    monkeypatch.setattr(payment_rows, "rows", cut)
    record = orders.order(None, "payments", desk.programme, Area.objects.get(pk=COUNTY))
    with pytest.raises(ExportRefused, match="不符"):
        export(record, tmp_path / "short.xlsx")
    assert not list(tmp_path.iterdir())
    assert (fresh(record).state, "不符" in fresh(record).message) == ("failed", True)


def test_movements_posted_meanwhile_are_not_half_in(desk, flow, tmp_path, monkeypatch):
    """What is posted between counting and reading lies behind the head of the chain."""
    whole = fund_rows.rows

    def late(extent):
        desk.appropriation("5", number="迟到1号")
        return whole(extent)

    monkeypatch.setattr(fund_rows, "rows", late)
    record = orders.order(None, "funds", desk.programme)
    sealed = export(record, tmp_path / "f.xlsx")
    assert (sealed.rows, sealed.total, fresh(record).chain_sequence) == (3, 1000000, chain.head()[0] - 1)
