"""Recognises when what the product stands on has failed, so that page and job can say it in a sentence."""
import errno

from django.db import DatabaseError, InterfaceError, OperationalError


def disk_is_full(error: BaseException | None) -> bool:
    """No space for a file, or none for the database."""
    if isinstance(error, DatabaseError | InterfaceError):
        return "is full" in str(error) or "No space left" in str(error)
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def database_is_away(error: BaseException | None) -> bool:
    """The database does not answer, or has ended the connection."""
    return isinstance(error, OperationalError | InterfaceError) and not disk_is_full(error)
