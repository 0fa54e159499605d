"""The kinds of service points that the county keeps; the office may change, add and end them."""

from django.db import migrations

_KINDS = ("爱心小药箱", "爱心母婴室", "户外劳动者驿站", "服务职工工作站")


def add(apps, schema_editor):
    kind = apps.get_model("relief", "PlaceKind")
    for order, name in enumerate(_KINDS, 1):
        kind.objects.get_or_create(name=name, defaults={"order": order * 10})


class Migration(migrations.Migration):
    dependencies = [("relief", "0008_care")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
