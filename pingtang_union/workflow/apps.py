"""Applications as an app."""

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "pingtang_union.workflow"
    verbose_name = "申报与公示"

    def ready(self):
        from pingtang_union.core.audit import audited
        from pingtang_union.workflow.attention import Assignment, Label, Labelling
        from pingtang_union.workflow.public_files import PublicFile
        from pingtang_union.workflow.publishing import OfficePhone
        from pingtang_union.workflow.rules import ClockRule

        for model in (Label, Labelling, Assignment, OfficePhone, ClockRule):
            audited(model)
        audited(PublicFile, exclude_fields=["content", "token"])
