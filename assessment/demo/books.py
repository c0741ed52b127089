"""The books of the made-up money: one person records, another approves, everything happens on its day.

Whatever is to happen is put into a diary; `run` does it day by day, so that the ledger is in the order of its dates.
"""
import csv
import datetime
import heapq
import tempfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from random import Random

from assessment.demo.supervision import METHODS, Supervision
from assessment.demo.ventures import SUPPLIERS, venture_for
from funds import accounts, actions, investments, payment_lists, payments
from funds.models import Account, Appropriation, BatchLine, Investment, PaymentBatch, Pledge, Project
from funds.states import AccountKind, BatchPurpose, BatchUnit, ProjectState, Source, Stage
from office.models import Area, Officer, Programme

FAILED = 3                  # payments of a batch that come back from the bank
REASONS = ("账号户名不符", "账户已销户", "账户状态异常")
SUBJECT, ECONOMIC = "2130505", "30310"     # 扶贫—生产发展; 个人农业生产补贴


class Books:
    """Posts through the product's own actions, for one county and one programme."""

    def __init__(self, county: Area, programme: Programme, recorder: Officer, approver: Officer, rng: Random):
        self.county, self.programme, self.recorder, self.approver, self.rng = county, programme, recorder, approver, rng
        self._diary: list[tuple[datetime.date, int, Callable]] = []
        self._entries = self._documents = self._projects = 0
        self.supervision = Supervision(recorder)

    def on(self, day: datetime.date, happens: Callable[[datetime.date], object]) -> None:
        """Let something happen on a day."""
        self._entries += 1
        heapq.heappush(self._diary, (day, self._entries, happens))

    def run(self) -> None:
        """Let everything happen in its order; what happens may enter more."""
        while self._diary:
            day, _, happens = heapq.heappop(self._diary)
            happens(day)

    def _approve(self, *vouchers) -> None:
        actions.approve_all(vouchers, self.approver)

    # Money comes in and goes down

    def receive(self, day: datetime.date, source: str, amount: Decimal, *, issued_on: datetime.date, uses,
                area: Area | None = None, title: str = "", payer: str = "", special_line: str = "",
                pledge: Pledge | None = None) -> Appropriation:
        """A document that grants money to the county (or a township of it), and the money itself."""
        area = area or self.county
        self._documents += 1
        number = f"{_agency(source, area)}（示范）〔{issued_on.year}〕{self._documents}号"
        voucher = actions.record_appropriation(
            self.recorder, programme=self.programme, area=area, document_number=number, source=source, amount=amount,
            title=title or f"{issued_on.year}年{Source(source).label}扶贫开发资金（示范）", issued_on=issued_on, on=day,
            payer_name=payer or _payer(source, area), subject_code=SUBJECT, economic_code=ECONOMIC, permitted_uses=uses,
            special_line=special_line, pledge=pledge, note="示范数据")
        self._approve(voucher)
        return voucher.appropriation

    def split(self, day: datetime.date, money: Appropriation, parts: Mapping[Area, Decimal]) -> None:
        account = accounts.budget(money, self.county, day.year)
        made = list(actions.record_split(self.recorder, account=account, parts=parts, on=day))
        self._approve(*made)
        self.supervision.of_division(made[0])

    def give_back(self, day: datetime.date, money: Appropriation) -> None:
        """What is left of the county's money of a document goes back to its payer."""
        account = accounts.budget(money, self.county)
        if account.balance:
            self._approve(actions.record_refund(self.recorder, account=account, to_account=accounts.source(money),
                                                amount=account.balance, on=day, note="分配结余退回"))

    # Projects

    def project(self, day: datetime.date, place: Area, use: str, plan: Decimal, title: str = "", **facts) -> Project:
        """A project taken into the library on a day, by the approver; `title` is its name without the place."""
        self._projects += 1
        venture, rng = venture_for(use), self.rng
        start = day + datetime.timedelta(days=rng.randint(20, 45))
        facts = self.supervision.as_known({"state": ProjectState.UNDER_WAY, "progress": 60, **facts}, self._projects)
        made = Project(
            number=f"XM{self.county.pk[:6]}{day.year}{self._projects:03d}", programme=self.programme, area=place,
            name=f"{place.name}{title or rng.choice(venture.names)}（示范）", year=day.year, category=venture.category,
            sub_category=venture.sub_category, use=use, construction=venture.construction(rng),
            implementer=f"{place.name}{venture.implementer}" if venture.implementer[0] in "村镇街" else venture.implementer,
            content=f"{place.name}{venture.sub_category}，总投资 {plan:,.2f} 元（示范数据）", planned_fiscal=plan,
            approval_document=f"{self.county.name}扶组（示范）〔{day.year}〕{self._projects}号", entered_on=day,
            planned_start=start, planned_end=start + datetime.timedelta(days=200), actual_start=start,
            mechanism=venture.mechanism, asset_owner=f"{place.name}集体", recorded_by=self.recorder,
            approved_by=self.approver, **facts)
        made.full_clean()
        made.save()
        self.supervision.of_project(made, self._projects, rng.choice(METHODS))
        return made

    def commit(self, day: datetime.date, money: Appropriation, project: Project, amount: Decimal, holder: Area) -> None:
        account = accounts.budget(money, holder, day.year)
        self._approve(actions.record_commitment(self.recorder, account=account, project=project, amount=amount, on=day))

    def pay(self, day: datetime.date, money: Appropriation, project: Project, amount: Decimal, stage: Stage) -> None:
        account = accounts.project(money, project, day.year)
        self._approve(actions.record_payment(
            self.recorder, account=account, amount=amount, on=day, stage=stage, payee=self.rng.choice(SUPPLIERS),
            payee_account=f"{self.rng.randrange(10000):04d}"))

    def invest(self, day: datetime.date, project: Project, amount: Decimal) -> Investment:
        return investments.record(
            self.recorder, project, enterprise="县农业投资公司（示范）", amount=amount, starts_on=day, term_months=60,
            guaranteed_rate=6, risk="企业经营风险，已办理资产抵押")

    def carry_over(self, day: datetime.date) -> None:
        """Everything that is left at the end of a year."""
        left = Account.objects.in_area(self.county.pk).filter(
            programme=self.programme, year=day.year, kind__in=(AccountKind.BUDGET, AccountKind.PROJECT), balance__gt=0)
        self._approve(*(actions.record_carry_over(self.recorder, account=account, on=day, note="年终结转")
                        for account in left.order_by("pk")))

    # Households

    def pay_households(self, day: datetime.date, account: Account, item: str, standard: Decimal, area: Area,
                       households: list[str], use: str, investment: Investment | None = None) -> None:
        """A list made, checked and approved, paid two days later; some days after that the bank's answer."""
        batch = payment_lists.create(
            self.recorder, account=account, area=area, item=item, year=day.year, unit=BatchUnit.HOUSEHOLD,
            standard=standard, use=use, basis=account.appropriation.document_number, investment=investment,
            purpose=BatchPurpose.DIVIDEND if investment else BatchPurpose.SUBSIDY)
        payment_lists.fill(batch, [payment_lists.Entitled(no) for no in households])
        payment_lists.check(batch, self.recorder)
        batch.refresh_from_db()
        if not batch.lines_count:
            payment_lists.discard(batch, self.recorder)
            return
        payment_lists.approve(batch, self.approver, on=day)
        self.on(day + datetime.timedelta(days=2), lambda paid_on: payments.pay(batch, self.recorder, on=paid_on))
        self.on(day + datetime.timedelta(days=6), lambda back: self._bank_answers(back, batch))

    def _bank_answers(self, day: datetime.date, batch: PaymentBatch) -> None:
        """The bank's file: a few payments failed and come back."""
        lines = list(BatchLine.objects.filter(batch=batch, live=True).order_by("position").only("position", "amount"))
        failed = {line.position for line in self.rng.sample(lines, min(FAILED, len(lines) // 10))}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{batch.number}-回盘.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                out = csv.writer(file)
                out.writerow(("批次号", "银行流水号", "序号", "金额", "结果", "原因"))
                order = f"SF{day:%Y%m%d}{batch.pk:06d}"
                for line in lines:
                    lost = line.position in failed
                    out.writerow((batch.number, order, line.position, line.amount, "失败" if lost else "成功",
                                  self.rng.choice(REASONS) if lost else ""))
            payments.match_return(batch, path, self.recorder, on=day)


def _agency(source: str, area: Area) -> str:
    """How the documents of a payer begin: 粤财农, 梅财农, …"""
    city = area.trail[1].name if len(area.trail) > 1 else area.name
    return {Source.PROVINCE: "粤财农", Source.HELPER_CITY: "帮扶财农", Source.CITY: f"{city[0]}财农",
            Source.CITY_FUND: f"{city[0]}扶基", Source.COUNTY: f"{area.name[0]}财农",
            Source.TOWNSHIP: f"{area.name[:2]}财"}.get(source, f"{area.name[:2]}协")


def _payer(source: str, area: Area) -> str:
    city = area.trail[1].name if len(area.trail) > 1 else area.name
    return {Source.PROVINCE: "省财政厅", Source.HELPER_CITY: "对口帮扶市财政局", Source.CITY: f"{city}财政局",
            Source.CITY_FUND: f"{city}扶贫基金", Source.COUNTY: f"{area.name}财政局",
            Source.TOWNSHIP: f"{area.name}财政所"}[source]
