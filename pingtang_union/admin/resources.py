"""What goes in and out of the admin by django-import-export: a ledger over the steps of ledger.importing, a small table
by its model's own fields. Bytes from outside are opened in the limited child; between preview and confirmation a
ledger lies sealed in its batch, and a small table, signed, in the form itself."""

import hashlib
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, ClassVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404
from django.utils import timezone
from import_export.fields import Field
from import_export.formats.base_formats import XLSX
from import_export.resources import ModelResource, Resource, modelresource_factory
from import_export.results import Error, Result, RowResult
from import_export.tmp_storages import BaseStorage
from import_export.widgets import Widget
from tablib import Dataset

from pingtang_union.core import cleaning
from pingtang_union.core.audit import record_export
from pingtang_union.core.exceptions import DomainError, Interrupted
from pingtang_union.core.keys import key_in
from pingtang_union.core.masking import masked, unmasked
from pingtang_union.core.permissions import may_see_numbers
from pingtang_union.core.scope import ScopedModel
from pingtang_union.files import limited
from pingtang_union.ledger.declaration import Ledger
from pingtang_union.ledger.giving import xlsx
from pingtang_union.ledger.giving.export import Given, file_name, who_and_when, width_of
from pingtang_union.ledger.importing import preview, steps
from pingtang_union.ledger.importing.shown import ShownRow, shown_rows
from pingtang_union.ledger.importing.tasks import CHECK, WRITE, start
from pingtang_union.ledger.models import BatchState, ImportBatch
from pingtang_union.ledger.reading import workbook
from pingtang_union.money import MoneyField, money

SHOWN = 50  # rows of a preview; all of them stand on the batch's own page
MOST_ROWS = 5000  # of a small table
STALE = "没有导入：您打开预览以后，有人改过这张表。请重新上传文件，看过新的预览再确认。"
_LATEST = date(2199, 12, 31)  # rules are written down before they are in force


class Workbook(XLSX):
    """Whatever an office keeps its tables in: read by its storage below, written by giving.xlsx."""

    def get_title(self) -> str:
        return "Excel 表格"

    def create_dataset(self, in_stream: Any) -> Any:
        return in_stream


class Outcome(Result):
    """What a preview found or a confirmation did. seen: what the confirmation must still find. refusal: why nothing was
    done, in words."""

    seen = ""
    refusal = ""
    batch: ImportBatch | None = None

    def valid_rows(self) -> list[RowResult]:
        return self.rows  # a preview shows faulty rows of a ledger beside the good ones

    def append_invalid_row(self, number: int, row: Any, validation_error: Any) -> None:
        super().append_invalid_row(number + 1, row, validation_error)  # as the sheet counts, header and all

    def row_errors(self) -> list[Any]:
        return [(number + 1, errors) for number, errors in super().row_errors()]


class PreviewedRow(RowResult):
    """A row of a batch as the preview shows it: badge and words."""

    def __init__(self, shown: ShownRow, words: str):
        super().__init__()
        self.shown, self.words = shown, words
        self.variant = shown.badge


class Said(Error):
    """An error in words, without the trace that the library's page would print."""

    traceback = ""


# --- Ledgers -------------------------------------------------------------------------------


class BatchStorage(BaseStorage):
    """The batch that a file was taken in as, by its key."""

    def read(self) -> str:
        return self.name

    def remove(self) -> None:
        """The bytes stay: the marked workbook is made of them."""

    @staticmethod
    def take_in(file: Any, user: Any) -> str:
        """Seal the file as a batch of `user`'s office. Raises UnreadableFile, DomainError."""
        if user.union_id is None:
            raise DomainError(steps.WITHOUT_UNION)
        return str(steps.take_in(file, by=user).pk)


class LedgerResource(Resource):
    """A ledger as a resource: its columns are the choice of an export, and an import is the steps of its batch."""

    ledger: ClassVar[Any]

    def __init__(self, admin: Any = None, request: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.user = request.user if request else None

    @classmethod
    def get_display_name(cls) -> str:
        return cls.ledger.title

    def import_data(
        self, dataset: str, dry_run: bool = False, *, seen: str = "", reason: str = "", **kwargs: Any
    ) -> Outcome:
        """Check the batch that `dataset` names, or write what was seen of it. Raises Http404 for another's."""
        batch = ImportBatch.objects.visible_to(self.user).filter(pk=key_in(dataset)).first()
        if batch is None:
            raise Http404
        result = Outcome()
        try:
            if not dry_run:
                is_partial = bool(batch.rejected or batch.undecided)
                steps.request_writing(
                    batch=batch, by=self.user, is_partial=is_partial, seen=seen or "nothing", reason=reason
                )
            start(batch, CHECK if dry_run else WRITE)
        except DomainError as error:
            result.refusal = str(error)
        batch.refresh_from_db()
        result.batch, result.seen, result.total_rows = batch, batch.outcome, batch.rows
        if dry_run and batch.state == BatchState.READY:
            for row in shown_rows(preview.Rows(batch)[:SHOWN], batch, self.user):
                messages = [message["text"] for message in row.messages]
                changes = [f"{it.label}：{it.before and it.before + ' → '}{it.after}" for it in row.changes]
                result.append_row_result(PreviewedRow(row, "；".join([*messages, *changes])))
        return result


def resource_of(ledger: Ledger) -> type[LedgerResource]:
    """The resource that a ledger's columns make."""
    fields = {column.name: Field(column.name, column.label) for column in ledger.columns}
    return type(LedgerResource)(f"{ledger.slug}Resource", (LedgerResource,), {"ledger": ledger, **fields})


# --- Small tables --------------------------------------------------------------------------


class FormStorage(BaseStorage):
    """The cells of a small table, signed: the form keeps them, and nothing lies on the server."""

    def read(self) -> Dataset:
        header, *rows = signing.loads(self.name, salt=__name__)
        return Dataset(*rows, headers=header)

    def remove(self) -> None:
        """Nothing is kept."""

    @staticmethod
    def take_in(file: Any, user: Any) -> str:
        """Read the only sheet of the file. Raises UnreadableFile, DomainError."""
        content = file.read() if file.size <= workbook.MAX_BYTES else b""
        if not content and file.size:
            raise workbook.UnreadableFile(workbook.too_large(file.size))
        try:
            sheets = [sheet for sheet in workbook.read_workbook(content, file.name) if sheet.rows or sheet.refusal]
        except limited.Busy as error:
            raise Interrupted(workbook.BUSY) from error
        rows = sheets[0].rows if sheets else []
        while rows and all(map(cleaning.is_blank, rows[-1])):
            rows.pop()
        broken = [cell.said for row in rows for cell in row if isinstance(cell, workbook.Broken)]
        if refusal := next((sheet.refusal for sheet in sheets if sheet.refusal), "") or next(iter(broken), ""):
            raise workbook.UnreadableFile(f"不能导入：{refusal}")
        if len(sheets) != 1 or not 1 < len(rows) <= MOST_ROWS:
            raise workbook.UnreadableFile(f"要有一个工作表，第一行是表头，下面有内容，不超过 {MOST_ROWS} 行。")
        width = max(map(len, rows))
        cells = [[cleaning.as_text(cell).strip() for cell in (*row, *[""] * (width - len(row)))] for row in rows]
        return signing.dumps(cells, salt=__name__, compress=True)


def _lines(clean: cleaning.Cleaner) -> cleaning.Cleaner:
    """Text of several lines, each as `clean` reads it; how long it may be in all the record says."""
    return lambda cell: cleaning.Cleaned(
        "\n".join(clean(one).value or "" for one in cleaning.as_text(cell).split("\n"))
    )


class CellWidget(Widget):
    """A field's cell by the cleaner of its kind: the words of the ledgers."""

    def __init__(self, field: Any):
        super().__init__()
        self.field, self.labels = field, {str(key): str(label) for key, label in field.flatchoices or ()}
        if self.labels:
            self.cleaner: cleaning.Cleaner = cleaning.code(field.flatchoices)
        elif isinstance(field, models.BooleanField):
            self.cleaner, self.labels = cleaning.yes_no, dict(zip(("True", "False"), cleaning.YES_NO, strict=True))
        elif isinstance(field, MoneyField):  # an integer to the database only
            self.cleaner = money
        elif isinstance(field, models.IntegerField):
            self.cleaner = cleaning.count()
        elif isinstance(field, models.DateField):
            self.cleaner = lambda cell: cleaning.clean_partial_date(cell, latest=_LATEST)
        elif isinstance(field, models.TextField):
            self.cleaner = _lines(cleaning.text(field.max_length))
        else:
            self.cleaner = cleaning.text(field.max_length)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            cleaned = self.cleaner(value).value
            if isinstance(self.field, models.DateField):
                return cleaned and date.fromisoformat(cleaned)
            if isinstance(self.field, MoneyField):
                return cleaned and Decimal(cleaned)
        except cleaning.CleanError as error:
            raise ValueError(str(error)) from error
        except ValueError as error:
            raise ValueError(f"「{cleaning.quoted(value)}」要写到日，如 2026-03-01。") from error
        return "" if cleaned is None and not self.field.null else cleaned

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return self.labels.get(str(value), value if isinstance(value, int) else cleaning.as_text(value))


class RelatedWidget(Widget):
    """Another record by its name, among those that `user` may see."""

    def __init__(self, field: Any):
        super().__init__()
        self.model, self.user = field.related_model, None
        self.name = "name" if hasattr(self.model, "name") else "title"

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if cleaning.is_blank(value):
            return None
        rows = self.model._default_manager.filter(**{self.name: value})
        matches = list((rows.visible_to(self.user) if issubclass(self.model, ScopedModel) else rows)[:2])
        if len(matches) != 1:
            raise ValueError(f"{'有几个' if matches else '没有'}叫「{cleaning.quoted(value)}」的，请核对。")
        return matches[0]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return getattr(value, self.name, "")


class CatalogueResource(ModelResource):
    """A small table that staff keep as a list; the headers are the fields' Chinese names. All rows are written, or
    none."""

    class Meta:
        clean_model_instances = skip_unchanged = use_transactions = True

    def __init__(self, admin: Any = None, request: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.admin, self.request = admin, request
        self.read: set[tuple[Any, ...]] = set()
        for field in self.fields.values():
            field.widget.user = request and request.user

    @classmethod
    def get_display_name(cls) -> str:
        return str(cls._meta.model._meta.verbose_name)

    @classmethod
    def get_result_class(cls) -> type[Result]:
        return Outcome

    @classmethod
    def get_error_result_class(cls) -> type[Error]:
        return Said

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        widget = RelatedWidget(django_field) if django_field.is_relation else CellWidget(django_field)
        return Field(field_name, str(django_field.verbose_name), widget, django_field.default, readonly)

    def get_queryset(self) -> models.QuerySet:
        """The rows that the user may see."""
        return self.admin.get_queryset(self.request)

    def _state(self) -> str:
        """A fingerprint of the rows, which stay as they are until the transaction ends."""
        rows = self._meta.model._default_manager.filter(pk__in=self.get_queryset().order_by().values("pk"))
        return hashlib.sha256(repr(list(rows.order_by("pk").select_for_update().values_list())).encode()).hexdigest()

    def import_data(self, dataset: Dataset, dry_run: bool = False, *, seen: str = "", **kwargs: Any) -> Outcome:
        """As the library's, refused when the rows are others than a preview was made of."""
        kwargs |= {"use_transactions": True, "rollback_on_validation_errors": True}
        with transaction.atomic():
            state = self._state()
            if not dry_run and seen != state:
                result = Outcome()
                result.refusal = STALE
                return result
            result = super().import_data(dataset, dry_run=dry_run, **kwargs)
        result.seen = state
        if not dry_run and (result.has_errors() or result.has_validation_errors()):
            result.refusal = "未导入：部分内容不能登记。请按预览提示修改后重新上传。"
        return result

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """Refuse columns that say nothing here, and a table without those that tell a row."""
        labels = {field.column_name for field in self.fields.values()}
        headers = [header for header in dataset.headers or () if header]
        if unknown := [header for header in headers if header not in labels]:
            raise DomainError(
                f"不认识的列：{'、'.join(map(cleaning.quoted, unknown))}。第一行要是表头，写法和导出的一样。"
            )
        told_by = [self.fields[name].column_name for name in self.get_import_id_fields()]
        if missing := [label for label in told_by if headers.count(label) != 1]:
            raise DomainError(f"要有「{'」「'.join(missing)}」列，而且只能有一列。")

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        """What is wrong is said of the columns by their headers."""
        result = super().import_row(row, instance_loader, **kwargs)
        if result.validation_error:
            labels = {field.attribute: field.column_name for field in self.fields.values()}
            errors = result.validation_error.update_error_dict({})
            result.validation_error = ValidationError({labels.get(name, name): said for name, said in errors.items()})
        return result

    def import_instance(self, instance: models.Model, row: Any, **kwargs: Any) -> None:
        """A text that comes back masked stands for what it hides. Raises ValidationError for a row that the table has
        twice: the later would silently overwrite the earlier."""
        known = {field.attribute: field.get_value(instance) for field in self.fields.values()}
        super().import_instance(instance, row, **kwargs)
        for name, was in known.items():
            if isinstance(was, str) and "*" in str(read := getattr(instance, name)):
                setattr(instance, name, unmasked(read, was))
        told_by = tuple(getattr(instance, name) for name in self._meta.import_id_fields)
        if told_by in self.read:
            raise ValidationError("表里前面已有这一行，请删去多余的一行。")
        if all(told_by):
            self.read.add(told_by)

    def save_instance(self, instance: models.Model, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Raises ValidationError for who may not."""
        admin, request = self.admin, self.request
        if not (admin.has_add_permission(request) if is_create else admin.has_change_permission(request, instance)):
            raise ValidationError("您的账号不能登记或修改这一行。")
        admin.brought_in(request, instance)
        super().save_instance(instance, is_create, row, **kwargs)

    def give(self, queryset: Any, *, names: list[str], conditions: str) -> Given:
        """The rows as a workbook that `import_data` reads, and the event to the audit trail."""
        user = self.request.user
        dataset = self.export(queryset=queryset, export_fields=names)
        columns = list(zip(*dataset, strict=True))
        if not may_see_numbers(user):
            columns = [[masked(cell) if cell.__class__ is str else cell for cell in column] for column in columns]
        title, file = self.get_display_name(), BytesIO()
        xlsx.write(
            file,
            name=title,
            lines=[],
            headings=[xlsx.Heading(label, width_of(label, is_text=False), False, False) for label in dataset.headers],
            chunks=[columns] if columns else [],
            footer=f"&L{who_and_when(user).replace('&', '&&')}",
        )
        file.seek(0)
        model, rows = self._meta.model, len(dataset)
        record_export(model, title=f"{title}：导出", by=user, rows=rows, conditions=conditions, numbers="")
        return Given(file, file_name(title, f"{timezone.localdate():%Y%m%d}"), rows)


def catalogue(model: type[models.Model], *told_by: str, without: Collection[str] = ()) -> type[CatalogueResource]:
    """The resource of a small table with the fields that its form has; a row is told by `told_by`."""
    ours = [
        field for field in model._meta.fields if field.editable and not field.primary_key and field.name not in without
    ]
    options = {"fields": [field.name for field in ours], "import_id_fields": told_by}
    return modelresource_factory(model, CatalogueResource, options)
