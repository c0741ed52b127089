"""A village year by year, in the words of the register's sheet 村."""
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from office.access import ScopedQuerySet
from office.fields import MoneyField
from office.models import Area


class VillageYear(models.Model):
    """Facts of one village in one year. Blank yes/no means unknown, never no."""

    area_lookup = "village_id"

    village = models.ForeignKey(Area, verbose_name="行政村", on_delete=models.PROTECT, related_name="village_years")
    year = models.PositiveSmallIntegerField("年度")
    is_poor_village = models.BooleanField("是否相对贫困村")
    registered_households = models.PositiveIntegerField("户籍户数", null=True, blank=True)
    registered_population = models.PositiveIntegerField("户籍人口", null=True, blank=True)
    pc_disposable_income = MoneyField("村民人均可支配收入", null=True, blank=True)
    collective_income = MoneyField("村集体经济收入", null=True, blank=True)
    safe_water_rate = models.DecimalField("安全饮水率", max_digits=5, decimal_places=2, null=True, blank=True)
    tap_water_rate = models.DecimalField("自来水普及率", max_digits=5, decimal_places=2, null=True, blank=True)
    hardened_natural_villages = models.PositiveIntegerField("路面硬化自然村数", null=True, blank=True)
    natural_villages_to_harden = models.PositiveIntegerField("应硬化自然村数", null=True, blank=True)
    has_standard_clinic = models.BooleanField("是否有标准化卫生站", null=True, blank=True)
    has_bus = models.BooleanField("是否通客车", null=True, blank=True)
    has_broadband = models.BooleanField("是否通宽带网络", null=True, blank=True)
    has_broadcast = models.BooleanField("广播电视是否覆盖", null=True, blank=True)
    has_service_platform = models.BooleanField("是否有综合服务平台", null=True, blank=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)
    history = HistoricalRecords()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "村年度数据"
        ordering = ["village_id", "year"]
        constraints = [
            models.UniqueConstraint(fields=["village", "year"], name="village_year_once"),
            models.CheckConstraint(condition=Q(year__gte=2014, year__lte=2030), name="village_year_in_range"),
            models.CheckConstraint(condition=Q(pc_disposable_income__isnull=True) | Q(pc_disposable_income__gte=0),
                                   name="village_income_not_negative"),
            models.CheckConstraint(condition=Q(collective_income__isnull=True) | Q(collective_income__gte=0),
                                   name="village_collective_income_not_negative"),
            models.CheckConstraint(
                condition=Q(hardened_natural_villages__isnull=True) | Q(natural_villages_to_harden__isnull=True)
                | Q(hardened_natural_villages__lte=F("natural_villages_to_harden")),
                name="village_roads_within_need", violation_error_message="路面硬化自然村数不能多于应硬化自然村数"),
            models.CheckConstraint(
                condition=Q(safe_water_rate__isnull=True) | Q(safe_water_rate__gte=0, safe_water_rate__lte=100),
                name="village_safe_water_percent"),
            models.CheckConstraint(
                condition=Q(tap_water_rate__isnull=True) | Q(tap_water_rate__gte=0, tap_water_rate__lte=100),
                name="village_tap_water_percent"),
        ]
        indexes = [models.Index(fields=["year", "village"])]

    def __str__(self):
        return f"{self.village} {self.year}年"
