"""Key rotation: writes every encrypted value anew under the first key, table by table, history included.

Set the new key in front of the old one in POVERTYAPP_FIELD_KEYS, restart, run `rotate_keys`, and take the old key out
when it reports that nothing is left. Each batch is one transaction, so it may be stopped and begun again at any time.
"""
from collections.abc import Callable, Iterator

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, transaction

from office.accounts import SECOND_FACTOR
from office.fields import EncryptedField, ring

BATCH = 1000


def encrypted_columns() -> Iterator[tuple[type, list[EncryptedField]]]:
    """Models (history tables among them) that hold encrypted columns."""
    for model in apps.get_models(include_auto_created=True):
        fields = [field for field in model._meta.concrete_fields if isinstance(field, EncryptedField)]
        if fields:
            yield model, fields


def rotate(progress: Callable[[int, int, str], None] | None = None) -> dict[str, int]:
    """Re-encrypt what is not under the current key. Returns {"examined": rows, "rotated": rows}."""
    tables = list(encrypted_columns())
    examined = rotated = 0
    for position, (model, fields) in enumerate(tables, start=1):
        last = None
        while True:
            rows = _raw_rows(model, fields, last)
            if not rows:
                break
            examined += len(rows)
            rotated += _rewrite(model, fields, rows)
            last = rows[-1][0]
        if progress:
            progress(position, len(tables), str(model._meta.verbose_name))
    factors, fresh = _rotate_second_factors()
    return {"examined": examined + factors, "rotated": rotated + fresh}


def _rotate_second_factors() -> tuple[int, int]:
    """Secrets of second factors, which lie in the login library's table."""
    examined = rotated = 0
    with transaction.atomic():
        for factor in Authenticator.objects.select_for_update():
            old = {key: factor.data[key] for key in ("secret", "seed")
                   if factor.data.get(key) and ring.needs_rotation(factor.data[key])}
            factor.data |= {key: ring.encrypt(ring.decrypt(token, SECOND_FACTOR), SECOND_FACTOR)
                            for key, token in old.items()}
            if old:
                factor.save(update_fields=["data"])
            examined, rotated = examined + 1, rotated + bool(old)
    return examined, rotated


def _raw_rows(model, fields, last) -> list[tuple]:
    """Primary key and raw ciphertexts of the next rows; the ORM would decrypt them."""
    quote, key = connection.ops.quote_name, model._meta.pk.column
    columns = ", ".join(quote(name) for name in (key, *(field.column for field in fields)))
    after = f" WHERE {quote(key)} > %s" if last is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {quote(model._meta.db_table)}{after} ORDER BY {quote(key)} LIMIT {BATCH}",
                       [] if last is None else [last])
        return cursor.fetchall()


def _rewrite(model, fields, rows) -> int:
    changed = 0
    quote = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        for key, *tokens in rows:
            fresh = {field.column: (token, ring.encrypt(ring.decrypt(token, field.context), field.context))
                     for field, token in zip(fields, tokens, strict=True) if token and ring.needs_rotation(token)}
            for column, (old, new) in fresh.items():
                # Only where it is still what was read: an edit in between stays.
                cursor.execute(
                    f"UPDATE {quote(model._meta.db_table)} SET {quote(column)} = %s "
                    f"WHERE {quote(model._meta.pk.column)} = %s AND {quote(column)} = %s", [new, key, old])
            changed += bool(fresh)
    return changed
