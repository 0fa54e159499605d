"""Names of recipients on pages of the admin: read, and found, by who may."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest

from relief.models import Grant
from relief.models.grants import NAMES_READ_WITH


class NamedSearchMixin:
    """A search by name finds only those whose names the searcher reads. way: from the rows to their grants."""

    way: ClassVar[str] = "pk"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """As ever, of the rows that may be found."""
        if search_term and not request.user.has_perms(NAMES_READ_WITH):
            queryset = queryset.filter(**{f"{self.way}__in": Grant.objects.named_for(request.user).values("pk")})
        found: Any = super().get_search_results(request, queryset, search_term)  # type: ignore[misc]
        return found
