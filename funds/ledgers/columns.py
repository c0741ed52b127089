"""The columns of the four ledgers, in the order auditors expect, as data. Pure."""
from dataclasses import dataclass

from funds.states import LedgerKind
from office.workbooks import SealedColumn as C


@dataclass(frozen=True)
class Layout:
    """What one ledger looks like: the letters its export numbers begin with, its columns, and the one that is controlled."""

    letters: str
    control: str
    columns: tuple[C, ...]


_FUNDS = (
    C("序号", "integer", width=6), C("年度", "integer", width=6), C("资金名称", width=26, wrap=True), C("资金来源级次", width=13),
    C("指标文号", width=23, wrap=True), C("下达日期", "date", width=11), C("下达金额(元)", "money", True, 18),
    C("科目编码(功能/经济)", width=16), C("分配单位", width=16, wrap=True), C("项目编码", width=18, wrap=True),
    C("项目名称", width=34, wrap=True), C("分配金额", "money", True, 18), C("拨付日期", "date", width=11),
    C("凭证号", width=27, wrap=True), C("收款单位/账户(尾4)", width=30, wrap=True), C("累计拨付", "money", True, 18),
    C("报账日期", "date", width=11), C("累计报账", "money", True, 18), C("结余", "money", True, 18),
    C("支出率%", "number", width=8), C("滞留天数", "integer", width=8), C("公示起止", width=36, wrap=True), C("经办", width=10),
    C("复核", width=10), C("备注", width=24, wrap=True))
_PROJECTS = (
    C("项目编码", width=19, wrap=True), C("名称", width=34, wrap=True), C("类别", width=12, wrap=True),
    C("子类", width=12, wrap=True), C("建设性质", width=10), C("地点(镇/村)", width=18, wrap=True), C("是否贫困村", width=8),
    C("实施单位", width=20, wrap=True), C("负责人", width=10), C("帮扶单位", width=18, wrap=True),
    C("内容及规模", width=34, wrap=True), C("计划投资(财政/自筹/社会)", width=26, wrap=True), C("批复文号", width=22, wrap=True),
    C("入库日期", "date", width=11), C("计划开工/完工", width=23), C("实际开工/完工", width=23), C("进度%", "integer", width=7),
    C("合同价", "money", True, 18), C("结算价", "money", True, 18), C("累计支付", "money", True, 18),
    C("验收日期/结论", width=20, wrap=True), C("受益村/户/人(其中贫困)", width=22, wrap=True), C("带贫机制", width=18, wrap=True),
    C("预期/实际收益", width=22, wrap=True), C("资产归属/移交", width=24, wrap=True), C("公示(事前/事后)", width=28, wrap=True),
    C("绩效评级", width=10))
_PAYMENTS = (
    C("户编号", width=18), C("户主", width=10), C("受益人", width=10), C("身份证(掩码)", width=20),
    C("项目", width=28, wrap=True),
    C("标准", "money", width=11), C("数量", "number", width=8), C("金额", "money", True, 18),
    C("一卡通开户行/尾号", width=27, wrap=True), C("发放日期", "date", width=11), C("批次", width=15), C("签领", width=11),
    C("核对状态", width=22, wrap=True))
_DIVIDENDS = (
    C("入股资金", "money", True, 18), C("主体", width=26, wrap=True), C("期限", width=32), C("保底率", "number", width=9),
    C("应分/实分", width=26, wrap=True), C("分配户数", "integer", width=9), C("本金到期", "date", width=11),
    C("风险", width=36, wrap=True))

LAYOUTS = {
    LedgerKind.FUNDS: Layout("ZJ", "分配金额", _FUNDS), LedgerKind.PROJECTS: Layout("XM", "累计支付", _PROJECTS),
    LedgerKind.PAYMENTS: Layout("BZ", "金额", _PAYMENTS), LedgerKind.DIVIDENDS: Layout("SY", "入股资金", _DIVIDENDS)}
