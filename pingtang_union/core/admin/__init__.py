"""Admin bases and the admin of the shared layer.

Every list, object page, dropdown and autocomplete starts from `visible_to(user)`. Apps take their
bases from here; Django's autodiscovery imports this package for the pages of batches and audit.
The way in is the portal's own sign-in page (pingtang_union/urls.py).
"""

from django.contrib.admin import site
from django_tasks_db.models import DBTaskResult

from pingtang_union.core.admin import audit, batches, calls, rules  # noqa: F401  registers their pages
from pingtang_union.core.admin.applications import ApplicationAdmin, QueueFilter
from pingtang_union.core.admin.bases import ReadOnlyAdmin, ScopedAdmin, ScopedStackedInline, ScopedTabularInline
from pingtang_union.core.admin.export import LedgerListMixin
from pingtang_union.core.admin.filters import ChoicesFilter, ScopedAutocompleteFilter, ValuesFilter
from pingtang_union.core.admin.forms import PlainForm, RecordForm
from pingtang_union.core.admin.reveal import RevealMixin

__all__ = [
    "ApplicationAdmin",
    "ChoicesFilter",
    "LedgerListMixin",
    "PlainForm",
    "QueueFilter",
    "ReadOnlyAdmin",
    "RecordForm",
    "RevealMixin",
    "ScopedAdmin",
    "ScopedAutocompleteFilter",
    "ScopedStackedInline",
    "ScopedTabularInline",
    "ValuesFilter",
]

site.index_title = "业务管理"
if site.is_registered(DBTaskResult):  # a queue for machines: what a clerk needs to know stands on the batch
    site.unregister(DBTaskResult)
