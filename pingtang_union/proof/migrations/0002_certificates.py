"""How certificates are numbered until the office lays down its own rule: year and four digits. Nothing published says
more; the office adds a row with its document."""

from datetime import date

from django.db import migrations

RULE = {
    "series": "certificate",
    "in_force_from": date(2014, 1, 1),
    "pattern": "{年度}{流水}",
    "digits": 4,
    "document": "系统默认：年度加四位流水号，待县总工会确定",
}


def add_rule(apps, schema_editor):
    apps.get_model("proof", "NumberRule").objects.get_or_create(**RULE)


def remove_rule(apps, schema_editor):
    """Take away the seeded row unless somebody has edited it."""
    apps.get_model("proof", "NumberRule").objects.filter(**RULE).delete()


class Migration(migrations.Migration):
    dependencies = [("proof", "0001_numbers")]

    operations = [migrations.RunPython(add_rule, remove_rule)]
