"""Which numbers were put to the records, which wait for the county, and who may settle them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import pingtang_union.core.fields
from pingtang_union.core.grants import granting


forward, backward = granting({
    "县总工会组织": ["members.view_heldnumber", "members.reveal_heldnumber:heldnumber", "members.settle_heldnumber:heldnumber",
                "members.view_numberalarm"],
    "乡镇工会": ["members.view_heldnumber"],
    "基层工会": ["members.view_heldnumber"],
    "审计员": ["members.view_numberalarm"],
})


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0009_held_rows'),
        ('members', '0006_officers_roles'),
    ]

    operations = [
        migrations.CreateModel(
            name='NumberAlarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='时间')),
                ('numbers', models.PositiveIntegerField(verbose_name='暂缓比对的号码数')),
                ('place', models.CharField(max_length=300, verbose_name='从哪里')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='账号')),
                ('batch', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.importbatch', verbose_name='导入批次')),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.union', verbose_name='单位')),
            ],
            options={
                'verbose_name': '号码试探告警',
                'verbose_name_plural': '号码试探告警',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='HeldNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=50, verbose_name='姓名')),
                ('name_key', models.CharField(editable=False, max_length=50, verbose_name='查找用姓名')),
                ('id_type', models.CharField(choices=[('resident', '居民身份证'), ('permit', '港澳台居民居住证'), ('hk_mo_pass', '港澳居民来往内地通行证'), ('tw_pass', '台湾居民来往大陆通行证'), ('passport', '护照'), ('foreigner', '外国人永久居留身份证'), ('officer', '军官证'), ('other', '其他证件')], default='resident', max_length=12, verbose_name='证件类型')),
                ('id_number', pingtang_union.core.fields.SealedField(editable=True, index='id_index', null=False, verbose_name='证件号码')),
                ('id_index', models.CharField(editable=False, max_length=32, verbose_name='证件号索引')),
                ('why', models.CharField(choices=[('many', '同名同生日或同一天出生的号码过多'), ('elsewhere', '号码在别的工会有登记，姓名不一致'), ('in_post', '号码在别的工会有在任的干部记录')], max_length=10, verbose_name='为什么暂缓')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='时间')),
                ('place', models.CharField(max_length=300, verbose_name='从哪里')),
                ('state', models.CharField(choices=[('open', '待县核实'), ('confirmed', '核实无误'), ('refused', '不予登记')], default='open', max_length=10, verbose_name='状态')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='核实说明')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='核实时间')),
                ('batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.importbatch', verbose_name='导入批次')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('settled_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核实人')),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.union', verbose_name='申请登记的工会')),
            ],
            options={
                'verbose_name': '待核实号码',
                'verbose_name_plural': '待核实号码',
                'ordering': ['-at', '-pk'],
                'permissions': [('reveal_heldnumber', '查看待核实的完整证件号'), ('settle_heldnumber', '核实号码')],
                'indexes': [models.Index(fields=['id_index'], name='heldnumber_id_index')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('union', 'id_index', 'name_key'), name='heldnumber_one_open', violation_error_message='这个人已经在等县总工会核实。'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settled_by__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('settled_at__isnull', False), ('settled_by__isnull', False)), _connector='OR'), name='heldnumber_settled_by_someone', violation_error_message='核实要记下核实人和时间。'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='heldnumber_refusal_has_reason', violation_error_message='不予登记要写明原因。'), models.CheckConstraint(condition=models.Q(('settled_by__isnull', True), models.Q(('settled_by', models.F('by')), _negated=True), _connector='OR'), name='heldnumber_not_by_oneself', violation_error_message='自己报的号码不能由自己核实。')],
            },
        ),
        migrations.CreateModel(
            name='NumberAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='最近一次')),
                ('number', models.CharField(max_length=32, verbose_name='号码索引')),
                ('day', models.CharField(max_length=32, verbose_name='出生日期摘要')),
                ('person', models.CharField(max_length=32, verbose_name='姓名和出生日期摘要')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='账号')),
                ('union', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.union', verbose_name='单位')),
            ],
            options={
                'verbose_name': '号码查对',
                'verbose_name_plural': '号码查对',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['union', 'at'], name='numberattempt_union_at'), models.Index(fields=['at'], name='numberattempt_at')],
                'constraints': [models.UniqueConstraint(fields=('account', 'union', 'number', 'person'), name='numberattempt_once')],
            },
        ),
        migrations.RunPython(forward, backward),
    ]
