"""List filters that never show a choice outside the user's rows."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache, partial
from typing import Any, ClassVar

from django.contrib.admin import AllValuesFieldListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import lookup_spawns_duplicates
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateTimeFilter,
)
from unfold.contrib.filters.admin.mixins import DropdownMixin, ValueMixin

from pingtang_union.core.figures import FIRST_YEAR, LAST_YEAR
from pingtang_union.core.keys import key_in
from pingtang_union.core.scope import ScopedModel


class ChoicesFilter(ChoicesDropdownFilter):
    """A field's code list as a dropdown."""


class OfferedFilter(DropdownFilter):
    """One of the values that `lookups` offers; any other shows nothing, as a field's choices do: never everything."""

    column = ""  # what the value is compared with; the parameter's name if not given
    asks_once = False  # whether `lookups` only offers what it asked the database for

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any):
        # Each count beside a filter makes all filters of the list again: what they offer is asked once a request.
        offered = request.__dict__.setdefault("offered", {})
        key = (type(self), model_admin)
        if self.asks_once and key in offered:
            self.lookups = lambda *asked: offered[key]
        super().__init__(request, params, model, model_admin)
        offered.setdefault(key, list(self.lookup_choices))

    def has_output(self) -> bool:
        """Django would leave out, and with it ignore, a filter that has nothing to offer."""
        return bool(self.lookup_choices or self.value())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if not value:
            return queryset
        return self.narrow(queryset, value) if value in dict(self.lookup_choices) else queryset.none()

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        """The rows with an offered value."""
        return queryset.filter(**{self.column or self.parameter_name: value})


class RecordFilter(OfferedFilter):
    """One of the records of `model`, a short list, among those that the viewer sees."""

    asks_once = True
    model: ClassVar[Any]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = self.model.objects.all()
        if issubclass(self.model, ScopedModel):
            rows = rows.visible_to(request.user)
        return [(str(one.pk), str(one)) for one in rows]


class DayYearFilter(OfferedFilter):
    """The year of a day, which may be partial, among the years that the viewer's rows have. `column` is the day."""

    asks_once = True
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = model_admin.model.objects.visible_to(request.user).order_by()
        days = rows.values_list(self.column, flat=True).distinct()
        return [(year, f"{year} 年") for year in sorted({day[:4] for day in days if day}, reverse=True)]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(**{f"{self.column}__startswith": value})


class ConditionFilter(OfferedFilter):
    """One of a few conditions: for each value how it is called, and what it lets through."""

    conditions: dict[str, tuple[str, Q]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.conditions.items()]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(self.conditions[value][1])


class ScopedAutocompleteFilter(AutocompleteSelectFilter):
    """A related record by autocomplete.

    Unfold's own looks the chosen key up among all rows and would print the name of a record that the user may
    not see, for a key guessed in the address.
    """

    def value(self) -> str | None:
        """The key asked for; 0, which no record has, for what is none."""
        value = super().value()
        return str(key_in(value)) if value else value

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.none() if self.value() == "0" else super().queryset(request, queryset)

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


def count_together(changelist: Any) -> None:
    """One question for the counts beside all filters that aren't in force, since they count the same rows. A filter in
    force counts without its own condition, by a question of its own, as Django has every filter do. Filters through
    relations that repeat rows can't be counted beside others."""
    opts, used = changelist.lookup_opts, set(changelist.filter_params)
    free = {
        f"f{place}_": one
        for place, one in enumerate(changelist.filter_specs)
        if isinstance(one, DropdownFilter | ChoicesDropdownFilter | BooleanRadioFilter)
        and not used & set(one.expected_parameters())
        and not lookup_spawns_duplicates(opts, getattr(one, "field_path", ""))
    }

    @cache
    def counted() -> dict[str, int]:
        rows = changelist.queryset.order_by()
        asked = {start: one.get_facet_counts(changelist.pk_attname, rows) for start, one in free.items()}
        return rows.aggregate(**{start + name: count for start, each in asked.items() for name, count in each.items()})

    def counts_of(start: str, _changelist: Any) -> dict[str, int]:
        return {name.removeprefix(start): count for name, count in counted().items() if name.startswith(start)}

    for start, one in free.items():
        one.get_facet_queryset = partial(counts_of, start)


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
