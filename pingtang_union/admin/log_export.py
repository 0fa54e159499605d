"""Logs as a workbook, for the auditor: what the list shows, as it is filtered."""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path
from django.utils import timezone
from django.utils.html import strip_tags

from pingtang_union.admin.import_export import conditions
from pingtang_union.core.audit import record_export
from pingtang_union.core.masking import masked
from pingtang_union.core.permissions import may_see_numbers
from pingtang_union.ledger.giving import xlsx
from pingtang_union.ledger.giving.export import file_name, who_and_when, width_of

MOST = 100_000  # rows of one workbook, the latest; whoever needs more filters by time
_AT_ONCE = 2000


class LogExportMixin:
    """导出 at the head of the list: a POST, since each export is an event of the log itself."""

    change_list_template = "admin/log_list.html"

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponse | FileResponse:
        """Raises PermissionDenied for who may not view the log."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        changelist = self.get_changelist_instance(request)
        names = self.get_list_display(request)
        labels = [str(label_for_field(name, self.model, self)) for name in names]
        title, file, user = str(self.opts.verbose_name_plural), BytesIO(), request.user
        rows = changelist.queryset[:MOST]
        xlsx.write(
            file,
            name=title,
            lines=[],
            headings=[xlsx.Heading(label, width_of(label, is_text=False), False, False) for label in labels],
            chunks=self._chunks(rows, names, hides_numbers=not may_see_numbers(user)),
            footer=f"&L{who_and_when(user).replace('&', '&&')}",
        )
        file.seek(0)
        given = conditions(changelist, user)
        record_export(self.model, title=f"{title}：导出", by=user, rows=rows.count(), conditions=given, numbers="")
        return FileResponse(file, as_attachment=True, filename=file_name(title, f"{timezone.localtime():%Y%m%d-%H%M}"))

    def _chunks(self, rows: Any, names: Any, *, hides_numbers: bool) -> Iterator[list[list[str]]]:
        entries = rows.iterator(chunk_size=_AT_ONCE)
        while chunk := list(islice(entries, _AT_ONCE)):
            columns = [[strip_tags(str(self._cell(name, entry))) for entry in chunk] for name in names]
            yield [[masked(cell) for cell in column] for column in columns] if hides_numbers else columns

    def _cell(self, name: str, entry: Any) -> Any:
        return getattr(self, name)(entry) if hasattr(self, name) else getattr(entry, name)
