"""App configuration."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "组织与会员"

    def ready(self):
        from members import ledgers, signals  # noqa: F401  register the ledgers, the sign-in receiver, the audited models
