"""Tables that only grow: a trigger in the database refuses UPDATE, DELETE and TRUNCATE, on SQLite and on PostgreSQL.

A table in FROZEN_WHEN is open until a row fulfils the condition; from then on that row is as fixed as the others.
"""

FROZEN_WHEN = {"assessment_bulletin": "OLD.state <> 'draft'"}
# PostgreSQL has a verb of its own for emptying a table, which no trigger on DELETE sees.
_EMPTYING = {"postgresql": ("TRUNCATE",)}


def protect(connection, table: str, *, refuse=("UPDATE", "DELETE")) -> None:
    """Install the triggers; harmless when they are there already."""
    unprotect(connection, table)
    with connection.cursor() as cursor:
        for verb in (*refuse, *_EMPTYING.get(connection.vendor, ())):
            name = f"{table}_no_{verb.lower()}"
            each = "" if verb == "TRUNCATE" else _each_row(table)
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$$ BEGIN RAISE EXCEPTION '{table} is append-only: {verb} refused'; END $$")
                cursor.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                               f"{each or 'FOR EACH STATEMENT'} EXECUTE FUNCTION {name}()")
            else:
                cursor.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {each} "
                               f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {verb} refused'); END")


def _each_row(table: str) -> str:
    condition = FROZEN_WHEN.get(table, "")
    return f"FOR EACH ROW WHEN ({condition})" if condition else ""


def unprotect(connection, table: str) -> None:
    """Remove the triggers (only a migration, or a test that empties its own database, has reason to)."""
    with connection.cursor() as cursor:
        for verb in ("UPDATE", "DELETE", *_EMPTYING.get(connection.vendor, ())):
            name = f"{table}_no_{verb.lower()}"
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


PROTECTED = {
    "office_auditevent": ("UPDATE", "DELETE"),
    "assessment_result": ("UPDATE", "DELETE"),
    "assessment_villageresult": ("UPDATE", "DELETE"),
    "funds_movement": ("UPDATE", "DELETE"),
    "assessment_bulletin": ("UPDATE", "DELETE"),
}
