"""Who keeps the rules: the desk that keeps those on publicity; the desk that decides reads them."""

from django.db import migrations

from pingtang_union.core.grants import granting

forward, backward = granting({
    "县总工会经济技术与宣教": [f"proof.{verb}_numberrule" for verb in ("view", "add", "change")],
    "县总工会组织": ["proof.view_numberrule"],
})  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("proof", "0002_certificates"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(forward, backward)]
