"""Published figures: one year, one area, a basis, and the day the figure became known. Never carried forward."""
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from office.models.area import Area


class StatisticKey(models.TextChoices):
    RURAL_INCOME = "rural_pc_disposable_income", "农村居民人均可支配收入（元/年）"
    URBAN_DIBAO = "urban_dibao_monthly", "城镇低保标准（元/人·月）"
    RURAL_DIBAO = "rural_dibao_monthly", "农村低保标准（元/人·月）"
    RURAL_CPI = "rural_cpi", "农村居民消费价格指数（上年=100）"


class Basis(models.TextChoices):
    ACTUAL = "actual", "公布数"
    FORECAST = "forecast", "预测数"


class Statistic(models.Model):
    key = models.CharField("指标", max_length=40, choices=StatisticKey.choices)
    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="statistics")
    year = models.PositiveSmallIntegerField("年度")
    basis = models.CharField("口径", max_length=10, choices=Basis.choices)
    value = models.DecimalField("数值", max_digits=14, decimal_places=4)
    known_on = models.DateField("公布日期")
    source = models.TextField("来源")
    entered_by = models.ForeignKey("office.Officer", verbose_name="录入人", null=True, blank=True,
                                   on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("录入时间", default=timezone.now)
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "统计数"
        ordering = ["key", "area", "year", "basis", "known_on"]
        constraints = [
            models.UniqueConstraint(fields=["key", "area", "year", "basis", "known_on"], name="statistic_once",
                                    violation_error_message="同一指标、区域、年度、口径和公布日期已有一个数"),
            models.CheckConstraint(condition=Q(value__gt=0), name="statistic_positive",
                                   violation_error_message="统计数必须大于零"),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="statistic_basis_known"),
            models.CheckConstraint(condition=Q(key__in=StatisticKey.values), name="statistic_key_known"),
            models.CheckConstraint(condition=Q(year__gte=2010, year__lte=2040), name="statistic_year_plausible",
                                   violation_error_message="年度应在2010—2040之间"),
        ]

    def __str__(self):
        return f"{self.year}年{self.area}{self.get_key_display()}（{self.get_basis_display()}）"
