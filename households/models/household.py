"""A registered household, and what the register says of it year by year (last year's row is never overwritten)."""
from functools import reduce
from operator import add

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from simple_history.models import HistoricalRecords

from households.codes import Category, Cause, Residence, Standard
from office.access import ScopedQuerySet
from office.fields import EncryptedField, MoneyField
from office.models import Area


class Household(models.Model):
    """A household and its number (户编号: village code + 4 digits) for life."""

    area_lookup = "village_id"

    no = models.CharField("户编号", max_length=16, primary_key=True, validators=[RegexValidator(r"^\d{16}$")])
    village = models.ForeignKey(Area, verbose_name="行政村", on_delete=models.PROTECT, related_name="households")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "户"
        ordering = ["no"]

    def __str__(self):
        return self.no

    def get_absolute_url(self):
        return reverse("assessment:household", args=[self.no])


def _yes_no(label: str) -> models.BooleanField:
    return models.BooleanField(label, null=True, blank=True)


def _amount(label: str, **options) -> MoneyField:
    return MoneyField(label, **options)


def _part(label: str) -> MoneyField:
    return MoneyField(label, null=True, blank=True)


def _measure(label: str) -> models.DecimalField:
    return models.DecimalField(label, max_digits=10, decimal_places=2, null=True, blank=True)


def _filled(column: str) -> Coalesce:
    return Coalesce(F(column), Value(0, output_field=MoneyField()), output_field=MoneyField())


# Every income column is an amount ≥ 0; a loss shows as expense above income.
MONEY_COLUMNS = ("wage_income", "operating_income", "operating_expense", "property_income", "dividend_income",
                 "other_property_income", "transfer_income", "family_planning_income", "dibao_income", "tekun_income",
                 "pension_income", "ecological_income", "other_transfer_income", "transfer_expense")
# Where any part is given, the heading is the sum of its parts.
PROPERTY_PARTS = ("dividend_income", "other_property_income")
TRANSFER_PARTS = ("family_planning_income", "dibao_income", "tekun_income", "pension_income", "ecological_income",
                  "other_transfer_income")
# The five guarantees that every programme asks for (两不愁三保障), blank = unknown.
GUARANTEES = ("food_secure", "clothing_secure", "education_secure", "medical_secure", "housing_secure")


class HouseholdYear(models.Model):
    """One household in one year: the register's sheet 贫困户. Money in yuan (stored as fen), per year and household."""

    area_lookup = "village_id"

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="years")
    village = models.ForeignKey(Area, verbose_name="行政村", on_delete=models.PROTECT, related_name="household_years")
    year = models.PositiveSmallIntegerField("年度")
    first_identified_on = models.DateField("首次识别时间", null=True, blank=True)
    head_name = models.CharField("户主姓名", max_length=30)
    head_initials = models.CharField("户主姓名首字母", max_length=30, blank=True)
    declared_size = models.PositiveSmallIntegerField("家庭人口数", null=True, blank=True)
    # Here, and wherever the contract only warns of an unknown label, the column may also hold the text of the file.
    residence = models.CharField("城乡类别", max_length=20, choices=Residence.choices, default=Residence.RURAL)
    standard = models.CharField("识别标准", max_length=20, choices=Standard.choices, blank=True)
    category = models.CharField("贫困户属性", max_length=8, choices=Category.choices)
    labour_capacity = models.BooleanField("有劳动能力")
    main_cause = models.CharField("主要致贫原因", max_length=10, choices=Cause.choices)
    other_causes = models.CharField("其他致贫原因", max_length=40, blank=True)   # codes joined by ","
    phone = EncryptedField("联系电话", blank=True)
    bank_name = models.CharField("开户银行名称", max_length=60, blank=True)
    bank_card = EncryptedField("银行卡号", blank=True)

    wage_income = _amount("工资性收入", default=0)
    operating_income = _amount("生产经营性收入", default=0)
    operating_expense = _amount("生产经营性支出", default=0)
    property_income = _amount("财产性收入", default=0)
    dividend_income = _part("资产收益扶贫分红收入")
    other_property_income = _part("其他财产性收入")
    transfer_income = _amount("转移性收入", default=0)
    family_planning_income = _part("计划生育金")
    dibao_income = _part("低保金")
    tekun_income = _part("五保金")
    pension_income = _part("养老保险金")
    ecological_income = _part("生态补偿金")
    other_transfer_income = _part("其他转移性收入")
    transfer_expense = _amount("转移性支出", default=0)
    declared_pc_income = _part("人均可支配收入")   # as the file states it; decides nothing

    on_dibao = _yes_no("是否纳入低保")
    food_secure = _yes_no("不愁吃")
    clothing_secure = _yes_no("不愁穿")
    education_secure = _yes_no("义务教育有保障")
    medical_secure = _yes_no("基本医疗有保障")
    housing_secure = _yes_no("住房安全有保障")
    water_secure = _yes_no("饮水安全")
    dangerous_house = _yes_no("是否危房户")
    danger_level = models.CharField("危房级别", max_length=20, blank=True)
    has_electricity = _yes_no("是否通生活用电")
    has_broadcast = _yes_no("是否通广播电视")
    has_network = _yes_no("是否通网络")
    has_sanitary_toilet = _yes_no("是否有卫生厕所")
    in_cooperative = _yes_no("是否加入农民专业合作组织")
    housing_area = _measure("住房面积")        # m²
    arable_area = _measure("耕地面积")         # 亩, as are the next three
    forest_area = _measure("林地面积")
    orchard_area = _measure("林果面积")
    water_area = _measure("水面面积")
    road_distance = _measure("与村主干路距离")   # km
    road_type = models.CharField("入户路类型", max_length=20, blank=True)
    fuel_type = models.CharField("主要燃料类型", max_length=20, blank=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)
    history = HistoricalRecords()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "户年度数据"
        ordering = ["household_id", "year"]
        constraints = [
            models.UniqueConstraint(fields=["household", "year"], name="household_year_once"),
            models.CheckConstraint(condition=Q(year__gte=2014, year__lte=2030), name="household_year_in_range"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="household_category_known"),
            models.CheckConstraint(condition=Q(main_cause__in=Cause.values), name="household_cause_known"),
            models.CheckConstraint(
                condition=Q(*[Q(**{f"{c}__isnull": True}) | Q(**{f"{c}__gte": 0}) for c in MONEY_COLUMNS]),
                name="household_money_not_negative", violation_error_message="收入和支出各项不能为负数"),
            models.CheckConstraint(
                condition=Q(**{f"{c}__isnull": True for c in PROPERTY_PARTS})
                | Q(property_income=reduce(add, map(_filled, PROPERTY_PARTS))),
                name="household_property_is_sum", violation_error_message="财产性收入必须等于其各项之和"),
            models.CheckConstraint(
                condition=Q(**{f"{c}__isnull": True for c in TRANSFER_PARTS})
                | Q(transfer_income=reduce(add, map(_filled, TRANSFER_PARTS))),
                name="household_transfer_is_sum", violation_error_message="转移性收入必须等于其各项之和"),
        ]
        indexes = [models.Index(fields=["year", "village"]), models.Index(fields=["year", "household"]),
                   models.Index(fields=["head_name"]), models.Index(fields=["head_initials"])]

    def __str__(self):
        return f"{self.household_id} {self.head_name} {self.year}年"
