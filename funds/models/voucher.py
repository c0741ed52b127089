"""What finance has recorded and another person has yet to approve. Nothing moves before that."""
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from funds.models.account import Account
from funds.models.appropriation import Appropriation
from funds.models.project import Project
from funds.states import Kind, Stage, VoucherState
from office.access import ScopedQuerySet
from office.fields import MoneyField
from office.models import Area, Officer


class Voucher(models.Model):
    """A request to post one movement. Approved once, by somebody else; then `movements` holds the row of the ledger."""

    area_lookup = "area_id"

    state = models.CharField("状态", max_length=10, choices=VoucherState.choices, default=VoucherState.DRAFT)
    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("类型", max_length=18, choices=Kind.choices)
    stage = models.CharField("款项", max_length=10, choices=Stage.choices, blank=True)
    on = models.DateField("日期")
    from_account = models.ForeignKey(Account, verbose_name="付方", on_delete=models.PROTECT, related_name="vouchers_out")
    to_account = models.ForeignKey(Account, verbose_name="收方", on_delete=models.PROTECT, related_name="vouchers_in")
    amount = MoneyField("金额")
    appropriation = models.ForeignKey(Appropriation, verbose_name="指标文", on_delete=models.PROTECT,
                                      related_name="vouchers")
    use = models.CharField("用途", max_length=60, blank=True)
    project = models.ForeignKey(Project, verbose_name="项目", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="vouchers")
    reverses_sequence = models.PositiveBigIntegerField("冲正序号", null=True, blank=True)   # of the ledger
    number = models.CharField("凭证号", max_length=40, blank=True)
    payee = models.CharField("收款单位", max_length=60, blank=True)
    payee_account = models.CharField("收款账户尾号", max_length=4, blank=True)
    network_number = models.CharField("涉农网编号", max_length=40, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    decided_by = models.ForeignKey(Officer, verbose_name="复核", null=True, blank=True, on_delete=models.PROTECT,
                                   related_name="+")
    decided_at = models.DateTimeField("复核时间", null=True, blank=True)
    decision_note = models.CharField("复核意见", max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "凭证"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="voucher_amount_positive"),
            models.CheckConstraint(condition=Q(state__in=VoucherState.values), name="voucher_state_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="voucher_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "withdrawn")) | Q(decided_by__isnull=False) & ~Q(decided_by=F("recorded_by")),
                name="voucher_two_persons", violation_error_message="经办人不能复核自己登记的凭证"),
            models.UniqueConstraint(fields=["reverses_sequence"], condition=Q(state__in=("draft", "approved")),
                                    name="voucher_reverses_once", violation_error_message="该笔流水已经冲正或正在冲正"),
        ]
        indexes = [models.Index(fields=["state", "area"])]

    def __str__(self):
        return f"{self.number or self.pk} {self.get_kind_display()} {self.amount}"
