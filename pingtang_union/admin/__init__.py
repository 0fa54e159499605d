"""The shared admin (业务管理): bases for the apps' pages, and the pages over what is shared.

Every list, object page, dropdown and autocomplete starts from `visible_to(user)`. An app's `<app>/admin` takes its
bases from here: `ScopedAdmin` for private rows, `ApplicationAdmin` for applications, `ReadOnlyAdmin`, `RevealMixin`,
`LedgerAdminMixin`, `CatalogueAdminMixin`, scoped inlines and filters. A system check refuses a scoped model on a plain
admin.

    bases.py          `ScopedAdmin`, scoped inlines, `ReadOnlyAdmin`: search, history, links only for users who may open
                      them, refusals that a clerk reads
    applications.py   `ApplicationAdmin`: queues of what waits, buttons from the table of transitions
    moves.py          the transitions' own pages
    attention.py      `AttentionMixin`: new, followed, labelled, given to whom; from one case of a queue to the next
    objections.py     `ObjectionsMixin`: objections noted and settled beside an application
    asking.py         small pages declared: what is asked, what is done, what is said
    import_export.py  `LedgerAdminMixin`, `CatalogueAdminMixin`: lists brought in and taken out, by django-import-export
    resources.py      its resources, made from a ledger's columns or a small table's fields
    columns.py        columns that say a field of the record, an amount
    links.py          links to records
    reveal.py         `RevealMixin`: a guarded number in full, for a reason
    forms.py          `PlainForm`: small forms in the admin's dress
    filters.py        filters that never show a choice outside the user's rows
    inconsistencies.py  `Inconsistency`: what contradicts other records, declared beside a model's list
    checks.py         no model escapes the scope by being forgotten
    batches.py  calls.py  rules.py    pages of import batches, calls for ledgers, rules as dated rows
    logs.py  log_export.py  queue.py  操作记录 and sign-in logs; what the background work does

Django's autodiscovery imports this package, which registers those pages. The way in is the portal's own sign-in page.
"""

from django.contrib.admin import site
from django_tasks_db.models import DBTaskResult

from pingtang_union.admin import batches, calls, logs, rules  # registers their pages
from pingtang_union.admin.applications import ApplicationAdmin, QueueFilter
from pingtang_union.admin.asking import asks, role_may
from pingtang_union.admin.bases import (
    LastingMixin,
    OpenInline,
    ReadOnlyAdmin,
    ScopedAdmin,
    ScopedStackedInline,
    ScopedTabularInline,
)
from pingtang_union.admin.columns import amount, column, triples
from pingtang_union.admin.filters import (
    ChoicesFilter,
    ConditionFilter,
    DayYearFilter,
    OfferedFilter,
    RecordFilter,
    ScopedAutocompleteFilter,
    ValuesFilter,
)
from pingtang_union.admin.forms import DayField, PlainForm, RecordField, choose
from pingtang_union.admin.import_export import CatalogueAdminMixin, LedgerAdminMixin
from pingtang_union.admin.inconsistencies import Inconsistency
from pingtang_union.admin.objections import ObjectionsMixin
from pingtang_union.admin.resources import catalogue
from pingtang_union.admin.reveal import RevealMixin
from pingtang_union.core.forms import RecordForm

site.index_title = "工作台"
if site.is_registered(DBTaskResult):  # a queue for machines: what a clerk needs to know stands on the batch
    site.unregister(DBTaskResult)
