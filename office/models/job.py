"""Long work as a row: owner, progress, result and error; the queue only carries its number."""
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from office.models.area import Area, code_range

SILENT_AFTER = timedelta(minutes=1)      # without a sign of life the page says that the job may be taken up again


class JobQuerySet(models.QuerySet):
    def visible_to(self, officer):
        """An officer sees the own jobs, and those of the schedule for the own area."""
        scheduled = Q(pk__in=[])
        for code in officer.scope:
            lo, hi = code_range(code)
            scheduled |= Q(owner__isnull=True, area_id__gte=lo, area_id__lt=hi)
        return self.filter(Q(owner=officer) | scheduled)


class Job(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"

    task = models.CharField("任务", max_length=80)          # dotted name of the Celery task that executes it
    title = models.CharField("名称", max_length=120)
    owner = models.ForeignKey("office.Officer", verbose_name="发起人", null=True, blank=True, on_delete=models.PROTECT,
                              related_name="jobs")
    area = models.ForeignKey(Area, verbose_name="区域", null=True, blank=True, on_delete=models.PROTECT,
                             related_name="+")
    parameters = models.JSONField(default=dict)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("进度说明", max_length=200, blank=True)
    result = models.JSONField("结果", default=dict)
    error = models.TextField("错误", blank=True)
    link = models.CharField("查看", max_length=200, blank=True)   # where the result is looked at
    file = models.CharField("文件", max_length=200, blank=True)   # below MEDIA_ROOT
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField("提交时间", default=timezone.now)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "heartbeat_at"])]

    def __str__(self):
        return self.title

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def is_silent(self) -> bool:
        """Whether a running job has not been heard of for a while: its worker may be dead, or at a long step."""
        return (self.state == self.State.RUNNING and self.heartbeat_at is not None
                and timezone.now() - self.heartbeat_at > SILENT_AFTER)
