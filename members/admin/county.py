"""Rules and catalogues that are one for all: only a county writes them."""

from typing import Any

from django.http import HttpRequest

from members.models.codes import Level


def serves_county(user: Any) -> bool:
    """Whether the user's union is a county or stands above one."""
    return user.union is not None and user.union.level in (Level.PREFECTURE, Level.COUNTY)


class CountyMixin:
    """Added and changed at a county, deleted by nobody: an old rule explains what was done by it. Put it before the
    admin base."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and serves_county(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and serves_county(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
