from django.db import migrations

from office.append_only import protect, unprotect

TABLE = "assessment_bulletin"


def forwards(apps, schema_editor):
    protect(schema_editor.connection, TABLE)


def backwards(apps, schema_editor):
    unprotect(schema_editor.connection, TABLE)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0002_results_are_append_only")]
    operations = [migrations.RunPython(forwards, backwards)]
