"""The database itself refuses to change or delete what was entered in a fund's books."""

from django.db import migrations

from pingtang_union.proof import append_only


def guard_entries(apps, schema_editor):
    append_only.guard(schema_editor.connection, "relief_entry")


def unguard_entries(apps, schema_editor):
    append_only.unguard(schema_editor.connection, "relief_entry")


class Migration(migrations.Migration):
    dependencies = [("relief", "0003_causes")]
    operations = [migrations.RunPython(guard_entries, unguard_entries)]
