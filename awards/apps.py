"""App configuration."""

from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "awards"
    verbose_name = "荣誉"

    def ready(self):
        from awards import ledgers, signals  # noqa: F401  register the ledger and the audited models
