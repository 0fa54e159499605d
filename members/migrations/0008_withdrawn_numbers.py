"""What a batch held is withdrawn with the batch. Backwards such rows go: nobody waits for them."""

from django.db import migrations, models


def drop_withdrawn(apps, schema_editor):
    held = apps.get_model("members", "HeldNumber")._base_manager.filter(state="withdrawn")
    held._raw_delete(held.db)


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0009_held_rows'),
        ('members', '0007_numbers_asked'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='heldnumber',
            name='heldnumber_settled_by_someone',
        ),
        migrations.AlterField(
            model_name='heldnumber',
            name='state',
            field=models.CharField(choices=[('open', '待县核实'), ('confirmed', '核实无误'), ('refused', '不予登记'), ('withdrawn', '已撤回')], default='open', max_length=10, verbose_name='状态'),
        ),
        migrations.AddConstraint(
            model_name='heldnumber',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settled_by__isnull', True), ('state__in', ['open', 'withdrawn'])), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False), ('state__in', ['confirmed', 'refused'])), _connector='OR'), name='heldnumber_settled_by_someone', violation_error_message='核实要记下核实人和时间。'),
        ),
        migrations.RunPython(migrations.RunPython.noop, drop_withdrawn),
    ]
