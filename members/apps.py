"""App configuration."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "组织与会员"

    def ready(self):
        from members import signals  # noqa: F401  registers the sign-in receiver and the audited models
