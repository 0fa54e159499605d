"""Rows that wait for the county (待县核实)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0008_queue_readers'),
    ]

    operations = [
        migrations.AddField(
            model_name='importbatch',
            name='held',
            field=models.PositiveIntegerField(default=0, verbose_name='待县核实'),
        ),
        migrations.AlterField(
            model_name='importrow',
            name='verdict',
            field=models.CharField(choices=[('new', '新增'), ('changed', '更新'), ('unchanged', '无变化'), ('transfer', '待转会'), ('undecided', '待辨认'), ('held', '待县核实'), ('reject', '退回'), ('restored', '恢复原值'), ('removed', '删除'), ('kept', '保留')], max_length=10, verbose_name='结果'),
        ),
    ]
