"""Tables that only grow: a trigger in the database refuses UPDATE and DELETE, on SQLite and on PostgreSQL."""


def protect(connection, table: str, *, refuse=("UPDATE", "DELETE")) -> None:
    """Install the triggers; harmless when they are there already."""
    unprotect(connection, table)
    with connection.cursor() as cursor:
        for verb in refuse:
            name = f"{table}_no_{verb.lower()}"
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$$ BEGIN RAISE EXCEPTION '{table} is append-only: {verb} refused'; END $$")
                cursor.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                               f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()")
            else:
                cursor.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                               f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {verb} refused'); END")


def unprotect(connection, table: str) -> None:
    """Remove the triggers (only a migration, or a test that empties its own database, has reason to)."""
    with connection.cursor() as cursor:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


PROTECTED = {
    "office_auditevent": ("UPDATE", "DELETE"),
    "assessment_result": ("UPDATE", "DELETE"),
    "assessment_villageresult": ("UPDATE", "DELETE"),
}
