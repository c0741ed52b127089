"""Counts of a run per area, village to province: what dashboards and bulletins read."""
from django.db import models

from assessment.models.run import Run
from office.access import ScopedQuerySet
from office.models import Area


def _count(label: str) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(label, default=0)


class AreaSummary(models.Model):
    """Households, persons and villages of one area in one run. `*_met` are those whose status is 达标."""

    area_lookup = "area_id"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="summaries")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=10)
    households = _count("户数")
    households_met = _count("达标户数")
    persons = _count("人数")
    persons_met = _count("达标人数")
    able_households = _count("有劳动能力户数")
    able_persons = _count("有劳动能力户人数")
    able_income = models.BigIntegerField("有劳动能力户净收入合计（分）", default=0)
    poor_village_households = _count("贫困村内户数")
    poor_village_households_met = _count("贫困村内达标户数")
    poor_village_persons = _count("贫困村内人数")
    poor_village_persons_met = _count("贫困村内达标人数")
    villages = _count("相对贫困村数")
    villages_met = _count("达标村数")
    villages_unknown = _count("收入待核村数")
    income_not_met = _count("收入未达标户数")
    dibao_not_met = _count("低保未落实户数")
    dibao_unknown = _count("低保待核户数")
    food_not_met = _count("不愁吃未达标户数")
    food_unknown = _count("不愁吃待核户数")
    clothing_not_met = _count("不愁穿未达标户数")
    clothing_unknown = _count("不愁穿待核户数")
    education_not_applicable = _count("义务教育不适用户数")
    education_not_met = _count("义务教育未达标户数")
    education_unknown = _count("义务教育待核户数")
    medical_not_met = _count("基本医疗未达标户数")
    medical_unknown = _count("基本医疗待核户数")
    housing_not_met = _count("住房安全未达标户数")
    housing_unknown = _count("住房安全待核户数")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["run_id", "area_id"]
        constraints = [models.UniqueConstraint(fields=["run", "area"], name="area_summary_once")]
        indexes = [models.Index(fields=["run", "level", "area"])]

    def __str__(self):
        return f"{self.run_id} {self.area_id}"

    @property
    def scattered_households(self) -> int:
        return self.households - self.poor_village_households

    @property
    def scattered_households_met(self) -> int:
        return self.households_met - self.poor_village_households_met

    @property
    def scattered_persons(self) -> int:
        return self.persons - self.poor_village_persons

    @property
    def scattered_persons_met(self) -> int:
        return self.persons_met - self.poor_village_persons_met


class SummaryLine(models.Model):
    """Counts of one area split by one thing: cause of poverty, or income per head in bands of a thousand yuan."""

    area_lookup = "area_id"

    class Kind(models.TextChoices):
        CAUSE = "cause", "致贫原因"
        INCOME_BAND = "income_band", "人均可支配收入分组（千元）"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="summary_lines")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    key = models.CharField(max_length=12)
    households = _count("户数")
    households_met = _count("达标户数")
    persons = _count("人数")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["run_id", "area_id", "kind", "key"]
        constraints = [models.UniqueConstraint(fields=["run", "area", "kind", "key"], name="summary_line_once")]

    def __str__(self):
        return f"{self.run_id} {self.area_id} {self.kind} {self.key}"
