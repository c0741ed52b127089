"""Who works here: a login per person, and dated postings that say in which role and for which area."""
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from simple_history.models import HistoricalRecords

from office.models.area import Area
from office.roles import ADMINISTRATORS, ROLES, Permission, Role


class Officer(AbstractUser):
    """A person with a login. What the person may see and do follows from the postings in force today, nothing else."""

    first_name = last_name = None
    name = models.CharField("姓名", max_length=30)
    email = models.EmailField("电子邮箱", blank=True)
    is_superuser = models.BooleanField("超级用户", default=False, editable=False)
    password_changed_at = models.DateTimeField("密码修改时间", default=timezone.now)
    must_change_password = models.BooleanField("须先修改密码", default=False)

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "工作人员"

    def __str__(self):
        return self.name or self.username

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name

    @cached_property
    def current_postings(self) -> list["Posting"]:
        """Postings in force today, with their areas; empty for someone who is not active."""
        return list(self.postings.in_force().select_related("area")) if self.is_active else []

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return frozenset(p for posting in self.current_postings for p in ROLES[posting.role].permissions)

    @cached_property
    def scope(self) -> tuple[str, ...]:
        """Codes of the areas whose cases this person may see; administrators of the system see none."""
        return tuple(sorted({p.area_id for p in self.current_postings if ROLES[p.role].sees_cases}))

    def scope_for(self, permission: Permission) -> tuple[str, ...]:
        """Codes of the areas in which this person holds the permission."""
        return tuple(sorted({p.area_id for p in self.current_postings
                             if permission in ROLES[p.role].permissions}))

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def home_area(self) -> Area | None:
        """The widest area of the person's work: where the home page starts."""
        areas = [p.area for p in self.current_postings if ROLES[p.role].sees_cases]
        return min(areas, key=lambda area: (len(area.prefix), area.code), default=None)


class PostingQuerySet(models.QuerySet):
    def in_force(self, on=None):
        on = on or timezone.localdate()
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)


class Posting(models.Model):
    """A person holds a role for an area from a day until a day (inclusive)."""

    officer = models.ForeignKey(Officer, verbose_name="工作人员", on_delete=models.PROTECT, related_name="postings")
    role = models.CharField("岗位", max_length=20, choices=Role.choices)
    area = models.ForeignKey(Area, verbose_name="区域", on_delete=models.PROTECT, related_name="postings")
    starts_on = models.DateField("任职日期", default=timezone.localdate)
    ends_on = models.DateField("离任日期", null=True, blank=True)
    appointed_by = models.ForeignKey(Officer, verbose_name="任命人", null=True, blank=True, on_delete=models.PROTECT,
                                     related_name="appointments")
    history = HistoricalRecords()

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="posting_role_known"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                                   name="posting_ends_after_start", violation_error_message="离任日期不能早于任职日期"),
            models.UniqueConstraint(fields=["officer"], condition=Q(role__in=sorted(ADMINISTRATORS), ends_on=None),
                                    name="posting_one_administrator_role",
                                    violation_error_message="系统、安全、审计管理员不能由同一人兼任"),
        ]

    def __str__(self):
        return f"{self.officer} {self.get_role_display()} {self.area}"


class FormerPassword(models.Model):
    """Hashes of the passwords a person used before, so that they are not used again."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="former_passwords")
    hash = models.CharField(max_length=200)
    retired_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-retired_at"]

    def __str__(self):
        return f"{self.officer_id} {self.retired_at:%Y-%m-%d}"
