"""The programmes and groups that the county's ledger of 2016 to 2018 names, and the programmes that the national rules
add (帮扶资金使用管理, see docs/decisions.md). The office may change, add and end them."""

from django.db import migrations

# (name, other names, first month of an edition, festive). 元旦春节送温暖 is one edition from winter to spring.
PROGRAMMES = (
    ("元旦春节送温暖", "送温暖 两节送温暖 春节送温暖 元旦春节慰问 春节慰问", 7, True),
    ("三八慰问", "三八妇女节慰问 三·八慰问 妇女节慰问", 1, True),
    ("五一慰问", "五一劳动节慰问 五·一慰问 劳动节慰问", 1, True),
    ("六一慰问", "六一儿童节慰问 六·一慰问 儿童节慰问", 1, True),
    ("节日慰问", "其他节日慰问 中秋慰问 端午慰问 国庆慰问", 1, True),
    ("金秋助学", "助学 金秋助学金", 1, False),
    ("大病救助", "医疗救助 重大疾病救助", 1, False),
    ("生活救助", "生活困难救助 临时救助", 1, False),
    ("医疗互助", "职工医疗互助", 1, False),
    ("法律援助", "职工法律援助", 1, False),
)
GROUPS = (
    ("一线职工", "一线工人 一线劳动者", False),
    ("困难职工", "特困职工 建档困难职工", False),
    ("患病职工", "大病职工", False),
    ("困难女职工", "", False),
    ("环卫工人", "环卫职工 环卫", False),
    ("困难职工子女", "困难职工家庭子女", True),
    ("留守儿童", "", True),
    ("留守老人", "", False),
    ("困难农民工", "农民工", False),
)


def forward(apps, schema_editor):
    for order, (name, other_names, begins_in, is_festive) in enumerate(PROGRAMMES, 1):
        apps.get_model("relief", "Programme").objects.get_or_create(
            name=name,
            defaults={
                "other_names": other_names, "begins_in": begins_in, "is_festive": is_festive, "order": order * 10,
            },
        )  # fmt: skip
    for order, (name, other_names, is_for_children) in enumerate(GROUPS, 1):
        apps.get_model("relief", "Group").objects.get_or_create(
            name=name,
            defaults={"other_names": other_names, "is_for_children": is_for_children, "order": order * 10},
        )


class Migration(migrations.Migration):
    dependencies = [("relief", "0001_relief")]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
