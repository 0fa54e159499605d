"""Who may remind unions of a ledger asked for, and read whom others reminded."""

from django.db import migrations

from pingtang_union.core.grants import granting

forward, backward = granting({
    "县总工会组织": ["core.add_callreminder", "core.view_callreminder"],
    "县总工会经济技术与宣教": ["core.view_callreminder"],
    "县总工会帮扶": ["core.view_callreminder"],
    "乡镇工会": ["core.add_callreminder", "core.view_callreminder"],
    "基层工会": ["core.view_callreminder"],
})


class Migration(migrations.Migration):
    dependencies = [("members", "0009_townships"), ("core", "0013_call_reminders")]

    operations = [migrations.RunPython(forward, backward)]
