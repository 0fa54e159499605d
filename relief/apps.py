"""App configuration."""

from django.apps import AppConfig


class ReliefConfig(AppConfig):
    name = "relief"
    verbose_name = "帮扶"

    def ready(self):
        from relief import signals  # noqa: F401  register the audited models
