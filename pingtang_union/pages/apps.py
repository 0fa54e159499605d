"""The pages as an app."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pingtang_union.pages"
    verbose_name = "网站"

    def ready(self):
        from pingtang_union.core.audit import audited
        from pingtang_union.pages.models import SiteText

        audited(SiteText)
