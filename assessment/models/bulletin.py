"""A quarterly bulletin (通报): bound to a run for ever, stored with its content, its file and the file's hash."""
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assessment.models.run import Run
from office.access import ScopedQuerySet, within
from office.models import Area, Job, Officer


class BulletinQuerySet(ScopedQuerySet):
    def visible_to(self, officer):
        """Bulletins of the own area, and the issued ones of the areas above: these are addressed to the places below."""
        above = {code[:n].ljust(12, "0") for code in officer.scope for n in (2, 4, 6, 9)}
        return self.filter(within("area_id", officer.scope) | Q(state=Bulletin.State.ISSUED, area_id__in=above))


class Bulletin(models.Model):
    area_lookup = "area_id"

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        ISSUED = "issued", "已印发"
        WITHDRAWN = "withdrawn", "已撤回"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="bulletins")
    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="+")
    period = models.CharField("期间", max_length=6)            # 2018Q3
    revision = models.PositiveSmallIntegerField("修订次数", default=0)
    number = models.CharField("发文字号", max_length=40, blank=True)
    title = models.CharField("标题", max_length=120)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    content = models.JSONField("内容")                         # the document as data: rendering it again gives the same file
    content_digest = models.CharField(max_length=64)
    file = models.CharField(max_length=200, blank=True)        # below MEDIA_ROOT
    sha256 = models.CharField("文件摘要值", max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField("页数", default=0)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_by = models.ForeignKey(Officer, verbose_name="起草人", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="+")
    created_at = models.DateTimeField("起草时间", default=timezone.now)
    issued_by = models.ForeignKey(Officer, verbose_name="签发人", null=True, blank=True, on_delete=models.PROTECT,
                                  related_name="+")
    issued_on = models.DateField("印发日期", null=True, blank=True)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通报"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="issued") | Q(issued_on__isnull=False, issued_by__isnull=False) & ~Q(sha256=""),
                name="bulletin_issued_is_complete", violation_error_message="印发须有签发人、日期和成文文件"),
        ]

    def __str__(self):
        return f"{self.title}"
