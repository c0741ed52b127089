"""A run: the status of every household and village of an area in one year, frozen with the numbers it used."""
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from households.models import Household, HouseholdYear
from office.access import ScopedQuerySet
from office.models import Area, Job, Officer, Programme
from office.models.statistic import Basis
from villages.models import VillageYear


class State(models.IntegerChoices):
    """State of one criterion for one household or village."""

    NOT_MET = 0, "未达标"
    MET = 1, "达标"
    UNKNOWN = 2, "待核"
    NOT_APPLICABLE = 3, "不适用"


class RunQuerySet(ScopedQuerySet):
    def finished(self):
        """Unfinished runs are invisible."""
        return self.filter(state=Run.State.DONE)

    def visible_to(self, officer):
        """Finished runs whose area lies in, or contains, an area of the officer (results are scoped on their own)."""
        condition = Q(pk__in=[])
        for code in officer.scope:
            area = Area(code=code)
            above = [code[:n].ljust(12, "0") for n in (2, 4, 6, 9) if n < len(area.prefix)]
            condition |= Q(area_id__in=above)
        return self.finished().filter(condition | Q(pk__in=super().visible_to(officer).values("pk")))

    def latest(self, programme: str, year: int, area_code: str, *, basis: str | None = None):
        """The newest finished run that covers the area; an actual run before a forecast one."""
        above = [area_code[:n].ljust(12, "0") for n in (2, 4, 6, 9, 12)]
        runs = self.finished().filter(programme_id=programme, year=year, area_id__in=above)
        if basis:
            return runs.filter(basis=basis).order_by("-pk").first()
        return runs.order_by("basis", "-pk").first()     # "actual" sorts before "forecast"


class Run(models.Model):
    """What was asked (programme, year, area, basis, known by), what was used (numbers), what came out (counts)."""

    area_lookup = "area_id"

    class State(models.TextChoices):
        PREPARED = "prepared", "待计算"
        RUNNING = "running", "计算中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    programme = models.ForeignKey(Programme, verbose_name="政策文件", on_delete=models.PROTECT, related_name="runs")
    year = models.PositiveSmallIntegerField("年度")
    area = models.ForeignKey(Area, verbose_name="范围", on_delete=models.PROTECT, related_name="runs")
    basis = models.CharField("口径", max_length=10, choices=Basis.choices, default=Basis.ACTUAL)
    known_by = models.DateField("依据截止日", null=True, blank=True)
    numbers = models.JSONField("所用数据", default=list)     # one entry per line, see office.mandate.LineInForce
    rules_digest = models.CharField("规则摘要值", max_length=64)
    code_version = models.CharField("程序版本", max_length=20)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PREPARED)
    counts = models.JSONField("结果", default=dict)          # the JSON of the command
    reason = models.CharField("起因", max_length=120, blank=True)
    started_by = models.ForeignKey(Officer, verbose_name="发起人", null=True, blank=True, on_delete=models.PROTECT,
                                   related_name="+")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField("开始时间", default=timezone.now)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核计算"
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=Q(basis__in=Basis.values), name="run_basis_known")]
        indexes = [models.Index(fields=["programme", "year", "state", "area"])]

    def __str__(self):
        return f"第{self.pk}次 {self.programme_id} {self.year}年 {self.get_basis_display()}"

    def get_absolute_url(self):
        return reverse("assessment:run", args=[self.pk])


class RunChunk(models.Model):
    """A township's share of a run. A worker holds the row's lock while it computes; a crash frees it undone."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    done = models.BooleanField(default=False)

    class Meta:
        ordering = ["area_id"]
        constraints = [models.UniqueConstraint(fields=["run", "area"], name="run_chunk_once")]

    def __str__(self):
        return f"{self.run_id} {self.area_id}"


def _criterion(label: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, choices=State.choices)


class Result(models.Model):
    """What a run found for one household, with the facts it judged. Never rewritten."""

    area_lookup = "village_id"

    # The table grows by every household of every run: only the indexes that a question needs, all of them in Meta.
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="results", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="results", db_index=False)
    household_year = models.ForeignKey(HouseholdYear, on_delete=models.PROTECT, related_name="results")
    village = models.ForeignKey(Area, verbose_name="行政村", on_delete=models.PROTECT, related_name="+", db_index=False)
    members = models.PositiveSmallIntegerField("在册人数")
    school_age_members = models.PositiveSmallIntegerField("义务教育年龄段人数")
    net_income = models.BigIntegerField("净收入（分）")
    residence = models.CharField("城乡类别", max_length=5)
    category = models.CharField("贫困户属性", max_length=8)
    labour_capacity = models.BooleanField("有劳动能力")
    main_cause = models.CharField("主要致贫原因", max_length=10)
    in_poor_village = models.BooleanField("在相对贫困村")
    income = _criterion("收入")
    dibao = _criterion("低保兜底")
    food = _criterion("不愁吃")
    clothing = _criterion("不愁穿")
    education = _criterion("义务教育")
    medical = _criterion("基本医疗")
    housing = _criterion("住房安全")
    met = models.BooleanField("达标")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "户考核结果"
        ordering = ["run_id", "household_id"]
        constraints = [models.UniqueConstraint(fields=["run", "household"], name="result_once")]
        indexes = [models.Index(fields=["run", "village"]), models.Index(fields=["household"])]

    def __str__(self):
        return f"{self.run_id} {self.household_id}"


class VillageResult(models.Model):
    """What a run found for one relatively poor village. Never rewritten."""

    area_lookup = "village_id"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="village_results")
    village = models.ForeignKey(Area, verbose_name="行政村", on_delete=models.PROTECT, related_name="+")
    village_year = models.ForeignKey(VillageYear, on_delete=models.PROTECT, related_name="+")
    pc_disposable_income = models.BigIntegerField("村民人均可支配收入（分）", null=True)
    income = _criterion("收入")
    met = models.BooleanField("达标")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "村考核结果"
        ordering = ["run_id", "village_id"]
        constraints = [models.UniqueConstraint(fields=["run", "village"], name="village_result_once")]

    def __str__(self):
        return f"{self.run_id} {self.village_id}"
