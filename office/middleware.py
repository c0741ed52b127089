"""Rules of a session (posting, idle logout, password age) and failures said in a sentence."""
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render

from office import failures, sessions

# Pages a person reaches whatever stands against the rest: the way out, and the check of the machine.
ALWAYS = {"account_login", "account_logout", "healthz"}
PASSWORD = "account_change_password"
OWN_ACCOUNT = {PASSWORD, "account_reauthenticate"}
FORM_OVERHEAD = 1024 * 1024  # what a form with a file weighs beside the file


class SessionRules:
    """Who is logged in must be there, have a fresh password and hold a posting; in this order.

    The order against LoginRequiredMiddleware does not matter: anonymous visitors are its task, but for requests of
    a page's script, which get a plain 401 (the script then reloads the page) instead of a login page in a corner.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "for_a_person", False) and not response.has_header("Cache-Control"):
            # After logging out, the browser's "back" must not bring a household's page up again.
            response["Cache-Control"] = "private, no-store"
        return response

    def process_view(self, request, view, args, kwargs):
        by_script = "HX-Request" in request.headers
        if not request.user.is_authenticated:
            return self.ask_to_log_in(request, view, by_script) if getattr(view, "login_required", True) else None
        request.for_a_person = True
        name = request.resolver_match.view_name
        if name in ALWAYS:
            return None
        if sessions.is_idle(request):
            return self.log_out_idle(request, view, by_script)
        if not (by_script and getattr(view, "unattended", False)):
            sessions.note_activity(request)
        if name == PASSWORD:
            return None
        if sessions.password_is_due(request.user):
            return HttpResponse(status=401) if by_script else redirect(PASSWORD)
        if not request.user.current_postings and name not in OWN_ACCOUNT and not name.startswith("mfa_"):
            return render(request, "account/no_posting.html", status=403)
        return None

    def ask_to_log_in(self, request, view, by_script):
        """A visitor who sent something had been logged in: what was pressed is not carried out afterwards by itself."""
        if by_script:
            return HttpResponse(status=401)
        if request.method == "POST":
            messages.warning(request, "登录已失效，刚才的操作没有执行。请重新登录，回到原来的页面再办理。")
            return redirect_to_login(self.way_back(request, view))
        return None

    def way_back(self, request, view) -> str:
        """Where to go after logging in: the page asked for, or the page whose button was pressed."""
        if request.method == "GET" or "GET" in getattr(view, "methods", ()):
            return request.get_full_path()
        came_from = urlsplit(request.headers.get("Referer", ""))
        return urlunsplit(("", "", came_from.path, came_from.query, "")) if came_from.netloc == request.get_host() else "/"

    def log_out_idle(self, request, view, by_script):
        request.was_idle = True
        logout(request)
        if by_script:
            return HttpResponse(status=401)
        messages.warning(request, f"您已超过{settings.SESSION_IDLE_MINUTES}分钟没有操作，为保护数据已自动退出，请重新登录。")
        return redirect_to_login(self.way_back(request, view))


class Failures:
    """What the product stands on is away or full, or an upload is too big: a page with a remedy."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        limit = settings.UPLOAD_LIMIT_BYTES + FORM_OVERHEAD
        size = request.META.get("CONTENT_LENGTH") or "0"
        if size.isdigit() and int(size) > limit:
            self.read_away(request, 2 * limit)
            return failures.page(413, *failures.TOO_LARGE,
                                 reason=f"允许的大小：{settings.UPLOAD_LIMIT_BYTES // 1024 // 1024} MB")
        return self.get_response(request)

    def process_exception(self, request, exception):
        return failures.explained(exception)

    @staticmethod
    def read_away(request, most: int) -> None:
        """Take what the browser sends, up to a point: a browser cut off while sending shows no answer at all."""
        taken = 0
        while taken < most and (chunk := request.read(1024 * 1024)):
            taken += len(chunk)


class BehindProxies:
    """Behind our own proxies the address of a person stands in X-Forwarded-For, counted from the right.

    Trail, lock-out and limits then speak of the person, not of the proxy. What a visitor writes into the header
    himself stands further left and is never believed.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if settings.PROXIES and len(hops) >= settings.PROXIES:
            request.META["REMOTE_ADDR"] = hops[-settings.PROXIES]
        return self.get_response(request)
