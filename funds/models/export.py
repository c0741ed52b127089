"""Every ledger workbook that was asked for or made: by whom, of what, with which figures, and where it went."""
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from funds.states import ExportState, LedgerKind
from office.access import ScopedQuerySet
from office.fields import MoneyField
from office.models import Area, Job, Officer, Programme


class ExportRecord(models.Model):
    """One export of a ledger. Its figures are those of the file: whoever holds a file can be told whether it is this one.

    Without masks (`masked` False) it needs a second person's approval before it is made, and can be taken once.
    """

    area_lookup = "area_id"

    number = models.CharField("导出编号", max_length=30, unique=True)
    kind = models.CharField("台账", max_length=10, choices=LedgerKind.choices)
    programme = models.ForeignKey(Programme, verbose_name="政策文件", on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年度", null=True, blank=True)
    masked = models.BooleanField("隐去证件号码", default=True)
    reason = models.CharField("用途", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=ExportState.choices, default=ExportState.QUEUED)
    requested_by = models.ForeignKey(Officer, verbose_name="导出人", null=True, blank=True, on_delete=models.PROTECT,
                                     related_name="+")           # nobody: a command
    requested_at = models.DateTimeField("申请时间", default=timezone.now)
    decided_by = models.ForeignKey(Officer, verbose_name="审批人", null=True, blank=True, on_delete=models.PROTECT,
                                   related_name="+")
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decision_note = models.CharField("审批意见", max_length=200, blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    cut_off = models.DateTimeField("数据截止时间", null=True, blank=True)
    rows = models.PositiveIntegerField("行数", null=True, blank=True)
    total = MoneyField("控制总数", null=True, blank=True)
    chain_sequence = models.PositiveBigIntegerField("链头序号", null=True, blank=True)
    chain_head = models.CharField("链头", max_length=64, blank=True)
    digest = models.CharField("总摘要", max_length=64, blank=True)
    sha256 = models.CharField("文件摘要值", max_length=64, blank=True)
    file = models.CharField(max_length=200, blank=True)          # below MEDIA_ROOT; blank when it was taken or not kept
    message = models.CharField("说明", max_length=300, blank=True)
    downloaded_at = models.DateTimeField("最近下载时间", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账导出"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LedgerKind.values), name="export_kind_known"),
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_known"),
            models.CheckConstraint(condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                                   name="export_two_persons", violation_error_message="不能审批自己的申请，请由另一人审批"),
            models.CheckConstraint(
                condition=Q(masked=True) | Q(decided_by__isnull=False) | Q(state="requested"),
                name="export_unmasked_needs_approval"),
        ]

    def __str__(self):
        return self.number

    @property
    def is_busy(self) -> bool:
        return self.state == ExportState.QUEUED
