"""When something is away, full, too big or not allowed: a page that says what happened and what to do.

These pages ask nothing of the database and no context processor, so they also work when those are what failed.
"""
import logging
import re
import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpResponse
from django.template.loader import render_to_string

from office.shortages import database_is_away, disk_is_full

log = logging.getLogger(__name__)

CHINESE = re.compile("[一-鿿]")

DATABASE_AWAY = ("数据库暂时连接不上", "数据库没有响应或正忙，刚才的操作没有保存，已有数据不受影响。请一两分钟后再试；"
                 "如仍不行，请系统管理员检查数据库服务（DATABASE_URL 所指的服务器）是否在运行。")
DISK_FULL = ("服务器磁盘已满", "没有空间保存新的内容，刚才的操作没有完成，已有数据不受影响。请告诉系统管理员清理磁盘后再试。")
TOO_LARGE = ("提交的内容太大", "超过了系统允许的大小，没有保存任何内容。上传登记表时，请删去无关的工作表，"
             "或按镇分成几个文件分别上传。")
TOO_MANY = ("提交的内容太多", "一次提交的项目数超过了系统允许的数量，没有保存任何内容。请分几次提交。")


def page(status: int, title: str = "", text: str = "", reason: str = "") -> HttpResponse:
    """The error page of a status; `title` and `text` replace the usual words, `reason` is one more sentence."""
    template = "errors/failure.html" if title else f"errors/{status}.html"
    content = render_to_string(template, {"code": status, "title": title, "text": text, "reason": reason})
    response = HttpResponse(content, status=status)
    response["Cache-Control"] = "no-store"
    return response


def explained(error: BaseException | None) -> HttpResponse | None:
    """The page for a failure of what the product stands on; None when it is something else."""
    if disk_is_full(error):
        log.error("no space left: %s", error)
        return page(507, *DISK_FULL)
    if database_is_away(error):
        log.error("the database is away: %s", error)
        return page(503, *DATABASE_AWAY)
    if isinstance(error, RequestDataTooBig):
        return page(413, *TOO_LARGE)
    if isinstance(error, TooManyFieldsSent | TooManyFilesSent):
        return page(413, *TOO_MANY)
    return None


def _sentence(exception) -> str:
    """The sentence a view gave along; the framework's own words are English, a resolver's even a structure."""
    given = exception.args[0] if exception is not None and exception.args else ""
    return given if isinstance(given, str) and CHINESE.search(given) else ""


def bad_request(request, exception=None):
    return explained(exception) or page(400)


def forbidden(request, exception=None):
    return page(403, reason=_sentence(exception))


def not_found(request, exception=None):
    return page(404, reason=_sentence(exception))


def too_many(request, exception=None):
    return page(429)


def broken(request):
    """Server error; also reached when the database is away before any view runs (session, login)."""
    return explained(sys.exc_info()[1]) or page(500)


def csrf_failed(request, reason=""):
    """The form was open too long, or it was sent from elsewhere."""
    log.info("csrf: %s", reason)
    return page(403, reason="表单已过期：请返回上一页，刷新后重新提交。")
