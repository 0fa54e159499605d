"""The first rule on publicity: five working days, as notices on the selection for the May Day medal ask. An office
whose own document says otherwise adds a row with its date and number."""

from datetime import date

from django.db import migrations

RULE = {
    "in_force_from": date(2014, 1, 1),
    "working_days": 5,
    "document": "参照推荐评选五一劳动奖章的通知（公示不少于 5 个工作日）",
}


def add_rule(apps, schema_editor):
    rule = apps.get_model("core", "PublicityRule")
    if not rule.objects.exists():
        rule.objects.create(**RULE)


def remove_rule(apps, schema_editor):
    """Take away the seeded row unless somebody has edited it."""
    apps.get_model("core", "PublicityRule").objects.filter(**RULE).delete()


class Migration(migrations.Migration):
    dependencies = [("core", "0003_publicity_rules")]

    operations = [migrations.RunPython(add_rule, remove_rule)]
