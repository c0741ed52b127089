"""The audit trail: every look, search, export, reveal and change of rights, chained by hash; nothing is ever altered."""
from django.db import models


class ChainHead(models.Model):
    """Last entry of a chain; its row is locked while an entry is added, so the chain has no forks."""

    name = models.CharField(max_length=20, primary_key=True)
    sequence = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    def __str__(self):
        return f"{self.name} {self.sequence}"


class AuditEvent(models.Model):
    """One thing somebody did. `digest` covers all fields and the digest before it."""

    sequence = models.PositiveBigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("时间")
    officer = models.ForeignKey("office.Officer", verbose_name="操作人", null=True, on_delete=models.PROTECT,
                                related_name="+")
    officer_name = models.CharField("操作人姓名", max_length=60, blank=True)
    action = models.CharField("操作", max_length=40, db_index=True)
    subject = models.CharField("对象", max_length=120, blank=True)
    area_code = models.CharField("区域", max_length=12, blank=True)
    detail = models.JSONField("内容", default=dict)
    address = models.CharField("IP地址", max_length=45, blank=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField("摘要值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "操作日志"
        ordering = ["-sequence"]
        indexes = [models.Index(fields=["officer", "-sequence"]), models.Index(fields=["subject", "-sequence"])]

    def __str__(self):
        return f"{self.sequence} {self.action} {self.subject}"
