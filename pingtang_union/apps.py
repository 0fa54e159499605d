"""The portal as an app: commands, the shared admin and its checks, the watch over the key around migrate."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate


class PortalConfig(AppConfig):
    name = "pingtang_union"

    def ready(self):
        from pingtang_union.admin import checks  # noqa: F401  registers the checks
        from pingtang_union.core import grants
        from pingtang_union.management import data_key
        from pingtang_union.proof import append_only

        post_migrate.connect(grants.give_declared)
        post_migrate.connect(append_only.guard_all)
        pre_migrate.connect(data_key.before_migrate, sender=self)
        post_migrate.connect(data_key.after_migrate, sender=self)
        apps.get_app_config("axes").verbose_name = "登录安全"  # it offers no name to translate
