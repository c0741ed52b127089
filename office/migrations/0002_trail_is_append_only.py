from django.db import migrations

from office.append_only import protect, unprotect


def forwards(apps, schema_editor):
    protect(schema_editor.connection, "office_auditevent")


def backwards(apps, schema_editor):
    unprotect(schema_editor.connection, "office_auditevent")


class Migration(migrations.Migration):
    dependencies = [("office", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
