from django.contrib import admin
from django.db.models import Q

from pingtang_union.admin import ApplicationAdmin, LedgerAdminMixin, ScopedAdmin
from tests.tiny.models import Petition, Visit


@admin.register(Visit)
class VisitAdmin(LedgerAdminMixin, ScopedAdmin):
    list_display = ("place", "union", "visited_on")
    list_select_related = ("union",)
    autocomplete_fields = ("union",)


@admin.register(Petition)
class PetitionAdmin(ApplicationAdmin):
    list_display = ("title", "union", "state_label")
    list_select_related = ("union",)
    fieldsets = ((None, {"fields": ("title", "union")}),)

    def search_condition(self, term: str) -> Q:
        return Q(title__startswith=term)
