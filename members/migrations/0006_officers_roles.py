"""What officers may do: keep their own union's records, bring and take back ledgers, ask for and answer transfers."""

from django.db import migrations

from pingtang_union.core.grants import granting

_RECORDS = ("cadre", "member", "training", "attendance")
_WRITE = [f"members.{action}_{model}" for action in ("add", "change") for model in _RECORDS]
_DEEDS = ["members.add_membershipevent", "members.delete_attendance"]
_TRANSFERS = ["members.view_transferrequest", "members.add_transferrequest", "members.answer_transferrequest:transferrequest"]
_LEDGERS = ["core.add_importbatch", "core.undo_importbatch:importbatch", "core.export_importbatch:importbatch",
            "core.view_ledgercall", "core.view_ledgerreturn", "core.view_headerchoice"]
_BATCHES = ["core.view_importbatch", "core.view_importrow"]  # the county has these since core's first migration
_EXPORT = ["core.export_importbatch:importbatch"]
_READ = ["members.view_transferrequest", "core.view_ledgercall", "core.view_ledgerreturn"]

forward, backward = granting({
    "县总工会组织": [*_TRANSFERS, *_LEDGERS, "core.add_ledgercall", "core.change_ledgercall", "core.change_headerchoice",
                "core.delete_headerchoice"],
    "县总工会经济技术与宣教": [*_READ, *_EXPORT],
    "县总工会帮扶": [*_READ, *_EXPORT],
    # The township keeps its own records and those of unions that have nobody who could; it reads numbers masked.
    "乡镇工会": [*_WRITE, *_DEEDS, *_TRANSFERS, *_LEDGERS, *_BATCHES, "members.change_union"],
    "基层工会": [*_WRITE, *_DEEDS, *_TRANSFERS, *_LEDGERS, *_BATCHES, "members.change_union", "members.reveal_member:member",
             "members.reveal_cadre:cadre"],
})


def forget_unwritten(apps, schema_editor):
    """The release before knows written batches only, and would take previews for such."""
    apps.get_model("core", "ImportBatch").objects.exclude(state="written").delete()


class Migration(migrations.Migration):
    dependencies = [("members", "0005_transfers_and_events_of_batches"), ("core", "0002_bringing_ledgers")]

    operations = [
        migrations.RunPython(forward, backward),
        migrations.RunPython(migrations.RunPython.noop, forget_unwritten),
    ]
