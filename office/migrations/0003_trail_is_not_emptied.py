"""Installations made before emptying a table was refused get that trigger too; for new ones nothing changes."""
from django.db import migrations

from office.append_only import protect

TABLES = ("office_auditevent",)


def forwards(apps, schema_editor):
    for table in TABLES:
        protect(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("office", "0002_trail_is_append_only")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
