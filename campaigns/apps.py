"""App configuration."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "活动"

    def ready(self):
        from campaigns import ledgers, signals  # noqa: F401  register the ledgers and the audited models
