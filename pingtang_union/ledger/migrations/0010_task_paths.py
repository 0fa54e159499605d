"""Jobs that were queued before the tasks moved to ledger.importing are found there."""

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Replace

_OLD, _NEW = "pingtang_union.core.tasks.", "pingtang_union.ledger.importing.tasks."


def _move(apps, old, new):
    jobs = apps.get_model("django_tasks_database", "DBTaskResult").objects.filter(task_path__startswith=old)
    jobs.update(task_path=Replace(F("task_path"), Value(old), Value(new)))


def forward(apps, schema_editor):
    _move(apps, _OLD, _NEW)


def backward(apps, schema_editor):
    _move(apps, _NEW, _OLD)


class Migration(migrations.Migration):
    dependencies = [("core", "0009_held_rows"), ("django_tasks_database", "0001_initial")]

    operations = [migrations.RunPython(forward, backward)]
