"""The Excel layer as an app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "pingtang_union.ledger"
    label = "core"  # its tables and permissions were made under this label
    verbose_name = "台账与审计"
