"""What a batch's rows do and whose they are is kept with it: who may act on it is asked of that."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_publicity_rule")]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="concerns",
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name="涉及的台账和工会"),
        ),
    ]
