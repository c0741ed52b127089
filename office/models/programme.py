"""Programmes as data: the document, its lines, criteria and targets, its policy numbers, and its clauses to read."""
from django.db import models
from django.db.models import Q

from office.models.area import Area


class Programme(models.Model):
    """One programme document (the seeds are five); `body` holds lines, criteria, advisory items and targets."""

    key = models.CharField("代号", max_length=20, primary_key=True)
    name = models.CharField("名称", max_length=80)
    document_number = models.CharField("文号", max_length=40)
    title = models.CharField("文件标题", max_length=120)
    issuers = models.JSONField("发文机关", default=list)
    issued_on = models.DateField("成文日期", null=True, blank=True)
    area = models.ForeignKey(Area, verbose_name="适用区域", on_delete=models.PROTECT, related_name="programmes")
    start_year = models.PositiveSmallIntegerField("起始年度")
    end_year = models.PositiveSmallIntegerField("截止年度")
    body = models.JSONField("规则")
    digest = models.CharField("内容摘要值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "政策文件"
        ordering = ["issued_on", "key"]
        constraints = [models.CheckConstraint(condition=Q(end_year__gte=models.F("start_year")),
                                              name="programme_years_ordered")]

    def __str__(self):
        return f"{self.name}（{self.document_number}）"

    @property
    def years(self) -> range:
        return range(self.start_year, self.end_year + 1)


class PolicyNumber(models.Model):
    """A number that holds from a date until another follows; null value: the document does not print it."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="numbers")
    key = models.CharField("代号", max_length=60)
    label = models.CharField("名称", max_length=120)
    value = models.DecimalField("数值", max_digits=18, decimal_places=6, null=True, blank=True)
    unit = models.CharField("单位", max_length=40, blank=True)
    effective_from = models.DateField("生效日期")
    clause = models.CharField("条款", max_length=40)
    quote = models.TextField("原文")
    note = models.TextField("说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "政策参数"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["programme", "key", "effective_from"], name="policy_number_once")]

    def __str__(self):
        return f"{self.programme_id} {self.label}"


class ProgrammeClause(models.Model):
    """One demand of the document, in its order, for reading in the browser."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="clauses")
    position = models.PositiveSmallIntegerField("顺序")
    section = models.CharField("部分", max_length=60)
    clause = models.CharField("条款", max_length=40)
    label = models.CharField("事项", max_length=200)
    text = models.TextField("要求")
    values = models.TextField("数值", blank=True)
    quote = models.TextField("原文")

    class Meta:
        verbose_name = verbose_name_plural = "条款"
        ordering = ["programme", "position"]
        constraints = [models.UniqueConstraint(fields=["programme", "position"], name="clause_position_once")]

    def __str__(self):
        return f"{self.programme_id} {self.clause} {self.label}"
