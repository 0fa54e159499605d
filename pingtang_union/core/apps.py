"""App configuration: loads the system checks."""

from django.apps import AppConfig, apps


class CoreConfig(AppConfig):
    name = "pingtang_union.core"
    label = "core"
    verbose_name = "台账与审计"

    def ready(self):
        from pingtang_union.core import checks  # noqa: F401  registers the checks

        apps.get_app_config("axes").verbose_name = "登录安全"  # it offers no name to translate
