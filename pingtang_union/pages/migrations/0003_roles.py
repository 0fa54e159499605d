"""Who writes the texts: the desk for publicity."""

from django.db import migrations

from pingtang_union.core.grants import granting

forward, backward = granting(
    {"县总工会经济技术与宣教": [f"pages.{verb}_sitetext" for verb in ("view", "add", "change")]}
)


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0002_brand"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(forward, backward)]
