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
from office.roles import Permission, Role
from office.tasks import VERIFY_TRAIL

KINDS = {"officer": "账号", "posting": "任职", "statistic": "统计数", "household": "户", "member": "人", "job": "任务",
         "programme": "政策文件", "area": "区域", "village": "村", "run": "考核", "bulletin": "通报", "import": "导入"}

BEFORE_LOGIN = {"登录失败", "登录锁定"}   # done by nobody known, which is not the system itself
# Keys of an entry's details in words; one without a word is shown as it is.
WORDS = {
    "officer": "人员", "role": "岗位", "starts_on": "任职日期", "ends_on": "离任日期", "reason": "原因", "sessions": "会话数",
    "second_factor": "双因素", "factor": "方式", "locked": "暂停中", "minutes": "分钟", "name": "姓名", "title": "名称",
    "file": "文件", "format": "格式", "rows": "行数", "entries": "条数", "ok": "相符", "first_bad": "首条不符", "type": "类型",
    "figure": "统计数", "value": "数值", "before": "原数", "field": "字段", "label": "项目", "q": "查询", "action": "操作",
    "subject": "对象", "since": "从", "until": "到", "area": "区域", "year": "年度", "programme": "政策文件", "run": "考核",
    "count": "数量", "query": "查询", "filters": "条件", "households": "户数", "path": "页面",
    "lines": "笔数", "amount": "金额", "total": "合计", "paid": "已支付", "planned": "计划", "succeeded": "成功",
    "failed": "失败", "number": "编号", "sequence": "流水号", "account": "账户", "note": "说明", "method": "方式",
    "winner": "中标单位", "date": "日期", "findings": "发现", "requested_by": "申请人", "condition": "条件", "shown": "显示",
    "changed": "变动", "kind": "种类", "period": "期间", "bytes": "字节", "by": "经办",
    "members": "人数", "source": "来源", "payer_name": "出资单位", "pledged_on": "认筹日期", "due_on": "应到日期",
    "channel": "渠道", "from_on": "公示自", "to_on": "公示至", "project": "项目", "enterprise": "经营主体",
    "term_months": "期限（月）", "guaranteed_rate": "保底率", "principal_due_on": "本金到期", "risk": "风险", "state": "状态",
    "masked": "证件号码已隐去", "chain_head": "链头", "sha256": "文件摘要"}
VALUES = {True: "是", False: "否", "password": "密码", "totp": "验证码", "recovery_codes": "恢复码",
          "funds": "资金台账", "projects": "项目台账", "payments": "到户补助发放", "dividends": "资产收益台账",
          **dict(Role.choices)}


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
        event.shown_officer = event.officer_name if event.officer_id or event.action not in BEFORE_LOGIN else "未登录"
        event.shown_subject = shown_subject(event.subject)
        event.shown_detail = shown_detail(event.detail)
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


def shown_detail(detail: dict) -> str:
    return "；".join(f"{WORDS.get(name, name)}：{_value(value)}" for name, value in detail.items() if value not in ("", None))


def _value(value) -> str:
    """A stored value in words: yes and no, roles, ways of login."""
    return str(VALUES.get(value, value)) if isinstance(value, bool | str) else str(value)


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
