"""What was made public about the money, who watches over it on the spot, and its numbers in the supervision network."""
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from funds.models.appropriation import Appropriation
from funds.models.batch import PaymentBatch
from funds.models.movement import Movement
from funds.models.project import Project
from funds.states import Channel, Publicity
from office.access import ScopedQuerySet
from office.models import Area, Officer

_ALLOCATION = Q(what="allocation", project__isnull=True, appropriation__isnull=False, allocated_on__isnull=False)
_OF_PROJECT = Q(what__in=("project", "funds", "effect"), project__isnull=False, appropriation__isnull=True,
                allocated_on__isnull=True)


class Publication(models.Model):
    """One notice: what of a project, or of the division of a document's money by an area on a day, was public where and
    how long (R148, R149). Without an end it is public for good. A mistaken entry is withdrawn with a reason and counts
    no more.
    """

    area_lookup = "area_id"

    what = models.CharField("公开内容", max_length=10, choices=Publicity.choices)
    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, verbose_name="项目", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="publications")
    appropriation = models.ForeignKey(Appropriation, verbose_name="指标文", null=True, blank=True, on_delete=models.PROTECT,
                                      related_name="publications")
    allocated_on = models.DateField("分配日期", null=True, blank=True)
    channel = models.CharField("公示渠道", max_length=8, choices=Channel.choices)
    place = models.CharField("公示地点", max_length=80, blank=True)
    from_on = models.DateField("公示起")
    to_on = models.DateField("公示止", null=True, blank=True)
    names_hotline = models.BooleanField("公布12317监督电话", default=False)
    evidence = models.CharField("凭据", max_length=300, blank=True)      # an address on the web, or what is in the files
    withdrawn = models.CharField("作废原因", max_length=200, blank=True)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    history = HistoricalRecords()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公告公示"
        ordering = ["from_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=_ALLOCATION | _OF_PROJECT, name="publication_is_about_one_thing"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="publication_channel_known"),
            models.CheckConstraint(condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")),
                                   name="publication_ends_after_start", violation_error_message="公示止不能早于公示起"),
        ]
        indexes = [models.Index(fields=["project", "what"]), models.Index(fields=["appropriation", "area", "allocated_on"]),
                   models.Index(fields=["area"])]

    def __str__(self):
        return f"{self.get_what_display()} {self.from_on}"


class Supervisor(models.Model):
    """涉农资金监督员 of a village, or of one project (R151). Without an end the person is in office."""

    area_lookup = "area_id"

    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, verbose_name="项目", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="supervisors")
    name = models.CharField("监督员", max_length=30)
    unit = models.CharField("单位和职务", max_length=60, blank=True)
    starts_on = models.DateField("任职日期")
    ends_on = models.DateField("离任日期", null=True, blank=True)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    history = HistoricalRecords()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "涉农资金监督员"
        ordering = ["area_id", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                                   name="supervisor_ends_after_start", violation_error_message="离任日期不能早于任职日期"),
            models.UniqueConstraint(fields=["area"], condition=Q(project__isnull=True, ends_on__isnull=True),
                                    name="supervisor_of_village_once",
                                    violation_error_message="该村已有在任的监督员，请先登记离任"),
            models.UniqueConstraint(fields=["project"], condition=Q(project__isnull=False, ends_on__isnull=True),
                                    name="supervisor_of_project_once",
                                    violation_error_message="该项目已有在任的监督员，请先登记离任"),
        ]

    def __str__(self):
        return self.name


class NetworkReference(models.Model):
    """The number under which a movement, or all payments of a list, stand in the 涉农网, where the voucher named none.

    A table of its own: the columns of a movement are chained and never change.
    """

    area_lookup = "area_id"

    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="+")
    movement = models.OneToOneField(Movement, verbose_name="流水", null=True, blank=True, on_delete=models.PROTECT,
                                    related_name="network_reference")
    batch = models.OneToOneField(PaymentBatch, verbose_name="批次", null=True, blank=True, on_delete=models.PROTECT,
                                 related_name="network_reference")
    number = models.CharField("涉农网编号", max_length=40)
    recorded_by = models.ForeignKey(Officer, verbose_name="经办", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    history = HistoricalRecords()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "涉农网编号"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(movement__isnull=False, batch__isnull=True)
                                   | Q(movement__isnull=True, batch__isnull=False), name="network_reference_is_of_one_thing"),
            models.CheckConstraint(condition=~Q(number=""), name="network_reference_has_number"),
        ]

    def __str__(self):
        return self.number
