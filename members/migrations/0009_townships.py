"""The towns and streets of Pingtang as a list, each with its federation; what unions say is written as the list has it.

Source: codes of statistical divisions, National Bureau of Statistics, edition of 2023. Backwards the list goes and
unions keep what they say: the ways they wrote it were one name each.
"""

import re

import django.db.models.deletion
from django.db import migrations, models

from pingtang_union.core.grants import granting

SOURCE = "国家统计局《统计用区划代码》（2023年版）"
TOWNSHIPS = {
    "522727001": "金盆街道", "522727100": "平舟镇", "522727101": "牙舟镇", "522727102": "通州镇", "522727103": "大塘镇",
    "522727104": "克度镇", "522727105": "塘边镇", "522727106": "甲茶镇", "522727107": "者密镇", "522727108": "掌布镇",
    "522727200": "卡蒲毛南族乡",
}
OTHER_NAMES = {"卡蒲毛南族乡": "卡蒲"}


def add_townships(apps, schema_editor):
    union, township = apps.get_model("members", "Union"), apps.get_model("members", "Township")
    county = union.objects.filter(path="0001", name="平塘县总工会").first()
    if county is None:  # another county's portal
        return
    below = union.objects.filter(path__startswith=county.path)
    for code, name in TOWNSHIPS.items():
        others = OTHER_NAMES.get(name, "")
        bare = re.sub("(街道|镇|乡)$", "", name)
        ways = [f"{prefix}{way}" for prefix in ("", "平塘县") for way in (name, bare, *others.split())]
        below.filter(township__in=ways).exclude(township=name).update(township=name)
        called = models.Q(name__startswith=name) | models.Q(name__startswith=f"平塘县{name}")
        federation = below.filter(called, level="township").exclude(status="dissolved").order_by("path").first()
        township.objects.create(
            county=county, code=code, name=name, other_names=others, federation=federation, source=SOURCE
        )


forward, backward = granting({
    "县总工会组织": ["members.view_township", "members.add_township", "members.change_township"],
    "县总工会经济技术与宣教": ["members.view_township"],
    "县总工会帮扶": ["members.view_township"],
})


class Migration(migrations.Migration):
    dependencies = [("members", "0008_withdrawn_numbers"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [
        migrations.CreateModel(
            name='Township',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='国家统计局统计用区划代码，9 位', max_length=9, unique=True, verbose_name='区划代码')),
                ('name', models.CharField(max_length=30, unique=True, verbose_name='名称')),
                ('other_names', models.CharField(blank=True, help_text='用空格隔开；带不带县名、镇、乡、街道都认得，不用写', max_length=100, verbose_name='其他写法')),
                ('source', models.CharField(max_length=100, verbose_name='依据')),
                ('county', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.union', verbose_name='县总工会')),
                ('federation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.union', verbose_name='工会联合会')),
            ],
            options={
                'verbose_name': '乡镇（街道）',
                'verbose_name_plural': '乡镇（街道）',
                'ordering': ['code'],
            },
        ),
        migrations.RunPython(add_townships, migrations.RunPython.noop),
        migrations.RunPython(forward, backward),
    ]
