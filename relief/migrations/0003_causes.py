"""The causes of hardship of the national system (致困原因), as its form lists them; the office may change them."""

from django.db import migrations

_CAUSES = ("无劳动能力", "有劳动能力未就业", "下岗失业", "未参加社会保险", "社会保险待遇未落实",
           "本人或家庭成员重特大疾病", "自然灾害", "意外事故", "子女上学", "其他")  # fmt: skip


def add(apps, schema_editor):
    cause = apps.get_model("relief", "Cause")
    for number, name in enumerate(_CAUSES, 1):
        cause.objects.get_or_create(number=number, defaults={"name": name})


class Migration(migrations.Migration):
    dependencies = [("relief", "0002_programmes")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
