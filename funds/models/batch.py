"""Payments to households: a list, checked, approved by another person and then frozen, paid once, matched with the bank."""
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from funds.models.account import Account
from funds.models.appropriation import Appropriation
from funds.models.project import Investment, Project
from funds.states import OPEN_LIST, BankResult, BatchPurpose, BatchState, BatchUnit
from households.models import Household, Member
from office.access import ScopedQuerySet
from office.fields import EncryptedField, MoneyField
from office.models import Area, Job, Officer, Programme


class PaymentBatch(models.Model):
    """One list of payments of one item in one year to the cards of households. From `approved` on it is frozen.

    `standard` is yuan per household or per person (`unit`); `lines_count` and `total` are the control total of the
    live lines as approved, and the payment must come to exactly that.
    """

    area_lookup = "area_id"

    number = models.CharField("批次号", max_length=30, unique=True)
    programme = models.ForeignKey(Programme, verbose_name="政策文件", on_delete=models.PROTECT, related_name="batches")
    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField("性质", max_length=10, choices=BatchPurpose.choices, default=BatchPurpose.SUBSIDY)
    item = models.CharField("发放事项", max_length=60)
    year = models.PositiveSmallIntegerField("年度")
    unit = models.CharField("标准单位", max_length=10, choices=BatchUnit.choices)
    standard = MoneyField("标准")
    use = models.CharField("资金用途", max_length=60)
    basis = models.CharField("依据", max_length=120, blank=True)
    account = models.ForeignKey(Account, verbose_name="付款账户", on_delete=models.PROTECT, related_name="batches")
    appropriation = models.ForeignKey(Appropriation, verbose_name="指标文", on_delete=models.PROTECT,
                                      related_name="batches")
    project = models.ForeignKey(Project, verbose_name="项目", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="batches")
    investment = models.ForeignKey(Investment, verbose_name="资产收益", null=True, blank=True, on_delete=models.PROTECT,
                                   related_name="batches")
    state = models.CharField("状态", max_length=10, choices=BatchState.choices, default=BatchState.DRAFT)
    lines_count = models.PositiveIntegerField("发放笔数", default=0)
    total = MoneyField("发放合计", default=0)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)
    approved_by = models.ForeignKey(Officer, verbose_name="批准", null=True, blank=True, on_delete=models.PROTECT,
                                    related_name="+")
    approved_on = models.DateField("批准日期", null=True, blank=True)
    paid_on = models.DateField("发放日期", null=True, blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放批次"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
            models.CheckConstraint(condition=Q(standard__gt=0), name="batch_standard_positive"),
            models.CheckConstraint(condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("recorded_by")),
                                   name="batch_two_persons", violation_error_message="经办人不能批准自己编制的批次"),
            models.CheckConstraint(
                condition=Q(state__in=(*OPEN_LIST, "discarded"))
                | Q(approved_by__isnull=False, approved_on__isnull=False), name="batch_approved_by_somebody"),
            models.CheckConstraint(condition=~Q(state__in=("paid", "reconciled", "closed")) | Q(paid_on__isnull=False),
                                   name="batch_paid_has_day"),
            models.CheckConstraint(condition=Q(unit__in=BatchUnit.values), name="batch_unit_known"),
        ]
        indexes = [models.Index(fields=["programme", "year", "area"])]

    def __str__(self):
        return f"{self.number} {self.item}"

    @property
    def is_open(self) -> bool:
        """Whether the list may still be changed."""
        return self.state in OPEN_LIST


class BatchLine(models.Model):
    """One payment of a list. `live` lines are the approved list; the others say in `findings` why they are not paid."""

    area_lookup = "household__village_id"

    batch = models.ForeignKey(PaymentBatch, verbose_name="批次", on_delete=models.PROTECT, related_name="lines",
                              db_index=False)
    position = models.PositiveIntegerField("行号")
    household = models.ForeignKey(Household, verbose_name="户", on_delete=models.PROTECT, related_name="payment_lines")
    member = models.ForeignKey(Member, verbose_name="受益人编号", null=True, blank=True, on_delete=models.PROTECT,
                               related_name="payment_lines")
    item = models.CharField("发放事项", max_length=60)
    year = models.PositiveSmallIntegerField("年度")
    head_name = models.CharField("户主", max_length=30)
    beneficiary = models.CharField("受益人", max_length=30)
    holder = models.CharField("账户持有人", max_length=30)
    bank_name = models.CharField("开户行", max_length=60, blank=True)
    card = EncryptedField("一卡通账号", blank=True)
    card_tail = models.CharField("账号尾号", max_length=4, blank=True)
    card_index = models.CharField(max_length=32, blank=True)          # blind index of the whole number
    standard = MoneyField("标准")
    quantity = models.DecimalField("数量", max_digits=8, decimal_places=2, default=1)
    amount = MoneyField("金额")
    findings = models.JSONField("核对发现", default=list)             # codes of funds.states.Finding
    live = models.BooleanField("列入发放", default=True)
    result = models.CharField("银行结果", max_length=8, choices=BankResult.choices, blank=True)
    result_reason = models.CharField("银行说明", max_length=80, blank=True)
    signed_on = models.DateField("签领日期", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放明细"
        ordering = ["batch", "position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="batch_line_position_once"),
            models.UniqueConstraint(fields=["household", "item", "year"], condition=Q(live=True, member__isnull=True),
                                    name="batch_line_household_once",
                                    violation_error_message="同一户同一事项同一年度只能发放一次"),
            models.UniqueConstraint(fields=["member", "item", "year"], condition=Q(live=True, member__isnull=False),
                                    name="batch_line_member_once",
                                    violation_error_message="同一人同一事项同一年度只能发放一次"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="batch_line_amount_positive"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="batch_line_quantity_positive"),
        ]

    def __str__(self):
        return f"{self.batch_id}-{self.position} {self.beneficiary}"


class BankReturn(models.Model):
    """A file in which the bank says which payments of a batch succeeded. The same file is taken once."""

    area_lookup = "batch__area_id"

    batch = models.ForeignKey(PaymentBatch, verbose_name="批次", on_delete=models.PROTECT, related_name="returns")
    file_name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("文件摘要值", max_length=64, unique=True)
    order_number = models.CharField("银行流水号", max_length=60)
    on = models.DateField("回盘日期")
    succeeded = models.PositiveIntegerField("成功笔数")
    failed = models.PositiveIntegerField("失败笔数")
    received_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField("上传时间", default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "银行回盘"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.batch_id} {self.file_name}"
