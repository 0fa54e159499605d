"""What the rows of batches written before do, and whose they are: their rows and returns say it. Previews are told with
their next check."""

from collections import defaultdict

from django.db import migrations

_VERBS = {"new": "add", "changed": "change"}


def tell_of_written(apps, schema_editor):
    batch_model = apps.get_model("core", "ImportBatch")
    concerns = defaultdict(lambda: defaultdict(lambda: {"verbs": set(), "unions": set()}))
    rows = apps.get_model("core", "ImportRow").objects.filter(batch__kind="import", batch__state="written")
    for batch_id, ledger, verdict in rows.order_by().values_list("batch_id", "ledger", "verdict").distinct():
        concerns[batch_id][ledger]["verbs"] |= {_VERBS[verdict]} if verdict in _VERBS else set()
    returns = apps.get_model("core", "LedgerReturn").objects.filter(batch__kind="import", batch__state="written")
    for batch_id, ledger, union_id in returns.values_list("batch_id", "ledger", "union_id"):
        concerns[batch_id][ledger]["unions"].add(union_id)
    for batch_id, by_ledger in concerns.items():
        kept = {title: {name: sorted(values) for name, values in one.items()} for title, one in by_ledger.items()}
        batch_model.objects.filter(pk=batch_id).update(concerns=kept)


class Migration(migrations.Migration):
    dependencies = [("core", "0005_rights_on_batches")]

    operations = [migrations.RunPython(tell_of_written, migrations.RunPython.noop)]
