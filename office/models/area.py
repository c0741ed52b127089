"""Administrative areas, province to village, by the 12-digit statistical code."""
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

PREFIX_LENGTH = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}


class Level(models.TextChoices):
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县（市、区）"
    TOWNSHIP = "township", "镇（街道）"
    VILLAGE = "village", "村（社区）"


def prefix_of(code: str) -> str:
    """The significant digits of a 12-digit code: 441424000000 -> 441424; a village keeps all twelve."""
    for length in (2, 4, 6, 9):
        if set(code[length:]) <= {"0"}:
            return code[:length]
    return code


def code_range(code: str) -> tuple[str, str]:
    """First code inside an area and first code after it, for `>= lo and < hi`.

    A range finds rows by index on both databases where a prefix match would read the whole table on SQLite.
    It holds for village, household (16 digits) and person (18 digits) numbers alike, since they begin with the code.
    """
    prefix = prefix_of(code)
    after = str(int(prefix) + 1).zfill(len(prefix))
    return prefix.ljust(12, "0"), after.ljust(12, "0")


def level_of(code: str) -> str:
    """Level that a code's zeros say: 441424000000 -> county."""
    return {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}[len(prefix_of(code))]


class AreaQuerySet(models.QuerySet):
    def within(self, code: str):
        """The area itself and everything below it."""
        lo, hi = code_range(code)
        return self.filter(code__gte=lo, code__lt=hi)

    def visible_to(self, officer):
        """Areas inside the officer's postings, and the areas above them (names only lead the way down)."""
        condition = Q(pk__in=[])
        for code in officer.scope:
            lo, hi = code_range(code)
            condition |= Q(code__gte=lo, code__lt=hi)
        return self.filter(condition)


class Area(models.Model):
    """One area of one edition of the divisions; a code no longer valid keeps its dates and its successor."""

    code = models.CharField("代码", max_length=12, primary_key=True, validators=[RegexValidator(r"^\d{12}$")])
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", verbose_name="上级", null=True, blank=True, on_delete=models.PROTECT,
                               related_name="children")
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="area_level_known"),
            models.CheckConstraint(condition=Q(level="province") | Q(parent__isnull=False), name="area_has_parent",
                                   violation_error_message="省以下的区划必须有上级"),
        ]
        indexes = [models.Index(fields=["level", "code"])]

    def __str__(self):
        return self.name

    @property
    def prefix(self) -> str:
        return prefix_of(self.code)

    @property
    def trail(self) -> list["Area"]:
        """The areas above this one and itself, from the province down."""
        prefix = self.code
        codes = [prefix[:n].ljust(12, "0") for n in (2, 4, 6, 9, 12) if n <= len(self.prefix)]
        return list(Area.objects.filter(code__in=codes).order_by("code"))


class AreaSuccession(models.Model):
    """What became of a code in a later edition (recoded, renamed, gone); a proposal made by name, not an official table."""

    old_code = models.CharField("原代码", max_length=12, blank=True, db_index=True)
    old_name = models.CharField("原名称", max_length=60, blank=True)
    new_code = models.CharField("新代码", max_length=12, blank=True, db_index=True)
    new_name = models.CharField("新名称", max_length=60, blank=True)
    change = models.CharField("变化", max_length=20)
    from_edition = models.PositiveSmallIntegerField("原版本年份")
    to_edition = models.PositiveSmallIntegerField("新版本年份")

    class Meta:
        verbose_name = verbose_name_plural = "区划代码沿革"
        constraints = [models.UniqueConstraint(fields=["from_edition", "to_edition", "old_code", "new_code"],
                                               name="area_succession_once")]

    def __str__(self):
        return f"{self.old_code} → {self.new_code}"
