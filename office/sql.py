"""Set-based writing where the ORM has no verb: INSERT … SELECT compiled from a queryset."""
from django.db import connections


def insert_select(model, columns: dict[str, str], queryset) -> int:
    """Insert into `model` what the queryset selects; `columns` maps field name -> name in the queryset.

    The queryset stays an ordinary ORM expression; only the verb in front is ours. Returns the number of rows.
    """
    connection = connections[queryset.db]
    quote = connection.ops.quote_name
    select, parameters = queryset.values_list(*columns.values()).query.get_compiler(connection=connection).as_sql()
    target = ", ".join(quote(model._meta.get_field(name).column) for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({target}) {select}", parameters)
        return cursor.rowcount
