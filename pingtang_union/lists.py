"""What stands above a list: the conditions that narrow it, and the box in which one of many rows is chosen.

A chooser is a select where there are few rows, otherwise a box that asks the server as one types, so that no page holds
a list of all unions. Without scripts the words typed are sent: one row that they fit is taken, several come back as a
short select. The model's queryset says how its rows are searched (`searched`), and `<app>:<model>_choose` is where the
box asks.
"""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode

from pingtang_union.core.database import only_reads
from pingtang_union.core.forms import CHOOSE
from pingtang_union.core.keys import key_in
from pingtang_union.core.masking import mask_typed
from pingtang_union.core.views import ScopedMixin

FEW = 20
_LONGEST = 100  # of words that anybody would type


class ListFilter(django_filters.FilterSet):
    """Search and filters of a list. Conditions that make no sense show nothing, never everything."""

    first: ClassVar[tuple[str, ...]] = ()  # the conditions shown at once, the others behind 更多条件; () shows all

    @property
    def qs(self) -> Any:
        """The rows that fit; none when a condition is invalid."""
        return super().qs if not self.is_bound or self.form.is_valid() else self.queryset.none()

    def chosen(self) -> list[tuple[str, str, str]]:
        """(name, label, value in words) of the conditions in force. Identity numbers are masked: the words are
        printed and logged."""
        if not self.is_bound or not self.form.is_valid():
            return []
        said = []
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name)
            if value in (None, "", []):
                continue
            if isinstance(value, str) and hasattr(field, "choices"):
                value = dict(field.choices).get(value, value)
            said.append((name, str(field.label), mask_typed(str(value))))
        return said

    def chips(self) -> list[tuple[str, str, str]]:
        """(label, value in words, address without it) of the same."""
        found = []
        for name, label, text in self.chosen():
            left = {key: value for key, value in self.data.lists() if key not in (name, f"{name}_words", "page")}
            found.append((label, text, f"?{urlencode(left, doseq=True)}"))
        return found

    def conditions(self) -> str:
        """The filter in words: 姓名：王；会籍状态：在会. "" when nothing is filtered."""
        return "；".join(f"{label}：{text}" for _name, label, text in self.chosen())

    def first_fields(self) -> list[Any]:
        """The conditions that are always in sight."""
        return [field for field in self.form if not self.first or field.name in self.first]

    def more_fields(self) -> list[Any]:
        """The conditions behind 更多条件."""
        return [field for field in self.form if self.first and field.name not in self.first]

    def more_in_force(self) -> bool:
        """Whether one of those filters, or is wrong: then they are shown."""
        hidden = {field.name for field in self.more_fields()}
        return bool(hidden & ({name for name, _label, _text in self.chosen()} | set(self.form.errors)))


class Words(str):
    """What was typed, where nothing was chosen."""

    __slots__ = ()


class Chooser(forms.Select):
    """The box of a ChooserField."""

    @property
    def _field(self) -> Any:
        return self.choices.field  # type: ignore[attr-defined]  # what ModelChoiceField gives its widget

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The key chosen, or the words typed."""
        chosen = data.get(name)
        typed = (data.get(f"{name}_words") or "").replace("\0", "").strip()[:_LONGEST]  # no database reads a NUL
        return Words(typed) if chosen in (None, "") and typed else chosen

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """Two questions at most, however many rows there are."""
        field = self._field
        offered = field.few
        found = field.matching(value) if isinstance(value, Words) else []
        if len(found) == 1:
            value = found[0].pk
        if offered is not None:
            choices = [("", field.empty_label)] if field.empty_label is not None else []
            choices += [(row.pk, field.label_from_instance(row)) for row in offered]
            return forms.Select(self.attrs, choices).render(name, value, attrs, renderer)
        chosen = None if isinstance(value, Words) else field.queryset.filter(pk=key_in(value)).first()
        return render_to_string(
            "partials/_chooser.html",
            {
                "name": name,
                "attrs": self.build_attrs(self.attrs, attrs),
                "chosen": chosen.pk if chosen else "",
                "words": field.label_from_instance(chosen) if chosen else value if isinstance(value, Words) else "",
                "found": [(row.pk, field.label_from_instance(row)) for row in found[:FEW]] if len(found) > 1 else [],
                "url": field.url,
            },
        )


class ChooserField(forms.ModelChoiceField):
    """One of the rows of a model. `among` names what the address narrows its rows by."""

    widget = Chooser

    def __init__(self, *args: Any, among: str = "", **kwargs: Any):
        super().__init__(*args, **{"empty_label": CHOOSE, **kwargs})
        self.among = among

    @property
    def model(self) -> type[Model]:
        return self.queryset.model  # type: ignore[union-attr]  # given by whoever declares the field

    @property
    def url(self) -> str:
        """Where the box asks."""
        options = self.model._meta
        address = reverse(f"{options.app_label}:{options.model_name}_choose")
        return f"{address}?among={self.among}" if self.among else address

    @property
    def few(self) -> list[Any] | None:
        """All rows where they are few, else None."""
        rows = list(self.queryset[: FEW + 1])  # type: ignore[index]  # as above
        return rows if len(rows) <= FEW else None

    def matching(self, words: str) -> list[Any]:
        """Rows that the words fit, a little more than a page shows; only the one that is called just so."""
        found = list(self.queryset.searched(words)[: FEW + 1])  # type: ignore[union-attr]  # as above
        return [row for row in found if self.label_from_instance(row) == words] or found

    def prepare_value(self, value: Any) -> Any:
        """As PortalForm has it of selects: what can't be a key is none."""
        value = super().prepare_value(value)
        return value if isinstance(value, Words) or key_in(value) else None

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, Words):
            return super().to_python(value)
        found = self.matching(value)
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError(f"与“{value}”相符的不止一个，请从列表中选定。")
        raise ValidationError(f"没有与“{value}”相符的，请换用名称中的其他字词。")


class ChooserFilter(django_filters.ModelChoiceFilter):
    """A condition of a list: one of many rows."""

    field_class = ChooserField


class ChooseView(ScopedMixin):
    """Where a chooser asks: the visible rows that fit the words, at most FEW."""

    among: ClassVar[tuple[str, ...]] = ()  # methods of the queryset that may narrow it

    @classmethod
    def as_view(cls, **options: Any) -> Any:
        return only_reads(super().as_view(**options))

    def needed_permissions(self) -> tuple[str, ...]:
        options = self.model._meta
        return (f"{options.app_label}.view_{options.model_name}",)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Options, as a list's items."""
        rows: QuerySet[Any] = self.visible()
        if (narrowed := request.GET.get("among", "")) in self.among:
            rows = getattr(rows, narrowed)()
        words = request.GET.get("q", "").strip()[:_LONGEST]
        found = list((rows.searched(words) if words else rows)[: FEW + 1])  # type: ignore[attr-defined]
        shown = [(row.pk, self.label_of(row)) for row in found[:FEW]]
        return render(request, "partials/_options.html", {"rows": shown, "has_more": len(found) > FEW})

    def label_of(self, row: Any) -> str:
        """What a row is called in the box."""
        return str(row)
