"""An uploaded workbook, what it would change or did change, and what was wrong with it."""
from django.db import models
from django.urls import reverse
from django.utils import timezone

from office.models import Area, Job, Officer, Programme


class ImportBatchQuerySet(models.QuerySet):
    def visible_to(self, officer):
        """The own uploads: a file may hold more than the officer's area shows, so nobody else opens it."""
        return self.filter(owner=officer)


class ImportBatch(models.Model):
    """One workbook on its way in: read, checked, shown, applied. Sending it again changes nothing."""

    class State(models.TextChoices):
        CHECKING = "checking", "检查中"
        CHECKED = "checked", "已检查，待确认"
        APPLYING = "applying", "写入中"
        APPLIED = "applied", "已写入"
        REFUSED = "refused", "整份退回"
        FAILED = "failed", "未完成"
        DISCARDED = "discarded", "已放弃"

    programme = models.ForeignKey(Programme, verbose_name="政策文件", on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, verbose_name="允许的区域", null=True, blank=True, on_delete=models.PROTECT,
                             related_name="+")
    owner = models.ForeignKey(Officer, verbose_name="上传人", null=True, blank=True, on_delete=models.PROTECT,
                              related_name="imports")
    file_name = models.CharField("文件名", max_length=200)
    file = models.CharField(max_length=200)            # below MEDIA_ROOT
    report = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.CHECKING)
    counts = models.JSONField("结果", default=dict)     # the JSON of the command
    applied = models.JSONField("已写入", default=dict)   # what unfinished attempts wrote, so that a resumed one counts it
    notes = models.JSONField("整份的提示", default=list)   # unknown sheets and columns: [{"sheet", "severity", "text"}]
    message = models.TextField("说明", blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField("上传时间", default=timezone.now)
    applied_at = models.DateTimeField("写入时间", null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上传"
        ordering = ["-pk"]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("households:import", args=[self.pk])

    @property
    def is_busy(self) -> bool:
        """A job is at work on it, or waits for a worker."""
        return self.state in (self.State.CHECKING, self.State.APPLYING) and bool(self.job and self.job.is_open)

    @property
    def is_stuck(self) -> bool:
        """The job ended without an outcome (killed for good, internal error): it can be sent again."""
        return self.state in (self.State.CHECKING, self.State.APPLYING) and not self.is_busy


class ImportRow(models.Model):
    """One household, village or loose row of the workbook: what happens to it, what changes, what is wrong."""

    class Outcome(models.TextChoices):
        CREATED = "created", "新增"
        UPDATED = "updated", "修改"
        UNCHANGED = "unchanged", "不变"
        REFUSED = "refused", "退回"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    sheet = models.CharField("工作表", max_length=20)
    row = models.PositiveIntegerField("行")
    number = models.CharField("编号", max_length=18, blank=True)
    year = models.PositiveSmallIntegerField("年度", null=True, blank=True)
    label = models.CharField("户主/村名", max_length=60, blank=True)
    outcome = models.CharField("结果", max_length=9, choices=Outcome.choices)
    doubtful = models.BooleanField("有疑点", default=False)
    changes = models.JSONField("变化", default=list)     # [{"who", "field", "before", "after"}], masked
    findings = models.JSONField("问题", default=list)    # [{"row": n, "column": label, "severity": "E"|"W", "text": …}]

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["batch", "outcome", "id"])]

    def __str__(self):
        return f"{self.sheet} 第{self.row}行"
