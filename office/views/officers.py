"""Logins, for the system administrator: make, lock, unlock, reset. No right to a case comes from here."""
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from office import actions, sessions
from office.access import allow, within
from office.forms import OfficerFilter, OfficerForm
from office.models import Officer, Posting
from office.paging import page_by_key
from office.roles import Permission


def manageable(admin):
    """Officers in the administrator's area: none of their present or coming postings lies outside of it."""
    own = within("area_id", admin.scope_for(Permission.MANAGE_OFFICERS))
    lasting = Posting.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=timezone.localdate()), officer=OuterRef("pk"))
    return Officer.objects.filter(~Exists(lasting.exclude(own)))


@allow(Permission.MANAGE_OFFICERS)
def officer_list(request):
    form = OfficerFilter(request.GET)
    officers = manageable(request.user)
    if form.is_valid():
        officers = _filtered(officers, **form.cleaned_data)
    page = page_by_key(officers.prefetch_related("postings__area"), request.GET, key="username", total=officers.count())
    for officer in page:
        officer.shown_postings = [p for p in officer.postings.all()
                                  if p.ends_on is None or p.ends_on >= timezone.localdate()]
    return render(request, "office/officers.html", {"title": "人员", "form": form, "page": page})


def _filtered(officers, q: str, state: str):
    if q:
        officers = officers.filter(Q(name__contains=q) | Q(username__contains=q))
    if state == "unposted":
        officers = officers.filter(~Exists(Posting.objects.in_force().filter(officer=OuterRef("pk"))))
    elif state:
        officers = officers.filter(is_active=state == "active")
    return officers


@allow(Permission.MANAGE_OFFICERS, methods=("GET", "POST"), writes=True)
def officer_new(request):
    """Make a login; the temporary password is shown on the answer and never again."""
    form = OfficerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        officer, password = actions.create_officer(by=request.user, request=request, **form.cleaned_data)
        return _password_page(request, officer, password, "账号已建立")
    return render(request, "office/officer_form.html", {"title": "新建账号", "form": form, "crumbs": _crumbs("新建账号")})


@allow(Permission.MANAGE_OFFICERS)
def officer_page(request, pk):
    officer = get_object_or_404(manageable(request.user), pk=pk)
    return render(request, "office/officer.html", _details(request, officer))


def _details(request, officer) -> dict:
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    paused = AccessAttempt.objects.filter(username=officer.username, attempt_time__gte=since,
                                          failures_since_start__gte=settings.AXES_FAILURE_LIMIT).exists()
    return {"title": officer.name, "officer": officer, "crumbs": _crumbs(officer.name), "paused": paused,
            "own": officer.pk == request.user.pk, "postings": officer.postings.select_related("area", "appointed_by"),
            "today": timezone.localdate(), "sessions": sessions.open_sessions(officer),
            "strong": Authenticator.objects.filter(user=officer, type=Authenticator.Type.TOTP).exists()}


STEPS = {
    "lock": (actions.lock_officer, "账号已停用，所有会话已结束"),
    "unlock": (actions.unlock_officer, "账号已启用，登录锁定已解除"),
    "second-factor": (actions.reset_second_factor, "双因素已重置，本人可凭密码登录后重新启用"),
}


@allow(Permission.MANAGE_OFFICERS, methods=("POST",), writes=True)
def officer_step(request, pk, step):
    """Lock, unlock or reset, with a reason that goes into the trail."""
    officer = get_object_or_404(manageable(request.user), pk=pk)
    reason = request.POST.get("reason", "").strip()
    try:
        if len(reason) < 2:
            raise ValidationError("请写明原因，例如“调离”“手机遗失”")
        if step == "password":
            password = actions.reset_password(officer=officer, reason=reason, by=request.user, request=request)
            return _password_page(request, officer, password, "密码已重置")
        if step == "sessions":
            ended = actions.log_out_everywhere(officer=officer, by=request.user, request=request)
            said = f"已结束{ended}个会话"
        else:
            act, said = STEPS[step]
            act(officer=officer, reason=reason, by=request.user, request=request)
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        messages.success(request, said)
    return redirect("office:officer", pk=officer.pk)


def _password_page(request, officer, password, title):
    answer = render(request, "office/temporary_password.html", {
        "title": title, "officer": officer, "password": password, "crumbs": _crumbs(title)})
    answer["Cache-Control"] = "no-store"
    return answer


def _crumbs(label: str) -> list[dict]:
    return [{"label": "人员", "url": reverse("office:officers")}, {"label": label}]
