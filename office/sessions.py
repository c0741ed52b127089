"""A person's open sessions: idle time, age of the password, and ending them."""
import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

LAST_SEEN = "last_seen"
OPENED = "opened"
NOTE_EVERY = 30  # seconds; a session is not written at every click


@dataclass(frozen=True)
class OpenSession:
    """One login that is still open. `mark` names it without giving its key away."""

    mark: str
    key: str
    opened_at: datetime | None
    last_seen: datetime | None
    address: str
    agent: str


def unattended(view):
    """Mark a view that pages ask by themselves (polling): such a request is no sign that a person is there."""
    view.unattended = True
    return view


def begin(request) -> None:
    """Note when and from where the session was opened."""
    now = int(time.time())
    request.session[LAST_SEEN] = now
    request.session[OPENED] = {"at": now, "address": request.META.get("REMOTE_ADDR", ""),
                               "agent": request.META.get("HTTP_USER_AGENT", "")[:200]}


def is_idle(request) -> bool:
    """Whether nobody has used the session for longer than allowed."""
    seen = request.session.get(LAST_SEEN)
    return seen is not None and time.time() - seen > settings.SESSION_IDLE_MINUTES * 60


def note_activity(request) -> None:
    now = int(time.time())
    if now - request.session.get(LAST_SEEN, 0) >= NOTE_EVERY:
        request.session[LAST_SEEN] = now


def password_is_due(officer) -> bool:
    """Whether the password has to be changed before anything else."""
    if officer.must_change_password:
        return True
    age = settings.PASSWORD_MAX_AGE_DAYS
    return bool(age) and officer.password_changed_at < timezone.now() - timedelta(days=age)


def open_sessions(officer) -> list[OpenSession]:
    """The sessions in which this person is logged in, the latest first."""
    found = []
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        content = session.get_decoded()
        if content.get(SESSION_KEY) == str(officer.pk):
            found.append(_described(session.session_key, content))
    return sorted(found, key=lambda one: one.opened_at.timestamp() if one.opened_at else 0, reverse=True)


def end_sessions(officer, *, keep: str | None = None, mark: str | None = None) -> int:
    """Log the person out everywhere (`keep`: but for this session key; `mark`: only this one). Returns how many."""
    keys = [one.key for one in open_sessions(officer) if one.key != keep and mark in (None, one.mark)]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


def _described(key: str, content: dict) -> OpenSession:
    opened = content.get(OPENED, {})
    return OpenSession(
        mark=hashlib.sha256(key.encode()).hexdigest()[:16], key=key, opened_at=_moment(opened.get("at")),
        last_seen=_moment(content.get(LAST_SEEN)), address=opened.get("address", ""), agent=opened.get("agent", ""))


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, tz=timezone.get_current_timezone()) if seconds else None
