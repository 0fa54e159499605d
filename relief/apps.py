"""App configuration."""

from django.apps import AppConfig


class ReliefConfig(AppConfig):
    name = "relief"
    verbose_name = "帮扶"
