from django.apps import AppConfig


class TinyConfig(AppConfig):
    name = "tests.tiny"
    verbose_name = "走访"

    def ready(self):
        from tests.tiny import ledgers  # noqa: F401  registers the ledger
