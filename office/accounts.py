"""How a person comes in and goes out: the rules given to allauth and axes, and what of it stands in the audit trail."""
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_changed
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from allauth.mfa.totp.forms import ActivateTOTPForm
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from office import passwords, sessions, trail
from office.fields import ring
from office.models import Officer

SECOND_FACTOR = "second_factor"


class AccountAdapter(DefaultAccountAdapter):
    """Logins are made by the system administrator, never by the person."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "用户名或密码不对，请重新输入；连续输错会暂停登录。"
                                      "如确认无误，账号可能已停用，请联系系统管理员。",
        "incorrect_password": "密码不对，请重新输入。",
        "enter_current_password": "当前密码不对，请重新输入。",
        "incorrect_code": "验证码不对。请核对手机时间是否准确，等下一个验证码出现后再输入。",
        "too_many_login_attempts": "失败次数过多，请稍后再试。",
        "rate_limited": "操作太频繁，请稍后再试。",
    }

    def is_open_for_signup(self, request):
        return False

    def get_password_change_redirect_url(self, request):
        return reverse("home")

    def set_password(self, user, password):
        """The person's own change: the old one is kept as used, the clock starts again."""
        passwords.retire(user)
        user.set_password(password)
        user.must_change_password = False
        user.password_changed_at = timezone.now()
        user.save(update_fields=["password", "must_change_password", "password_changed_at"])

    def send_mail(self, template_prefix, email, context):
        """No mail is sent: county networks have no mail server for it, and the trail keeps what happened."""

    def get_logout_redirect_url(self, request):
        return reverse("account_login")


class SecondFactorAdapter(DefaultMFAAdapter):
    """The secret of the second factor is kept like other personal data: encrypted, with the name of its key."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def get_totp_label(self, user):
        return user.username

    def encrypt(self, text):
        return ring.encrypt(text, SECOND_FACTOR)

    def decrypt(self, encrypted_text):
        return ring.decrypt(encrypted_text, SECOND_FACTOR)


class CodeField:
    """The field of the six digits, in words of ours and for the keyboard of a phone."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "验证码"
        self.fields["code"].widget.attrs |= {"placeholder": "", "inputmode": "numeric", "autofocus": True}


class CountedCode(CodeField):
    """A wrong code counts like a wrong password: whoever knows the password cannot try out a million codes."""

    def clean_code(self):
        request, credentials = context.request, {"username": self.user.username}
        if not AxesProxyHandler.is_allowed(request, credentials):
            request.axes_locked_out, request.axes_credentials = True, credentials
            raise ValidationError(AccountAdapter.error_messages["too_many_login_attempts"])
        return super().clean_code()


class CodeForm(CountedCode, AuthenticateForm):
    pass


class CodeAgainForm(CountedCode, ReauthenticateForm):
    pass


class ActivateForm(CodeField, ActivateTOTPForm):
    pass


def locked_out(request, response=None, credentials=None):
    """The page after too many failures: says until when; the same for names that do not exist."""
    username = (credentials or {}).get("username") or request.POST.get("login", "")
    last = AccessAttempt.objects.filter(username=username, ip_address=request.axes_ip_address).aggregate(
        last=Max("attempt_time"))["last"] or timezone.now()
    until = last + settings.AXES_COOLOFF_TIME
    answer = render(request, "account/locked.html", {"until": until, "failures": settings.AXES_FAILURE_LIMIT}, status=429)
    answer["Retry-After"] = str(max(1, int((until - timezone.now()).total_seconds())))
    return answer


def account_subject(officer) -> str:
    return f"officer:{officer.username}"


def _logged_in(sender, request, user, **kwargs):
    sessions.begin(request)
    strong = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    trail.record(user, "登录", account_subject(user), detail={"second_factor": strong}, request=request)


def _logged_out(sender, request, user, **kwargs):
    if user is not None:
        action = "闲置退出" if getattr(request, "was_idle", False) else "退出登录"
        trail.record(user, action, account_subject(user), request=request)


def _login_failed(sender, credentials, request=None, **kwargs):
    """A name nobody has may be a password typed into the wrong field, so only its beginning is kept."""
    username = str(credentials.get("username") or "")
    officer = Officer.objects.filter(username=username).first()
    detail = {"locked": bool(getattr(request, "axes_locked_out", False)), "factor": credentials.get("factor", "password")}
    subject = account_subject(officer) if officer else f"officer:{username[:2]}…（没有这个账号）"
    trail.record(officer, "登录失败", subject, detail=detail, request=request)


def _locked(sender, request, username, **kwargs):
    """Sent at every try while the lock lasts; the trail notes the one that locked."""
    if not getattr(request, "axes_failures_since_start", None):
        return
    officer = Officer.objects.filter(username=username).first()
    subject = account_subject(officer) if officer else f"officer:{str(username)[:2]}…（没有这个账号）"
    trail.record(officer, "登录锁定", subject, request=request,
                 detail={"minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)})


def _password_changed(sender, request, user, **kwargs):
    trail.record(user, "修改密码", account_subject(user), request=request)


def _code_failed(sender, request, user, authenticator, **kwargs):
    user_login_failed.send(sender=sender, request=request,
                           credentials={"username": user.username, "factor": authenticator.type})


def _factor_event(action: str):
    def receive(sender, request, user, authenticator, **kwargs):
        trail.record(user, action, account_subject(user), detail={"type": authenticator.type}, request=request)
    return receive


RECEIVERS = (
    (user_logged_in, _logged_in), (user_logged_out, _logged_out), (user_login_failed, _login_failed),
    (user_locked_out, _locked), (password_changed, _password_changed), (authentication_failed, _code_failed),
    (authenticator_added, _factor_event("启用双因素")), (authenticator_removed, _factor_event("停用双因素")),
    (authenticator_reset, _factor_event("重新生成恢复码")),
)


def connect() -> None:
    """Called once, when the application is ready."""
    for happening, receive in RECEIVERS:
        happening.connect(receive, weak=False, dispatch_uid=f"office.accounts.{receive.__qualname__}.{id(receive)}")
