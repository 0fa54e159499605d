"""The roles of DESIGN's table with what each may do on the records of this part."""

from django.db import migrations

from pingtang_union.core.grants import granting

_RECORDS = ("union", "unionname", "cadre", "member", "training", "attendance")
_VIEW = [f"members.view_{model}" for model in _RECORDS] + ["members.view_membershipevent", "members.view_termrule"]
_WRITE = [f"members.{action}_{model}" for action in ("add", "change") for model in _RECORDS]
_BATCHES = ["core.view_importbatch", "core.view_importrow"]
_REVEAL = ["members.reveal_cadre", "members.reveal_member"]
_DASHBOARD = ["members.view_dashboard:union"]

forward, backward = granting({
    "县总工会组织": [*_VIEW, *_WRITE, *_BATCHES, *_REVEAL, *_DASHBOARD, "members.add_membershipevent",
                "members.delete_unionname", "members.delete_attendance", "members.add_termrule",
                "members.change_termrule"],
    "县总工会经济技术与宣教": [*_VIEW, *_BATCHES, *_DASHBOARD],
    "县总工会帮扶": [*_VIEW, *_BATCHES, *_REVEAL, *_DASHBOARD],
    "财务": ["members.view_union", *_DASHBOARD],
    "乡镇工会": _VIEW,
    "基层工会": _VIEW,
    "领导": _DASHBOARD,
    "系统管理员": ["members.view_user", "members.add_user", "members.change_user", "members.view_union"],
    "安全管理员": ["members.view_user", "members.change_user", "auth.view_group", "auth.change_group",
              "members.assign_roles:user"],
    "审计员": ["auditlog.view_logentry", "axes.view_accessattempt", "axes.view_accesslog", "axes.view_accessfailurelog",
            *_BATCHES],
})


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_root_federation"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(forward, backward)]
