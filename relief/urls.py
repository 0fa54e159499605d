"""Routes of relief for officers, townships, county staff and leaders, one a line."""

from typing import Any

from django.urls import path

from pingtang_union.core.views import Role
from relief.views import grants

app_name = "relief"
# fmt: off
urlpatterns: list[Any] = [
    path("grants/", grants.GrantView.as_view(role=Role.LIST), name="grant_list"),
    path("cards/", grants.CardIssueView.as_view(role=Role.LIST), name="cardissue_list"),
]
# fmt: on
