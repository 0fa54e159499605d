"""The county federation is the root of the tree; its name comes from the setting FEDERATION_NAME."""

from django.conf import settings
from django.db import migrations

from pingtang_union.core.text import fold


def add_root(apps, schema_editor):
    union = apps.get_model("members", "Union")
    if not union.objects.exists():
        name = settings.FEDERATION_NAME
        union.objects.create(path="0001", depth=1, numchild=0, name=name, name_key=fold(name), level="county")


def remove_root(apps, schema_editor):
    """Take the root away only where nothing hangs on it yet."""
    union = apps.get_model("members", "Union")
    if union.objects.count() == 1:
        union.objects.filter(path="0001").delete()


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]

    operations = [migrations.RunPython(add_root, remove_root)]
