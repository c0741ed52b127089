"""A person of a household, and what the register says of the person year by year."""
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from households.codes import ACTIVE, LabourSkill, LeftBehind, MemberStatus, Relationship, Sex
from households.models.household import Household, HouseholdYear
from office.access import ScopedQuerySet
from office.fields import EncryptedField


class Member(models.Model):
    """A person's number in the register (人编号: household number + 2 digits) for life."""

    area_lookup = "household__village_id"

    no = models.CharField("人编号", max_length=18, primary_key=True, validators=[RegexValidator(r"^\d{18}$")])
    household = models.ForeignKey(Household, verbose_name="户", on_delete=models.PROTECT, related_name="members")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        ordering = ["no"]

    def __str__(self):
        return self.no


class MemberYear(models.Model):
    """One person in one year: the register's sheet 贫困人口."""

    area_lookup = "household_year__village_id"

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="years")
    household_year = models.ForeignKey(HouseholdYear, on_delete=models.PROTECT, related_name="members")
    year = models.PositiveSmallIntegerField("年度")
    name = models.CharField("姓名", max_length=30)
    name_initials = models.CharField("姓名首字母", max_length=30, blank=True)
    id_number = EncryptedField("证件号码")
    id_number_index = models.CharField(max_length=32)         # blind index of the whole number
    id_tail_index = models.CharField(max_length=32, db_index=True)   # blind index of its last six
    birth_year = models.PositiveSmallIntegerField("出生年")
    relationship = models.CharField("与户主关系", max_length=20, choices=Relationship.choices)
    sex = models.CharField("性别", max_length=20, choices=Sex.choices, blank=True)
    ethnicity = models.CharField("民族", max_length=20, blank=True)
    political_status = models.CharField("政治面貌", max_length=20, blank=True)
    education = models.CharField("文化程度", max_length=20, blank=True)
    school_status = models.CharField("在校生状况", max_length=20, blank=True)
    health = models.CharField("健康状况", max_length=40, blank=True)
    disability_card = EncryptedField("残疾证号", blank=True)    # begins with the ID number
    labour_skill = models.CharField("劳动技能", max_length=20, choices=LabourSkill.choices)
    work_region = models.CharField("务工区域", max_length=20, blank=True)
    work_months = models.DecimalField("务工时间（月）", max_digits=4, decimal_places=2, null=True, blank=True)
    has_medical_insurance = models.BooleanField("参加城乡居民基本医疗保险", null=True, blank=True)
    has_critical_illness_cover = models.BooleanField("参加大病医疗", null=True, blank=True)
    has_pension_insurance = models.BooleanField("参加城乡居民基本养老保险", null=True, blank=True)
    status = models.CharField("人员状态", max_length=20, choices=MemberStatus.choices, default=MemberStatus.NORMAL)
    left_behind = models.CharField("留守类型", max_length=20, choices=LeftBehind.choices, blank=True)
    phone = EncryptedField("联系电话", blank=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)
    history = HistoricalRecords()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成员年度数据"
        ordering = ["member_id", "year"]
        constraints = [
            models.UniqueConstraint(fields=["member", "year"], name="member_year_once"),
            models.UniqueConstraint(fields=["year", "id_number_index"], condition=Q(status__in=ACTIVE),
                                    name="member_id_once_a_year",
                                    violation_error_message="同一证件号码在同一年度只能登记在一名在册人员名下"),
            models.UniqueConstraint(fields=["household_year"], condition=Q(status__in=ACTIVE, relationship="head"),
                                    name="member_one_head", violation_error_message="一户只能有一名户主"),
            models.CheckConstraint(condition=Q(relationship__in=Relationship.values), name="member_relationship_known"),
            models.CheckConstraint(condition=Q(birth_year__gte=1880), name="member_birth_year_plausible"),
            models.CheckConstraint(
                condition=Q(work_months__isnull=True) | Q(work_months__gte=0, work_months__lte=12),
                name="member_work_months", violation_error_message="务工时间应在0—12个月之间"),
        ]
        # Search is for how a name or its initials begin; this kind of index answers that under any collation.
        indexes = [models.Index(fields=[column], opclasses=["varchar_pattern_ops"], name=f"member_{column}_begins")
                   for column in ("name", "name_initials")]

    def __str__(self):
        return f"{self.member_id} {self.name} {self.year}年"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE
