"""The operation log, for the audit administrator: read, filtered, and checked against alteration."""
import datetime

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import redirect, render
from django.utils import timezone

from office import jobs, trail
from office.access import allow, within
from office.forms import TrailFilter
from office.models import AuditEvent, ChainHead, Job, Posting
from office.paging import page_by_key
from office.roles import Permission
from office.tasks import VERIFY_TRAIL

KINDS = {"officer": "账号", "posting": "任职", "statistic": "统计数", "household": "户", "member": "人", "job": "任务",
         "programme": "政策文件", "area": "区域", "village": "村", "run": "考核", "bulletin": "通报", "import": "导入"}


def readable(admin):
    """Entries about the administrator's area or by somebody who works there; what nobody posted did is seen by all."""
    codes = admin.scope_for(Permission.READ_TRAIL)
    postings = Posting.objects.filter(officer=OuterRef("officer"))
    here = Exists(postings.filter(within("area_id", codes)))
    return AuditEvent.objects.filter(within("area_code", codes) | here | (Q(area_code="") & ~Exists(postings)))


@allow(Permission.READ_TRAIL)
def trail_list(request):
    """Entries, the latest first. Reading them is itself noted, once per question and not for every page turned."""
    form = TrailFilter(request.GET, actions=_actions())
    events = readable(request.user)
    asked = {}
    if form.is_valid():
        events = _filtered(events, **form.cleaned_data)
        asked = {name: str(value) for name, value in form.cleaned_data.items() if value}
    if not request.GET.get("after") and not request.GET.get("before"):
        trail.record(request.user, "查阅操作日志", detail=asked, request=request)
    page = page_by_key(events.select_related("officer"), request.GET, key="sequence", descending=True)
    for event in page:
        event.shown_subject = shown_subject(event.subject)
        event.shown_detail = "；".join(f"{name}：{value}" for name, value in event.detail.items() if value not in ("", None))
    return render(request, "office/trail.html", {
        "title": "操作日志", "form": form, "page": page, "head": ChainHead.objects.filter(name=trail.CHAIN).first(),
        "check": Job.objects.filter(task=VERIFY_TRAIL, owner=request.user).order_by("-pk").first()})


def _actions() -> list[str]:
    return list(AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct())


def _filtered(events, q, action, subject, since, until):
    if q:
        events = events.filter(Q(officer__username=q) | Q(officer_name__contains=q))
    if action:
        events = events.filter(action=action)
    if subject:
        events = events.filter(subject__contains=subject)
    if since:
        events = events.filter(at__gte=_midnight(since))
    if until:
        events = events.filter(at__lt=_midnight(until + datetime.timedelta(days=1)))
    return events


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def shown_subject(subject: str) -> str:
    kind, colon, key = subject.partition(":")
    return f"{KINDS.get(kind, kind)} {key}" if colon else subject


@allow(Permission.READ_TRAIL, methods=("POST",), writes=True)
def trail_verify(request):
    """Recompute the whole chain in the background; the outcome stands on the page of the log."""
    open_states = (Job.State.QUEUED, Job.State.RUNNING)
    if Job.objects.filter(task=VERIFY_TRAIL, owner=request.user, state__in=open_states).exists():
        messages.info(request, "验证正在进行，请等待结果。")
    else:
        jobs.submit(VERIFY_TRAIL, "验证操作日志", owner=request.user)
        trail.record(request.user, "验证操作日志", request=request)
    return redirect("office:trail")
