"""Installations made before emptying a table was refused get that trigger too; for new ones nothing changes."""
from django.db import migrations

from office.append_only import protect

TABLES = ("assessment_result", "assessment_villageresult", "assessment_bulletin")


def forwards(apps, schema_editor):
    for table in TABLES:
        protect(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0003_issued_bulletins_are_frozen")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
