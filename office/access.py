"""Who may see and do what: the one place. Fails closed: no posting, no rows; out of scope is 404, a missing right 403.

Every model that belongs to an area names the column that holds its area code (`area_lookup`); lists, counts, choices,
exports, API and bulletins start from `visible_to(officer)`.
"""
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.db.models import Q
from django.http import Http404, HttpResponse

from office import failures
from office.models import Area, code_range
from office.roles import Permission

_writing_allowed: ContextVar[bool] = ContextVar("writing_allowed", default=True)


def within(lookup: str, codes) -> Q:
    """Condition: the column lies in one of the areas. No codes, no rows."""
    condition = Q(pk__in=[])
    for code in codes:
        lo, hi = code_range(code)
        condition |= Q(**{f"{lookup}__gte": lo, f"{lookup}__lt": hi})
    return condition


class ScopedQuerySet(models.QuerySet):
    """Rows that belong to an area; `area_lookup` on the model says through which column."""

    def in_area(self, code: str):
        return self.filter(within(self.model.area_lookup, [code]))

    def visible_to(self, officer):
        return self.filter(within(self.model.area_lookup, officer.scope))


def area_or_404(officer, code: str) -> Area:
    """The area, if it lies inside the officer's scope; else 404, as if it did not exist."""
    area = Area.objects.visible_to(officer).filter(pk=code).first() if code.isascii() and code.isdigit() else None
    if area is None:
        raise Http404("没有这个区域")
    return area


def covers(officer, permission: Permission, code: str) -> bool:
    """Whether the officer holds the permission for this whole area."""
    for held in officer.scope_for(permission):
        lo, hi = code_range(held)
        if lo <= code < hi:
            return True
    return False


def require(officer, permission: Permission, code: str | None = None) -> None:
    """Raise PermissionDenied unless the officer holds the permission (for the area, when one is named)."""
    held = officer.may(permission) if code is None else covers(officer, permission, code)
    if not held:
        raise PermissionDenied("您的岗位没有这项权限，如工作需要请联系安全管理员")


def _refuse_writes(execute, sql, params, many, context):
    if _writing_allowed.get() or not sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
        return execute(sql, params, many, context)
    raise RuntimeError(f"A page that only reads tried to write: {sql[:120]}")


@contextmanager
def writing():
    """The few writes that reading pages are allowed: the audit trail and the session."""
    token = _writing_allowed.set(True)
    try:
        yield
    finally:
        _writing_allowed.reset(token)


def not_allowed(methods) -> HttpResponse:
    """The address belongs to a button; typed in or reloaded it opens nothing, and says so."""
    response = failures.page(405, "这个地址不能直接打开", "它只能由页面上的按钮提交。没有执行任何操作，请回到原来的页面再办理。")
    response["Allow"] = ", ".join(methods)
    return response


def allow(permission: Permission | None, *, methods=("GET",), writes: bool = False):
    """Declare a page: the permission it needs (None: any officer), its methods, and whether a GET may write.

    A page that does not write runs under a guard that refuses INSERT, UPDATE and DELETE, so that a link or a
    preview can never change a case.
    """
    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if request.method not in (*methods, "HEAD", "OPTIONS"):
                return not_allowed(methods)
            if permission is not None:
                require(request.user, permission)
            if writes:
                return view(request, *args, **kwargs)
            token = _writing_allowed.set(False)
            try:
                with connection.execute_wrapper(_refuse_writes):
                    response = view(request, *args, **kwargs)
                    if hasattr(response, "render") and not response.is_rendered:
                        response.render()
                    return response
            finally:
                _writing_allowed.reset(token)

        guarded.permission = permission
        guarded.methods = methods
        return guarded
    return decorate
