from django.db import migrations

from office.append_only import protect, unprotect

TABLES = ("assessment_result", "assessment_villageresult")


def forwards(apps, schema_editor):
    for table in TABLES:
        protect(schema_editor.connection, table)


def backwards(apps, schema_editor):
    for table in TABLES:
        unprotect(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
