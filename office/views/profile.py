"""The person's own account: postings, password, second factor, open sessions."""
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from office import actions, sessions
from office.access import allow
from office.roles import ROLES


@allow(None)
def profile(request):
    officer = request.user
    postings = [{"posting": posting, "rule": ROLES[posting.role]} for posting in officer.current_postings]
    age = (timezone.now() - officer.password_changed_at).days
    return render(request, "office/profile.html", {
        "title": "我的账号", "officer": officer, "postings": postings, "password_age": age,
        "password_days": settings.PASSWORD_MAX_AGE_DAYS, "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "strong": Authenticator.objects.filter(user=officer, type=Authenticator.Type.TOTP).exists(),
        "sessions": sessions.open_sessions(officer), "this_key": request.session.session_key})


@allow(None, methods=("POST",), writes=True)
def end_own_sessions(request):
    """Log out everywhere else, or in one session named by its mark."""
    ended = actions.log_out_everywhere(officer=request.user, by=request.user, keep=request.session.session_key,
                                       mark=request.POST.get("mark") or None, request=request)
    messages.success(request, f"已结束{ended}个其他会话。" if ended else "没有其他会话。")
    return redirect("office:profile")
