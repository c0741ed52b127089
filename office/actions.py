"""What an administrator or an office decides: logins, postings, published figures. Each is one transaction and one
entry of the trail; a refusal is a ValidationError with a sentence for the person."""
import datetime
from dataclasses import dataclass
from decimal import Decimal

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from office import passwords, sessions, trail
from office.access import covers
from office.accounts import account_subject
from office.models import Area, Level, Officer, Posting, Statistic, code_range
from office.roles import ROLES, Permission, Role, conflict
from office.statistics import shown_figure

# A figure that moves further than this against the year before is asked about again.
UNUSUAL_CHANGE = Decimal("0.30")


# --- Logins ---------------------------------------------------------------------------------------------------------

def create_officer(*, username: str, name: str, password: str | None = None, must_change: bool = True,
                   by: Officer | None = None, request=None) -> tuple[Officer, str]:
    """A login without any right yet. Without a password a temporary one is made; returned once, never stored in clear."""
    officer = Officer(username=username, name=name, must_change_password=must_change)
    officer.full_clean(exclude=["password"])
    if password is None:
        password = passwords.temporary_password()
    else:
        validate_password(password, officer)
    officer.set_password(password)
    with transaction.atomic():
        officer.save()
        trail.record(by, "新建账号", account_subject(officer), detail={"name": name}, request=request)
    return officer, password


def _not_oneself(officer: Officer, by: Officer) -> None:
    if officer.pk == by.pk:
        raise ValidationError("不能对本人的账号做这一步，请由另一位系统管理员办理")


@transaction.atomic
def lock_officer(*, officer: Officer, reason: str, by: Officer, request=None) -> None:
    """The person can no longer log in and is thrown out everywhere; the postings stay as they are."""
    _not_oneself(officer, by)
    Officer.objects.filter(pk=officer.pk).update(is_active=False)
    ended = sessions.end_sessions(officer)
    trail.record(by, "停用账号", account_subject(officer), detail={"reason": reason, "sessions": ended}, request=request)


@transaction.atomic
def unlock_officer(*, officer: Officer, reason: str, by: Officer, request=None) -> None:
    """Let the person in again; also lifts the pause after wrong passwords."""
    _not_oneself(officer, by)
    Officer.objects.filter(pk=officer.pk).update(is_active=True)
    AccessAttempt.objects.filter(username=officer.username).delete()
    trail.record(by, "启用账号", account_subject(officer), detail={"reason": reason}, request=request)


@transaction.atomic
def reset_password(*, officer: Officer, reason: str, by: Officer, request=None) -> str:
    """A temporary password, to be changed at the next login; every open session ends."""
    _not_oneself(officer, by)
    password = passwords.temporary_password()
    passwords.retire(officer)
    officer.set_password(password)
    officer.must_change_password = True
    officer.password_changed_at = timezone.now()
    officer.save(update_fields=["password", "must_change_password", "password_changed_at"])
    AccessAttempt.objects.filter(username=officer.username).delete()
    sessions.end_sessions(officer)
    trail.record(by, "重置密码", account_subject(officer), detail={"reason": reason}, request=request)
    return password


@transaction.atomic
def reset_second_factor(*, officer: Officer, reason: str, by: Officer, request=None) -> None:
    """For a lost phone: the person logs in with the password alone and may enrol again."""
    _not_oneself(officer, by)
    Authenticator.objects.filter(user=officer).delete()
    sessions.end_sessions(officer)
    trail.record(by, "重置双因素", account_subject(officer), detail={"reason": reason}, request=request)


@transaction.atomic
def log_out_everywhere(*, officer: Officer, by: Officer, keep: str | None = None, mark: str | None = None,
                       request=None) -> int:
    """End open sessions of a person (`mark`: one of them; `keep`: the key of the one that stays)."""
    ended = sessions.end_sessions(officer, keep=keep, mark=mark)
    trail.record(by, "结束会话", account_subject(officer), detail={"sessions": ended}, request=request)
    return ended


# --- Postings -------------------------------------------------------------------------------------------------------

@transaction.atomic
def appoint(*, officer: Officer, role: str, area: Area, starts_on: datetime.date, by: Officer | None,
            ends_on: datetime.date | None = None, request=None) -> Posting:
    """Give a role for an area from a day on. `by` None: the installation itself (a command).

    Refused: oneself, an area outside the appointing person's, a level the role is not held at, an account that is
    locked, a role that does not go together with another held at the same time, the same posting twice.
    """
    Officer.objects.select_for_update().get(pk=officer.pk)
    if by is not None:
        _may_appoint(officer, area, by)
    if not officer.is_active:
        raise ValidationError("这个账号已停用，请先由系统管理员启用")
    if area.level not in ROLES[role].levels:
        levels = "、".join(Level(level).label for level in ROLES[role].levels)
        raise ValidationError(f"“{Role(role).label}”只能任职于{levels}一级，{area.name}是{area.get_level_display()}")
    together = _at_the_same_time(officer, starts_on, ends_on)
    if together.filter(role=role, area=area).exists():
        raise ValidationError(f"{officer}在{area.name}已任“{Role(role).label}”，不需要重复任命")
    if why := conflict(set(together.values_list("role", flat=True)), role):
        raise ValidationError(why)
    posting = Posting(officer=officer, role=role, area=area, starts_on=starts_on, ends_on=ends_on, appointed_by=by)
    posting.full_clean()
    posting.save()
    trail.record(by, "任命", f"posting:{posting.pk}", area=area.code, request=request, detail={
        "officer": officer.username, "role": role, "starts_on": str(starts_on), "ends_on": str(ends_on or "")})
    return posting


def _may_appoint(officer: Officer, area: Area, by: Officer) -> None:
    if officer.pk == by.pk:
        raise ValidationError("不能办理本人的任职，请由另一位安全管理员办理")
    if not covers(by, Permission.MANAGE_POSTINGS, area.code):
        raise ValidationError(f"{area.name}不在您管理的区域内")


def _at_the_same_time(officer: Officer, starts_on: datetime.date, ends_on: datetime.date | None):
    overlap = Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)
    if ends_on is not None:
        overlap &= Q(starts_on__lte=ends_on)
    return officer.postings.filter(overlap)


@transaction.atomic
def dismiss(*, posting: Posting, ends_on: datetime.date, reason: str, by: Officer, request=None) -> None:
    """End a posting with a day (inclusive). A posting that has ended keeps its date."""
    posting = Posting.objects.select_for_update(of=("self",)).select_related("officer", "area").get(pk=posting.pk)
    if posting.officer_id == by.pk:
        raise ValidationError("不能办理本人的任职，请由另一位安全管理员办理")
    if not covers(by, Permission.MANAGE_POSTINGS, posting.area_id):
        raise PermissionDenied("这个区域不在您管理的范围内")
    if posting.ends_on is not None and posting.ends_on < timezone.localdate():
        raise ValidationError(f"这项任职已于{posting.ends_on}结束")
    if ends_on < posting.starts_on:
        raise ValidationError(f"离任日期不能早于任职日期（{posting.starts_on}）")
    posting.ends_on = ends_on
    posting._change_reason = reason[:100]
    posting.save(update_fields=["ends_on"])
    trail.record(by, "免去任职", f"posting:{posting.pk}", area=posting.area_id, request=request, detail={
        "officer": posting.officer.username, "role": posting.role, "ends_on": str(ends_on), "reason": reason})


# --- Published figures ----------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Doubt:
    """A question to the person before a figure is stored: `kind` correction or change, and a sentence."""

    kind: str
    text: str


def statistic_areas(officer: Officer):
    """Areas an office may enter figures for: from its own county or city upward (the province has no login here),
    and the counties inside."""
    condition = Q(pk__in=[])
    for code in officer.scope_for(Permission.ENTER_STATISTIC):
        low, high = code_range(code)
        above = [code[:n].ljust(12, "0") for n in (2, 4, 6)]
        condition |= Q(code__gte=low, code__lt=high) | Q(code__in=above)
    return Area.objects.filter(condition, level__in=("province", "city", "county")).order_by("code")


def same_figure(statistic: Statistic) -> Statistic | None:
    """The stored figure of the same key, area, year, basis and day, if there is one."""
    return Statistic.objects.filter(
        key=statistic.key, area_id=statistic.area_id, year=statistic.year, basis=statistic.basis,
        known_on=statistic.known_on).exclude(pk=statistic.pk).select_related("area", "entered_by").first()


def doubts_about(statistic: Statistic, replaced: Statistic | None) -> list[Doubt]:
    """What a careful colleague would ask: does it replace a figure, is it far from the year before?"""
    found = []
    if replaced is not None and replaced.value != statistic.value:
        found.append(Doubt("correction", f"系统中已有同一指标、区域、年度、口径和公布日期的数：{shown_figure(replaced.value)}"
                           f"（来源：{replaced.source}）。保存后将更正为 {shown_figure(statistic.value)}，原数留在更正记录里，"
                           "已经算出的结果仍保留当时所用的数。"))
    before = Statistic.objects.filter(
        key=statistic.key, area_id=statistic.area_id, year=statistic.year - 1).order_by("basis", "-known_on").first()
    if before and abs(statistic.value / before.value - 1) > UNUSUAL_CHANGE:
        percent = (statistic.value / before.value - 1) * 100
        found.append(Doubt("change", f"比上年（{before.year}年 {shown_figure(before.value)}）变化 {percent:+.1f}%，超过 ±30%。"
                           "请核对单位（年数还是月数、元还是万元）和小数点。"))
    return found


@transaction.atomic
def enter_statistic(*, statistic: Statistic, by: Officer, reason: str = "", request=None) -> tuple[Statistic, bool]:
    """Store a figure; one with the same identity is corrected in place, with history. Returns it and whether it changed.

    Results computed before keep the number they used; the caller has the affected runs computed again.
    """
    if not statistic_areas(by).filter(pk=statistic.area_id).exists():
        raise ValidationError("这个区域不在您可以录入的范围内")
    replaced = same_figure(statistic)
    if replaced is not None:
        if (replaced.value, replaced.source) == (statistic.value, statistic.source):
            return replaced, False
        before = str(replaced.value)
        replaced.value, replaced.source = statistic.value, statistic.source
        statistic = replaced
    else:
        before = ""
    statistic.entered_by, statistic.entered_at = by, timezone.now()
    statistic.full_clean()
    statistic._change_reason = reason[:100] or None
    statistic._history_user = by
    statistic.save()
    trail.record(by, "更正统计数" if before else "录入统计数", f"statistic:{statistic.pk}", area=statistic.area_id,
                 detail={"figure": str(statistic), "value": str(statistic.value), "before": before, "reason": reason},
                 request=request)
    return statistic, True
