"""django-import-export as it comes: a plain resource of the roster's columns with the library's own defaults."""

from pathlib import Path

from auditlog.context import disable_auditlog
from import_export import fields, resources
from import_export.widgets import BooleanWidget, ForeignKeyWidget
from tablib import Dataset

from members.models import Member, Union
from tests.benchmarks.rosters import FIELDS, HEADERS

_COLUMNS = {name: header for name, header in zip(FIELDS, HEADERS, strict=True) if name}


class MemberResource(resources.ModelResource):
    """Members found by their card's number, a column that can be looked up: identity numbers are sealed."""

    union = fields.Field("union", "工会名称", ForeignKeyWidget(Union, "name"))
    is_migrant = fields.Field("is_migrant", _COLUMNS["is_migrant"], BooleanWidget())

    class Meta:
        model = Member
        import_id_fields = ("card_number",)
        fields = ("union", *_COLUMNS)


for _name, _header in _COLUMNS.items():
    MemberResource.fields[_name].column_name = _header


def stock(path: Path) -> int:
    """Bring the workbook in once, without the dry run that the admin's page makes before: each record with the audit
    entry that every writing to an audited model makes, as ours keeps a batch row. Returns the rows committed."""
    result = MemberResource().import_data(_read(path), raise_errors=True)
    return int(result.totals["new"])


def stock_unaudited(path: Path) -> int:
    """The same without the audit entries: a record of nothing."""
    with disable_auditlog():
        return stock(path)


def stock_page(path: Path) -> int:
    """What the library's admin page does: a dry run that is shown, then the file read and imported anew."""
    MemberResource().import_data(_read(path), raise_errors=True, dry_run=True)
    result = MemberResource().import_data(_read(path), raise_errors=True)
    return int(result.totals["new"])


def _read(path: Path) -> Dataset:
    return Dataset().load(path.read_bytes(), format="xlsx")
