"""What money rests on: the document that grants it, what it may be used for, and sums that were promised."""
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from funds.states import PLEDGING, Source, VillageHelper
from office.access import ScopedQuerySet, within
from office.fields import MoneyField
from office.models import Area, Officer, Programme


class Pledge(models.Model):
    """A sum that a unit, a department or society promised, and the day by which it must have arrived (R136, R137)."""

    area_lookup = "area_id"

    programme = models.ForeignKey(Programme, verbose_name="政策文件", on_delete=models.PROTECT, related_name="pledges")
    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="+")
    source = models.CharField("来源", max_length=12, choices=Source.choices)
    payer_name = models.CharField("出资单位", max_length=60)
    amount = MoneyField("认筹金额")
    pledged_on = models.DateField("认筹日期")
    due_on = models.DateField("应到账日期")
    note = models.CharField("备注", max_length=200, blank=True)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "认筹资金"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="pledge_amount_positive"),
            models.CheckConstraint(condition=Q(due_on__gte=F("pledged_on")), name="pledge_due_after_pledged",
                                   violation_error_message="应到账日期不能早于认筹日期"),
            models.CheckConstraint(condition=Q(source__in=[*map(str, PLEDGING)]), name="pledge_source_outside_budget"),
        ]

    def __str__(self):
        return f"{self.payer_name} {self.amount}"


class AppropriationQuerySet(ScopedQuerySet):
    def visible_to(self, officer):
        """Documents addressed to an area of the officer, and those of which money came there."""
        came_here = self.model._meta.get_field("accounts").related_model.objects.filter(
            within("area_id", officer.scope), appropriation=OuterRef("pk"))
        return self.filter(within("area_id", officer.scope) | Exists(came_here))


class Appropriation(models.Model):
    """One line of a document that grants money (指标文): who pays whom, how much, for what. Frozen once posted.

    A document that grants several sums has several lines; a line entered wrongly is reversed and entered again under
    the next line number.
    """

    area_lookup = "area_id"

    programme = models.ForeignKey(Programme, verbose_name="政策文件", on_delete=models.PROTECT,
                                  related_name="appropriations")
    area = models.ForeignKey(Area, verbose_name="收入单位所在区域", on_delete=models.PROTECT, related_name="+")
    document_number = models.CharField("指标文号", max_length=60)
    line = models.PositiveSmallIntegerField("行次", default=1)
    title = models.CharField("资金名称", max_length=120)
    source = models.CharField("资金来源级次", max_length=12, choices=Source.choices)
    payer_name = models.CharField("下达单位", max_length=60)
    issued_on = models.DateField("下达日期")
    year = models.PositiveSmallIntegerField("年度")
    amount = MoneyField("下达金额")
    subject_code = models.CharField("功能科目", max_length=12)           # 213 05 …: government function
    economic_code = models.CharField("经济科目", max_length=12, blank=True)
    special_line = models.CharField("专项", max_length=60, blank=True)   # key of a funding line of the programme's rules
    pledge = models.ForeignKey(Pledge, verbose_name="认筹", null=True, blank=True, on_delete=models.PROTECT,
                               related_name="appropriations")
    note = models.CharField("备注", max_length=200, blank=True)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = AppropriationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指标文"
        ordering = ["issued_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["document_number", "programme", "area", "line"],
                                    name="appropriation_line_once",
                                    violation_error_message="该指标文号的这一行已经登记，同一笔资金不能登记两次"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="appropriation_amount_positive"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="appropriation_source_known"),
            models.CheckConstraint(condition=Q(year__gte=2014, year__lte=2030), name="appropriation_year_in_range"),
        ]
        indexes = [models.Index(fields=["programme", "year", "area"])]

    def __str__(self):
        return f"{self.document_number} {self.title}"


class PermittedUse(models.Model):
    """One use that an appropriation may be spent on; the database refuses a payment for any other."""

    appropriation = models.ForeignKey(Appropriation, on_delete=models.PROTECT, related_name="uses")
    name = models.CharField("用途", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "允许用途"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["appropriation", "name"], name="permitted_use_once")]

    def __str__(self):
        return self.name


class VillageSupport(models.Model):
    """Whose units help a village in a programme, and the yearly sum set for it where the document prints none.

    Heyuan: the helper's level decides whether city or county pays (R130); of a village helped by others the document
    does not say who pays, `payer` is then entered with its basis. Shanwei: the guidance fund of its fifteen villages
    that help themselves is paid by the county, its amount is entered here (R131).
    """

    area_lookup = "village_id"

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="village_supports")
    village = models.ForeignKey(Area, verbose_name="行政村", on_delete=models.PROTECT, related_name="+")
    helper = models.CharField("帮扶级别", max_length=12, choices=VillageHelper.choices)
    payer = models.CharField("出资方", max_length=12, choices=Source.choices, blank=True)
    guidance_amount = MoneyField("引导资金", null=True, blank=True)
    basis = models.CharField("依据", max_length=120, blank=True)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "村帮扶级别"
        ordering = ["village_id"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "village"], name="village_support_once"),
            models.CheckConstraint(condition=Q(helper__in=VillageHelper.values), name="village_helper_known"),
            models.CheckConstraint(condition=Q(guidance_amount__isnull=True) | Q(guidance_amount__gt=0),
                                   name="village_guidance_positive"),
        ]

    def __str__(self):
        return f"{self.village} {self.get_helper_display()}"
