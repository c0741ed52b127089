"""Who is to check whose money when, what was found, and what became of it; and how contractors were chosen."""
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from funds.models.movement import Movement
from funds.models.project import Project
from funds.states import AuditBody, FindingState, Misuse, Outcome, Procedure
from office.access import ScopedQuerySet
from office.fields import MoneyField
from office.models import Area, Officer


class Audit(models.Model):
    """A check of the money of an area or of one project: planned for a year, begun, finished (R146)."""

    area_lookup = "area_id"

    year = models.PositiveSmallIntegerField("计划年度")
    title = models.CharField("审计项目", max_length=80)
    body = models.CharField("机关类别", max_length=16, choices=AuditBody.choices)
    organ = models.CharField("实施机关", max_length=60)
    area = models.ForeignKey(Area, verbose_name="审计范围", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, verbose_name="跟踪项目", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="audits")
    planned_to = models.DateField("计划完成日期")
    started_on = models.DateField("进点日期", null=True, blank=True)
    finished_on = models.DateField("完成日期", null=True, blank=True)
    report_number = models.CharField("报告文号", max_length=60, blank=True)
    conclusion = models.TextField("审计结论", blank=True)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    history = HistoricalRecords()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计检查"
        ordering = ["-year", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(body__in=AuditBody.values), name="audit_body_known"),
            models.CheckConstraint(condition=Q(year__gte=2014, year__lte=2030), name="audit_year_in_range"),
            models.CheckConstraint(
                condition=Q(finished_on__isnull=True) | Q(started_on__isnull=False) & Q(finished_on__gte=F("started_on")),
                name="audit_finished_after_start", violation_error_message="完成日期不能早于进点日期"),
        ]
        indexes = [models.Index(fields=["area", "year"])]

    def __str__(self):
        return f"{self.year}年 {self.title}"


class AuditFinding(models.Model):
    """One misuse that a check found: how much, of what, by when to be put right, and how it ended (R147).

    `movement` may be any movement, a payment to a household as well. The outcome belongs to a finding that is closed.
    """

    area_lookup = "area_id"

    audit = models.ForeignKey(Audit, verbose_name="审计检查", on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField("问题类型", max_length=12, choices=Misuse.choices)
    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, verbose_name="涉及项目", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="audit_findings")
    movement = models.ForeignKey(Movement, verbose_name="涉及流水", null=True, blank=True, on_delete=models.PROTECT,
                                 related_name="audit_findings")
    amount = MoneyField("涉及金额")
    description = models.TextField("问题")
    found_on = models.DateField("发现日期")
    deadline = models.DateField("整改期限")
    state = models.CharField("状态", max_length=10, choices=FindingState.choices, default=FindingState.OPEN)
    outcome = models.CharField("处理结果", max_length=12, choices=Outcome.choices, blank=True)
    recovered = MoneyField("追回金额", default=0)
    handed_to = models.CharField("移送机关", max_length=60, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    result = models.CharField("处理情况", max_length=300, blank=True)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    history = HistoricalRecords()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计发现"
        ordering = ["-found_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Misuse.values), name="audit_finding_kind_known"),
            models.CheckConstraint(condition=Q(amount__gte=0, recovered__gte=0, recovered__lte=F("amount")),
                                   name="audit_finding_recovers_no_more",
                                   violation_error_message="追回金额不能大于涉及金额"),
            models.CheckConstraint(condition=Q(deadline__gte=F("found_on")), name="audit_finding_deadline_later",
                                   violation_error_message="整改期限不能早于发现日期"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False) & ~Q(outcome="")
                | ~Q(state="closed") & Q(closed_on__isnull=True), name="audit_finding_closed_has_outcome",
                violation_error_message="办结须有处理结果和办结日期"),
        ]
        indexes = [models.Index(fields=["area", "state"])]

    def __str__(self):
        return f"{self.get_kind_display()} {self.amount}"


class Procurement(models.Model):
    """How the contractor of a project was chosen, and the contract that came of it (R143). The contract price of a
    project is the sum of its contracts. Method, day and amount are missing only in records taken over from before."""

    area_lookup = "project__area_id"

    project = models.ForeignKey(Project, verbose_name="项目", on_delete=models.PROTECT, related_name="procurements")
    method = models.CharField("采购方式", max_length=16, choices=Procedure.choices, blank=True)
    subject = models.CharField("采购内容", max_length=80, blank=True)
    decided_on = models.DateField("成交日期", null=True, blank=True)
    winner = models.CharField("中标（成交）单位", max_length=60, blank=True)
    amount = MoneyField("合同金额", null=True, blank=True)
    evidence = models.CharField("凭据", max_length=300, blank=True)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    history = HistoricalRecords()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "采购记录"
        ordering = ["decided_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(method__in=[*Procedure.values, ""]), name="procurement_method_known"),
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gt=0), name="procurement_amount_positive"),
        ]

    def __str__(self):
        return f"{self.get_method_display()} {self.winner}"
