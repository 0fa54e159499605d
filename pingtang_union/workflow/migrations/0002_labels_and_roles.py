"""The first labels, and which roles of the county put them on and give work out."""

from django.db import migrations

from pingtang_union.core.grants import granting

LABELS = (("急件", "is-bad", 10), ("待补正", "is-warn", 20), ("待签批", "is-info", 30), ("待核实", "is-plain", 40))
_MARK = ["workflow.view_label", "workflow.change_labelling", "workflow.change_assignment"]
_KEEP = ["workflow.add_label", "workflow.change_label"]

grant, take_back = granting({
    "县总工会组织": [*_MARK, *_KEEP],
    "县总工会经济技术与宣教": [*_MARK, *_KEEP],
    "县总工会帮扶": [*_MARK, *_KEEP],
    "财务": _MARK,
})


def add_labels(apps, schema_editor):
    for name, tone, order in LABELS:
        apps.get_model("workflow", "Label").objects.get_or_create(name=name, defaults={"tone": tone, "order": order})


def remove_labels(apps, schema_editor):
    """Those that nobody has put on anything or edited; the others go with their table."""
    used = apps.get_model("workflow", "Labelling").objects.values("label")
    for name, tone, order in LABELS:
        found = apps.get_model("workflow", "Label").objects.filter(name=name, tone=tone, order=order)
        found.exclude(pk__in=used).delete()


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_attention")]

    operations = [migrations.RunPython(add_labels, remove_labels), migrations.RunPython(grant, take_back)]
