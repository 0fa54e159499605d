"""Who sees what the background work does: the county's desks, whose ledgers wait, and who looks after the server."""

from django.db import migrations

from pingtang_union.core.grants import granting

_QUEUE = ["core.view_queue:importbatch"]

forward, backward = granting({
    "县总工会组织": _QUEUE,
    "县总工会经济技术与宣教": _QUEUE,
    "县总工会帮扶": _QUEUE,
    "系统管理员": _QUEUE,
    "审计员": _QUEUE,
})


class Migration(migrations.Migration):
    dependencies = [("core", "0007_attempts_and_key")]

    operations = [migrations.RunPython(forward, backward)]
