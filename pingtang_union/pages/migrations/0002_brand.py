"""The county's brand; other texts are written by its staff. Another county begins with none."""

from django.conf import settings
from django.db import migrations

BRAND = {"kind": "brand", "text": "阳光职工·幸福平塘"}


def add_brand(apps, schema_editor):
    if settings.FEDERATION_NAME == "平塘县总工会":
        apps.get_model("pages", "SiteText").objects.get_or_create(kind=BRAND["kind"], defaults=BRAND)


def remove_brand(apps, schema_editor):
    """Take away the seeded row unless somebody has edited it."""
    apps.get_model("pages", "SiteText").objects.filter(**BRAND).delete()


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_site_texts")]

    operations = [migrations.RunPython(add_brand, remove_brand)]
