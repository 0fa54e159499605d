"""When each job of the night was last begun."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0010_task_paths")]

    operations = [
        migrations.CreateModel(
            name="JobRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="工作")),
                ("at", models.DateTimeField(verbose_name="上次开始")),
            ],
            options={
                "verbose_name": "夜间工作",
                "verbose_name_plural": "夜间工作",
                "ordering": ["pk"],
                "default_permissions": (),
            },
        ),
    ]
