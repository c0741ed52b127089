"""Where money lies: one account per document, place, year and — once it is bound — project."""
from django.db import models
from django.db.models import Q

from funds.models.appropriation import Appropriation
from funds.models.project import Project
from funds.states import AccountKind, Source
from office.access import ScopedQuerySet
from office.fields import MoneyField
from office.models import Area, Programme


class Account(models.Model):
    """A place where money of one appropriation lies. `balance` is moved by the database itself with every movement.

    `key` says in one text what the account is, so that it exists once. A source belongs to no appropriation; it is
    the outside world, and the sum over all accounts is therefore always zero.
    """

    area_lookup = "area_id"

    key = models.CharField(max_length=80, unique=True)
    kind = models.CharField("类别", max_length=8, choices=AccountKind.choices)
    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, verbose_name="政策文件", on_delete=models.PROTECT, related_name="accounts")
    source = models.CharField("来源", max_length=12, choices=Source.choices)
    payer_name = models.CharField("出资单位", max_length=60, blank=True)     # of a source
    appropriation = models.ForeignKey(Appropriation, verbose_name="指标文", null=True, blank=True,
                                      on_delete=models.PROTECT, related_name="accounts")
    project = models.ForeignKey(Project, verbose_name="项目", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="accounts")
    year = models.PositiveSmallIntegerField("年度")
    balance = MoneyField("余额", default=0, editable=False)
    last_in_on = models.DateField("最近收入日期", null=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "账户"
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AccountKind.values), name="account_kind_known"),
            models.CheckConstraint(condition=Q(kind="source") | Q(balance__gte=0), name="account_not_overdrawn",
                                   violation_error_message="余额不足"),
            models.CheckConstraint(condition=Q(kind="source", appropriation__isnull=True)
                                   | ~Q(kind="source") & Q(appropriation__isnull=False), name="account_has_document"),
            models.CheckConstraint(condition=~Q(kind="project") | Q(project__isnull=False), name="account_names_project"),
        ]
        indexes = [models.Index(fields=["programme", "year", "area"]), models.Index(fields=["area", "kind"])]

    def __str__(self):
        return f"{self.area} {self.get_kind_display()} {self.year}年"
