"""What the ORM has no verb for: INSERT … SELECT compiled from a queryset, and reading as of one moment."""
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection, connections, transaction


class InsertSelect:
    """An INSERT … SELECT compiled once, to be executed as often as wanted with some of its values exchanged.

    `columns` maps field name of `model` -> name in the queryset. The queryset stays an ordinary ORM expression; only the
    verb in front is ours. Compiling a long expression takes as long as writing hundreds of rows, so what is done place
    by place is compiled for one place and executed for the others.
    """

    def __init__(self, model, columns: Mapping[str, str], queryset) -> None:
        self._connection = connections[queryset.db]
        quote = self._connection.ops.quote_name
        compiler = queryset.values_list(*columns.values()).query.get_compiler(connection=self._connection)
        select, self._values = compiler.as_sql()
        target = ", ".join(quote(model._meta.get_field(name).column) for name in columns)
        self._statement = f"INSERT INTO {quote(model._meta.db_table)} ({target}) {select}"

    def execute(self, exchange: Mapping[str, str] | None = None) -> int:
        """Insert; texts among the values that are keys of `exchange` are replaced. Returns the number of rows."""
        values = [exchange.get(value, value) if exchange and isinstance(value, str) else value for value in self._values]
        with self._connection.cursor() as cursor:
            cursor.execute(self._statement, values)
            return cursor.rowcount


def insert_select(model, columns: Mapping[str, str], queryset) -> int:
    """Insert into `model` what the queryset selects, once. Returns the number of rows."""
    return InsertSelect(model, columns, queryset).execute()


def without_waiting_for_the_disk() -> None:
    """Let the running transaction's commit return before it is on the disk: for steps that are done again if they are lost.

    A later commit that does wait takes all earlier ones along, so what is reported as finished is on the disk.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read inside shows one moment, and leaves writers alone; nothing may be written inside.

    Inside a transaction of the caller it is that transaction's view, whatever it is.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL cursor_tuple_fraction = 1")     # what is streamed is read to its end
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")    # the ORM would take the lock of the writers
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
