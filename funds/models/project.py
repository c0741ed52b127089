"""The project library, and money invested for a yearly return. No entry in the library, no money."""
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from funds.states import Construction, ProjectState
from office.access import ScopedQuerySet
from office.fields import MoneyField
from office.models import Area, Officer, Programme


def _date(label: str) -> models.DateField:
    return models.DateField(label, null=True, blank=True)


def _count(label: str) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(label, default=0)


def _sum(label: str) -> MoneyField:
    return MoneyField(label, null=True, blank=True)


class Project(models.Model):
    """One project: the columns of the auditors' project ledger. Money in yuan, progress in percent."""

    area_lookup = "area_id"

    number = models.CharField("项目编码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=120)
    programme = models.ForeignKey(Programme, verbose_name="政策文件", on_delete=models.PROTECT, related_name="projects")
    area = models.ForeignKey(Area, verbose_name="地点", on_delete=models.PROTECT, related_name="projects")
    year = models.PositiveSmallIntegerField("年度")
    category = models.CharField("类别", max_length=40)
    sub_category = models.CharField("子类", max_length=40, blank=True)
    use = models.CharField("资金用途", max_length=60)          # one of the permitted uses of the money it receives
    construction = models.CharField("建设性质", max_length=10, choices=Construction.choices, default=Construction.NONE)
    in_poor_village = models.BooleanField("是否贫困村", default=False)
    implementer = models.CharField("实施单位", max_length=60)
    person_responsible = models.CharField("负责人", max_length=30, blank=True)
    assisting_unit = models.CharField("帮扶单位", max_length=60, blank=True)
    content = models.TextField("内容及规模", blank=True)
    planned_fiscal = MoneyField("计划投资（财政）", default=0)
    planned_own = MoneyField("计划投资（自筹）", default=0)
    planned_social = MoneyField("计划投资（社会）", default=0)
    approval_document = models.CharField("批复文号", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=ProjectState.choices, default=ProjectState.PROPOSED)
    entered_on = _date("入库日期")
    planned_start = _date("计划开工")
    planned_end = _date("计划完工")
    actual_start = _date("实际开工")
    actual_end = _date("实际完工")
    progress = models.PositiveSmallIntegerField("进度%", default=0, validators=[MaxValueValidator(100)])
    settlement_price = _sum("结算价")
    accepted_on = _date("验收日期")
    acceptance = models.CharField("验收结论", max_length=40, blank=True)
    acceptance_number = models.CharField("验收单号", max_length=60, blank=True)
    villages = _count("受益村")
    households = _count("受益户")
    persons = _count("受益人")
    poor_households = _count("其中贫困户")
    poor_persons = _count("其中贫困人")
    mechanism = models.CharField("带贫机制", max_length=60, blank=True)
    expected_income = _sum("预期收益")
    actual_income = _sum("实际收益")
    asset_owner = models.CharField("资产归属", max_length=60, blank=True)
    handed_over_on = _date("移交日期")
    rating = models.CharField("绩效评级", max_length=10, blank=True)
    score = models.DecimalField("绩效得分", max_digits=5, decimal_places=2, null=True, blank=True,
                                validators=[MinValueValidator(0), MaxValueValidator(100)])       # of 100 points
    rated_on = _date("绩效评价日期")
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    approved_by = models.ForeignKey(Officer, verbose_name="审定", null=True, blank=True, on_delete=models.PROTECT,
                                    related_name="+")
    history = HistoricalRecords()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ProjectState.values), name="project_state_known"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="project_progress_percent"),
            models.CheckConstraint(
                condition=Q(planned_fiscal__gte=0, planned_own__gte=0, planned_social__gte=0),
                name="project_plan_not_negative"),
            models.CheckConstraint(condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("recorded_by")),
                                   name="project_two_persons", violation_error_message="项目入库不能由申报人自己审定"),
            models.CheckConstraint(
                condition=Q(entered_on__isnull=False, approved_by__isnull=False)
                | Q(entered_on__isnull=True, state__in=("proposed", "reviewed", "removed")),
                name="project_entered_is_approved", violation_error_message="项目入库须有审定人和入库日期"),
            models.CheckConstraint(
                condition=Q(actual_end__isnull=True) | Q(actual_start__isnull=True) | Q(actual_end__gte=F("actual_start")),
                name="project_ends_after_start", violation_error_message="完工日期不能早于开工日期"),
        ]
        indexes = [models.Index(fields=["programme", "year", "area"]), models.Index(fields=["area"])]

    def __str__(self):
        return f"{self.number} {self.name}"

    @property
    def planned_total(self):
        return self.planned_fiscal + self.planned_own + self.planned_social


class Investment(models.Model):
    """Money put into an enterprise for a yearly return to households (资产收益). What was shared out are the batches."""

    area_lookup = "project__area_id"

    project = models.ForeignKey(Project, verbose_name="项目", on_delete=models.PROTECT, related_name="investments")
    enterprise = models.CharField("经营主体", max_length=60)
    amount = MoneyField("入股资金")
    starts_on = models.DateField("入股日期")
    term_months = models.PositiveSmallIntegerField("期限（月）")
    guaranteed_rate = models.DecimalField("保底收益率%", max_digits=5, decimal_places=2)   # percent a year
    principal_due_on = models.DateField("本金到期")
    risk = models.CharField("风险", max_length=120, blank=True)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资产收益"
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="investment_amount_positive"),
            models.CheckConstraint(condition=Q(guaranteed_rate__gte=0), name="investment_rate_not_negative"),
            models.CheckConstraint(condition=Q(principal_due_on__gt=F("starts_on")), name="investment_due_after_start"),
        ]

    def __str__(self):
        return f"{self.enterprise} {self.amount}"
