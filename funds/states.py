"""The words of the money: where it comes from, where it lies, how it moves, and in which state a paper about it is.

The stored value is the code, the label is what people read. Pure: no table is known here.
"""
from django.db import models


class Source(models.TextChoices):
    """Who gives: the levels of the provincial platform, and those outside the budget."""

    CENTRAL = "central", "中央"
    PROVINCE = "province", "省"
    HELPER_CITY = "helper_city", "对口帮扶市"
    CITY = "city", "市"
    CITY_FUND = "city_fund", "市扶贫基金"
    COUNTY = "county", "县（市、区）"
    TOWNSHIP = "township", "镇（街道）"
    UNIT = "unit", "定点帮扶单位"
    INDUSTRY = "industry", "行业部门"
    SOCIETY = "society", "社会捐赠"
    LOAN = "loan", "贷款"


# Payers from outside the budget: what they promised has a day by which it must have arrived.
PLEDGING = (Source.UNIT, Source.INDUSTRY, Source.SOCIETY)


class AccountKind(models.TextChoices):
    """Where money lies. Only a source may fall below zero: its minus is what it has given."""

    SOURCE = "source", "资金来源"
    BUDGET = "budget", "本级资金"          # of an area, not yet bound to a project
    PROJECT = "project", "项目资金"        # bound to a project, not yet paid
    PAYEE = "payee", "收款单位"            # paid to implementers and suppliers
    CARDS = "cards", "农户一卡通"          # paid to the cards of households


class Kind(models.TextChoices):
    """How money moves; each kind goes from one kind of account to another (`ROUTES`)."""

    APPROPRIATION = "appropriation", "下达"
    TRANSFER = "transfer", "分解下达"
    COMMITMENT = "commitment", "安排到项目"
    PAYMENT = "payment", "支付"
    HOUSEHOLD_PAYMENT = "household_payment", "到户发放"
    REFUND = "refund", "退回"
    CARRY_OVER = "carry_over", "结转"
    REVERSAL = "reversal", "冲正"


_A = AccountKind
# From and to, by kind. A reversal goes the way of what it reverses, backwards.
ROUTES: dict[str, tuple[tuple[str, str], ...]] = {
    Kind.APPROPRIATION: ((_A.SOURCE, _A.BUDGET),),
    Kind.TRANSFER: ((_A.BUDGET, _A.BUDGET),),
    Kind.COMMITMENT: ((_A.BUDGET, _A.PROJECT),),
    Kind.PAYMENT: ((_A.PROJECT, _A.PAYEE),),
    Kind.HOUSEHOLD_PAYMENT: ((_A.BUDGET, _A.CARDS), (_A.PROJECT, _A.CARDS)),
    Kind.REFUND: ((_A.PAYEE, _A.PROJECT), (_A.CARDS, _A.PROJECT), (_A.CARDS, _A.BUDGET), (_A.PROJECT, _A.BUDGET),
                  (_A.BUDGET, _A.SOURCE)),
    Kind.CARRY_OVER: ((_A.BUDGET, _A.BUDGET), (_A.PROJECT, _A.PROJECT)),
}
# Kinds that spend: they name a use, and the use must be one the document permits.
SPENDING = (Kind.COMMITMENT, Kind.PAYMENT, Kind.HOUSEHOLD_PAYMENT)


class Stage(models.TextChoices):
    ADVANCE = "advance", "预付款"
    PROGRESS = "progress", "进度款"
    FINAL = "final", "结算款"
    RETENTION = "retention", "质保金"


class VoucherState(models.TextChoices):
    DRAFT = "draft", "待复核"
    APPROVED = "approved", "已入账"
    REFUSED = "refused", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"


class BatchState(models.TextChoices):
    DRAFT = "draft", "编制中"
    CHECKED = "checked", "已核对"
    APPROVED = "approved", "已批准"
    PAID = "paid", "已发放"
    RECONCILED = "reconciled", "已对账"
    CLOSED = "closed", "已归档"
    DISCARDED = "discarded", "已作废"


# Which states may follow which; the list itself is frozen from `approved` on.
BATCH_STEPS: dict[str, tuple[str, ...]] = {
    BatchState.DRAFT: (BatchState.CHECKED, BatchState.DISCARDED),
    BatchState.CHECKED: (BatchState.CHECKED, BatchState.DRAFT, BatchState.APPROVED, BatchState.DISCARDED),
    BatchState.APPROVED: (BatchState.PAID, BatchState.DISCARDED),
    BatchState.PAID: (BatchState.RECONCILED,),
    BatchState.RECONCILED: (BatchState.RECONCILED, BatchState.CLOSED),
    BatchState.CLOSED: (),
    BatchState.DISCARDED: (),
}
OPEN_LIST = (BatchState.DRAFT.value, BatchState.CHECKED.value)


class BatchUnit(models.TextChoices):
    HOUSEHOLD = "household", "按户"
    PERSON = "person", "按人"


class BatchPurpose(models.TextChoices):
    SUBSIDY = "subsidy", "到户补助"
    DIVIDEND = "dividend", "资产收益分红"


class Finding(models.TextChoices):
    """Why a line of a payment list may not be paid."""

    DECREASED = "decreased", "人员已自然减少（死亡、迁出等）"
    REMOVED = "removed", "人员已清退"
    NOT_REGISTERED = "not_registered", "该年度不在册"
    DUPLICATE_PERSON = "duplicate_person", "同一证件号码在本批中重复"
    SAME_ITEM = "same_item", "同一事项本年已列入其他批次"
    HOLDER = "holder", "账户持有人不是本户在册成员"
    NO_CARD = "no_card", "未登记一卡通账号"
    SHARED_CARD = "shared_card", "同一账号供多户使用"
    ABOVE_STANDARD = "above_standard", "金额超过标准"


class BankResult(models.TextChoices):
    SUCCESS = "success", "成功"
    FAILED = "failed", "失败"


class ProjectState(models.TextChoices):
    PROPOSED = "proposed", "申报"
    REVIEWED = "reviewed", "镇级审核"
    ENTERED = "entered", "已入库"
    UNDER_WAY = "under_way", "实施中"
    COMPLETED = "completed", "已完工"
    ACCEPTED = "accepted", "已验收"
    REMOVED = "removed", "已出库"


class Construction(models.TextChoices):
    NEW = "new", "新建"
    EXTENSION = "extension", "扩建"
    REBUILDING = "rebuilding", "改建"
    CONTINUED = "continued", "续建"
    NONE = "none", "非建设类"


class VillageHelper(models.TextChoices):
    """Whose units help a village: decides who pays for it in some programmes."""

    PROVINCE = "province", "省直帮扶"
    HELPER_CITY = "helper_city", "对口帮扶市帮扶"
    CITY = "city", "市直帮扶"
    COUNTY = "county", "县直帮扶"
    SELF = "self", "自行帮扶"


class LedgerKind(models.TextChoices):
    """The workbooks that auditors ask for; the codes are those of `export_ledger --kind`."""

    FUNDS = "funds", "资金台账"
    PROJECTS = "projects", "项目台账"
    PAYMENTS = "payments", "到户补助发放"
    DIVIDENDS = "dividends", "资产收益台账"


class ExportState(models.TextChoices):
    REQUESTED = "requested", "待审批"
    QUEUED = "queued", "生成中"
    DONE = "done", "已生成"
    REFUSED = "refused", "未批准"
    FAILED = "failed", "未生成"
    TAKEN = "taken", "已下载"


class Publicity(models.TextChoices):
    """What must be made public: three things of every project, and how a city or county divided a document's money."""

    PROJECT = "project", "项目公开"
    FUNDS = "funds", "资金公开"
    EFFECT = "effect", "成效公开"
    ALLOCATION = "allocation", "分配结果公开"


class Channel(models.TextChoices):
    WEBSITE = "website", "政府网站"
    BOARD = "board", "镇村公告栏"
    SITE = "site", "项目实施地"


class PublicityState(models.TextChoices):
    MISSING = "missing", "未公示"
    SHORT = "short", "公示不足"
    RUNNING = "running", "公示中"
    PUBLISHED = "published", "已公示"


class Procedure(models.TextChoices):
    """How who carries out a project was chosen."""

    OPEN_TENDER = "open_tender", "公开招标"
    INVITED_TENDER = "invited_tender", "邀请招标"
    NEGOTIATION = "negotiation", "竞争性谈判"
    INQUIRY = "inquiry", "询价"
    SINGLE_SOURCE = "single_source", "单一来源"
    GOVERNMENT = "government", "政府采购"
    VILLAGE_MEETING = "village_meeting", "一事一议"


class AuditBody(models.TextChoices):
    """Who checks: finance, audit, discipline and prosecution, and the poverty offices themselves."""

    AUDIT = "audit", "审计机关"
    FINANCE = "finance", "财政部门"
    DISCIPLINE = "discipline", "纪检监察机关"
    PROCURATORATE = "procuratorate", "检察机关"
    POVERTY_OFFICE = "poverty_office", "扶贫部门"


class Misuse(models.TextChoices):
    """Kinds of misuse, in the words of the documents (挤占挪用、截留私分、虚报冒领、挥霍浪费)."""

    OCCUPATION = "occupation", "挤占"
    DIVERSION = "diversion", "挪用"
    WITHHOLDING = "withholding", "截留私分"
    FALSE_CLAIM = "false_claim", "虚报冒领"
    SQUANDERING = "squandering", "挥霍浪费"


class FindingState(models.TextChoices):
    OPEN = "open", "待处理"
    RECTIFYING = "rectifying", "整改中"
    CLOSED = "closed", "已办结"


class Outcome(models.TextChoices):
    RECTIFIED = "rectified", "整改"
    RECOVERED = "recovered", "追回"
    TRANSFERRED = "transferred", "移送"
