"""The ledger: one row per movement of money. Rows are only ever added, and each one is chained to the one before."""
from django.db import models
from django.db.models import F, Q

from funds.models.account import Account
from funds.models.appropriation import Appropriation
from funds.models.batch import BatchLine, PaymentBatch
from funds.models.project import Project
from funds.models.voucher import Voucher
from funds.states import Kind, Stage
from households.models import Household, Member
from office.access import ScopedQuerySet
from office.fields import MoneyField
from office.models import Area, Officer


def _link(model, label: str, related: str = "+", null: bool = True) -> models.ForeignKey:
    """A reference that the guard of the table checks for all rows of a statement at once (funds.guards).

    PostgreSQL would otherwise check it row by row, ten times for each of fifty thousand payments.
    """
    return models.ForeignKey(model, verbose_name=label, null=null, on_delete=models.PROTECT, db_constraint=False,
                             db_index=False, related_name=related)


class Movement(models.Model):
    """Money went from one account to another. Corrected only by a reversal; `digest` covers all columns and the
    digest of the row before (funds.chain). Rules that need other rows are kept by the database, see funds.guards.
    """

    area_lookup = "area_id"

    sequence = models.PositiveBigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("入账时间")                     # whole seconds
    on = models.DateField("日期")                             # the day the money moved
    kind = models.CharField("类型", max_length=18, choices=Kind.choices)
    stage = models.CharField("款项", max_length=10, choices=Stage.choices, blank=True)
    from_account = _link(Account, "付方", "movements_out", null=False)
    to_account = _link(Account, "收方", "movements_in", null=False)
    amount = MoneyField("金额")
    appropriation = _link(Appropriation, "指标文", "movements", null=False)
    document = models.CharField("文号", max_length=60)
    subject_code = models.CharField("功能科目", max_length=12)
    economic_code = models.CharField("经济科目", max_length=12, blank=True)
    use = models.CharField("用途", max_length=60, blank=True)
    area = _link(Area, "区域", null=False)                    # the smallest area the movement concerns
    project = _link(Project, "项目", "movements")
    household = _link(Household, "户", "movements")
    member = _link(Member, "受益人", "movements")
    batch = _link(PaymentBatch, "批次", "movements")
    batch_line = _link(BatchLine, "发放明细", "movements")
    voucher = _link(Voucher, "凭证", "movements")
    voucher_number = models.CharField("凭证号", max_length=40)
    payee = models.CharField("收款单位", max_length=60, blank=True)
    payee_account = models.CharField("收款账户尾号", max_length=4, blank=True)
    network_number = models.CharField("涉农网编号", max_length=40, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    reverses = models.OneToOneField("self", verbose_name="冲正", null=True, on_delete=models.PROTECT,
                                    db_constraint=False, related_name="reversed_by")
    recorded_by = _link(Officer, "经办", null=False)
    approved_by = _link(Officer, "复核", null=False)
    digest = models.CharField("摘要值", max_length=64)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资金流水"
        ordering = ["sequence"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="movement_amount_positive"),
            models.CheckConstraint(condition=~Q(from_account=F("to_account")), name="movement_goes_somewhere"),
            models.CheckConstraint(condition=~Q(recorded_by=F("approved_by")), name="movement_two_persons"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="movement_kind_known"),
            models.CheckConstraint(condition=Q(kind="reversal", reverses__isnull=False)
                                   | ~Q(kind="reversal") & Q(reverses__isnull=True), name="movement_reversal_names_row"),
            models.CheckConstraint(condition=~Q(kind__in=("payment", "commitment")) | Q(project__isnull=False),
                                   name="movement_payment_names_project"),
            models.CheckConstraint(
                condition=~Q(kind="household_payment")
                | Q(batch__isnull=False, batch_line__isnull=False, household__isnull=False),
                name="movement_payment_names_household"),
            models.UniqueConstraint(fields=["appropriation"], condition=Q(kind="appropriation"),
                                    name="movement_appropriation_once"),
            models.UniqueConstraint(fields=["batch_line", "kind"], condition=Q(batch_line__isnull=False) & ~Q(kind="reversal"),
                                    name="movement_line_paid_once"),
            models.UniqueConstraint(fields=["voucher"], condition=Q(voucher__isnull=False), name="movement_voucher_once"),
        ]
        indexes = [
            models.Index(fields=["from_account", "on", "amount"]),     # balances as of a day read the index alone
            models.Index(fields=["to_account", "on", "amount"]),
            models.Index(fields=["area", "on"]),
            models.Index(fields=["kind", "sequence"], name="movement_of_kind"),      # all kinds but payments to cards are few
            models.Index(fields=["project"], condition=Q(project__isnull=False), name="movement_of_project"),
            models.Index(fields=["household"], condition=Q(household__isnull=False), name="movement_of_household"),
        ]

    def __str__(self):
        return f"{self.sequence} {self.get_kind_display()} {self.amount}"
