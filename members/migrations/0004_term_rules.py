"""The law's lengths of a term of a grassroots committee: three or five years."""

from datetime import date

from django.db import migrations

RULES = [
    (date(2001, 10, 27), 3, 5, "《中华人民共和国工会法》（2001年修正）第十五条"),
    (date(2022, 1, 1), 3, 5, "《中华人民共和国工会法》（2021年修正）第十六条"),
]


def add_rules(apps, schema_editor):
    rule = apps.get_model("members", "TermRule")
    for in_force_from, shortest, longest, document in RULES:
        rule.objects.get_or_create(
            in_force_from=in_force_from,
            defaults={"shortest_years": shortest, "longest_years": longest, "document": document},
        )


def remove_rules(apps, schema_editor):
    """Take away the seeded rows that nobody has edited."""
    rule = apps.get_model("members", "TermRule")
    for in_force_from, shortest, longest, document in RULES:
        rule.objects.filter(
            in_force_from=in_force_from, shortest_years=shortest, longest_years=longest, document=document
        ).delete()


class Migration(migrations.Migration):
    dependencies = [("members", "0003_roles")]

    operations = [migrations.RunPython(add_rules, remove_rules)]
