"""Serial numbers as an app."""

from django.apps import AppConfig


class ProofConfig(AppConfig):
    name = "pingtang_union.proof"
    verbose_name = "编号"

    def ready(self):
        from pingtang_union.core.audit import audited
        from pingtang_union.proof.models import NumberRule

        audited(NumberRule)
