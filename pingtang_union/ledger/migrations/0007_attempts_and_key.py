"""Tries of a batch's step are counted and dated; a text sealed with this database's key is kept (management.data_key makes it)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0006_rights_of_written")]

    operations = [
        migrations.CreateModel(
            name="KeyCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sealed", models.BinaryField(verbose_name="校验内容（加密）")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="生成时间")),
            ],
            options={"verbose_name": "密钥校验", "verbose_name_plural": "密钥校验", "ordering": ["pk"]},
        ),
        migrations.AlterModelOptions(
            name="importbatch",
            options={
                "ordering": ["-at", "-pk"],
                "permissions": [
                    ("undo_importbatch", "撤销台账导入"),
                    ("export_importbatch", "导出台账"),
                    ("view_queue", "查看后台处理"),
                ],
                "verbose_name": "台账导入批次",
                "verbose_name_plural": "台账导入批次",
            },
        ),
        migrations.AddField(
            model_name="importbatch",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="这一步试过几次"),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="moved_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="到这个状态的时间"),
        ),
    ]
