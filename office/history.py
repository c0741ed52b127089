"""Many register rows at once, each with its history row: the one helper for bulk writes of models that keep history.

Django's own bulk methods write no history, and saving row by row costs a hundred times as much. Rows come as tuples of
*database values* (money in fen, personal numbers already encrypted), so that nothing is converted or encrypted twice.
"""
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, models
from django.utils import timezone

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL = "\x1f"
REASON_LENGTH = 100   # of simple-history's column


def write(model: type[models.Model], columns: Sequence[str], creates: Sequence[tuple] = (),
          updates: Sequence[tuple] = (), *, by=None, reason: str = "", at: datetime | None = None) -> list[int]:
    """Insert and update rows of a model with history; returns the numbers of the created rows, in their order.

    `columns` are attribute names (`village_id`), `creates` rows in that order, `updates` the row's id and then the
    same. Must run inside a transaction. Columns that Django sets by itself (auto_now) are set to `at`.
    """
    at = at or timezone.now()
    fields = [model._meta.get_field(name) for name in columns]
    stamps = [field for field in model._meta.concrete_fields if getattr(field, "auto_now", False)]
    stamp = tuple(connection.ops.adapt_datetimefield_value(at) for _ in stamps)
    names = [field.column for field in (*fields, *stamps)]
    ids: list[int] = []
    if updates:
        _update(model, names, [row + stamp for row in updates])
        _keep_history(model, [row[0] for row in updates], "~", by, reason, at)
    if creates:
        ids = _reserve(model, len(creates))
        insert(model, [model._meta.pk.column, *names],
               [(pk, *row, *stamp) for pk, row in zip(ids, creates, strict=True)])
        _keep_history(model, ids, "+", by, reason, at)
    return ids


def insert(model: type[models.Model], names: Sequence[str], rows: Sequence[tuple]) -> None:
    """Plain rows by database column: COPY on PostgreSQL, one prepared statement on SQLite. No history."""
    _load(model._meta.db_table, names, rows)


def without_waiting() -> None:
    """Let this transaction's commit not wait for PostgreSQL's disk. Only for a series of transactions after which one
    that does wait follows: it makes all of them safe."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")


def analyse(*tables: type[models.Model]) -> None:
    """Tell PostgreSQL's planner about freshly loaded tables; its own schedule may be minutes away. Waits for the disk."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in tables:
                cursor.execute(f"ANALYZE {_quoted(model._meta.db_table)}")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(_quoted, names))


def _load(table: str, names: Sequence[str], rows: Sequence[tuple]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.copy_expert(f"COPY {_quoted(table)} ({_listed(names)}) FROM STDIN WITH (NULL '{_NULL}')",
                               _copy_text(rows))
        else:
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {_quoted(table)} ({_listed(names)}) VALUES ({marks})", rows)


def _copy_text(rows: Iterable[tuple]) -> io.StringIO:
    """Rows in the text format of COPY, with a control character for NULL, which no text of ours begins with.

    Hardly any value needs an escape, so whole lines are looked at first.
    """
    buffer = io.StringIO()
    for row in rows:
        line = "\t".join([value if type(value) is str else _NULL if value is None else str(value) for value in row])
        if "\\" in line or "\n" in line or "\r" in line or line.count("\t") >= len(row):
            line = "\t".join([value.translate(_ESCAPES) if type(value) is str else _NULL if value is None else str(value)
                              for value in row])
        buffer.write(line)
        buffer.write("\n")
    buffer.seek(0)
    return buffer


def _reserve(model: type[models.Model], count: int) -> list[int]:
    """Numbers for new rows, taken before they are inserted, so that rows below can refer to them at once.

    On SQLite the writing transaction is exclusive, so nobody else can take them in between.
    """
    table, pk = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                           [_quoted(table), pk, count])
            return [number for (number,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + count))


def _update(model: type[models.Model], names: Sequence[str], rows: Sequence[tuple]) -> None:
    table, pk = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            changes = ", ".join(f"{_quoted(name)} = %s" for name in names)
            cursor.executemany(f"UPDATE {_quoted(table)} SET {changes} WHERE {_quoted(pk)} = %s",
                               [(*row[1:], row[0]) for row in rows])
            return
        staged = f"staged_{table}"[:63]
        cursor.execute(f"DROP TABLE IF EXISTS {_quoted(staged)}")
        cursor.execute(f"CREATE TEMPORARY TABLE {_quoted(staged)} ON COMMIT DROP AS "
                       f"SELECT {_listed([pk, *names])} FROM {_quoted(table)} WITH NO DATA")
        _load(staged, [pk, *names], rows)
        changes = ", ".join(f"{_quoted(name)} = staged.{_quoted(name)}" for name in names)
        cursor.execute(f"UPDATE {_quoted(table)} SET {changes} FROM {_quoted(staged)} AS staged "
                       f"WHERE {_quoted(table)}.{_quoted(pk)} = staged.{_quoted(pk)}")


def _keep_history(model: type[models.Model], ids: list[int], kind: str, by, reason: str, at: datetime) -> None:
    """One INSERT … SELECT: the history row is what the table now holds."""
    past = model.history.model
    own = {"history_date": connection.ops.adapt_datetimefield_value(at), "history_type": kind,
           "history_change_reason": reason[:REASON_LENGTH] or None, "history_user_id": by.pk if by else None}
    copied = _listed(field.column for field in model._meta.concrete_fields)
    names = _listed(past._meta.get_field(name).column for name in own)
    if connection.vendor == "postgresql":
        chosen, given = "= ANY(%s)", ids
    else:
        chosen, given = "IN (SELECT value FROM json_each(%s))", json.dumps(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_quoted(past._meta.db_table)} ({copied}, {names}) SELECT {copied}, %s, %s, %s, %s "
            f"FROM {_quoted(model._meta.db_table)} WHERE {_quoted(model._meta.pk.column)} {chosen}",
            [*own.values(), given])
