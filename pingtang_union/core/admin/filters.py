"""List filters that never show a choice outside the user's rows."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.admin import AllValuesFieldListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.contrib.filters.admin.mixins import DropdownMixin, ValueMixin

from pingtang_union.core.figures import FIRST_YEAR, LAST_YEAR
from pingtang_union.core.scope import ScopedModel


class ChoicesFilter(ChoicesDropdownFilter):
    """A field's code list as a dropdown."""


class ScopedAutocompleteFilter(AutocompleteSelectFilter):
    """A related record by autocomplete.

    Unfold's own looks the chosen key up among all rows and would print the name of a record that the user may
    not see, for a key guessed in the address.
    """

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """The one form, its lookup narrowed to the user's rows."""
        related = self.field.remote_field.model
        for choice in super().choices(changelist):
            rows = related._default_manager.all()
            if issubclass(related, ScopedModel):
                rows = rows.visible_to(self.request.user)
            choice["form"].fields[self.lookup_kwarg].queryset = rows
            yield choice


class MomentFilter(RangeDateTimeFilter):
    """From one point in local time to another; a day without a time is taken whole.

    Unfold's own compares naive times, and fails on years that no time zone knows.
    """

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The rows between the two, both included; all rows where neither is given."""
        for edge, lookup, time in (("from", "gte", "00:00:00"), ("to", "lte", "23:59:59")):
            day = self.used_parameters.get(f"{self.field_path}_{edge}_0")
            if day:
                written = f"{day} {self.used_parameters.get(f'{self.field_path}_{edge}_1') or time}"
                queryset = queryset.filter(**{f"{self.field_path}__{lookup}": _moment(written)})
        return queryset


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written.strip().replace("/", "-"))
    except ValueError as error:
        raise IncorrectLookupParameters from error
    if moment.tzinfo or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise IncorrectLookupParameters
    return timezone.make_aware(moment)


class ValuesFilter(ValueMixin, DropdownMixin, AllValuesFieldListFilter):
    """The values of a text column of the model itself, among the user's rows, as a dropdown."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The rows with the chosen value; all rows when none is chosen."""
        return super().queryset(request, queryset) if self.value() else queryset

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """The one form."""
        values = [(value, value) for value in self.lookup_choices if value]
        yield {
            "form": self.form_class(
                label=f"按{self.title}",
                name=self.lookup_kwarg,
                choices=[self.all_option, *values],
                data={self.lookup_kwarg: self.value()},
            ),
        }
