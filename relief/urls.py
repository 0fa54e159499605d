"""Routes of relief for officers, townships, county staff and leaders, one a line."""

from typing import Any

from django.urls import path

from pingtang_union.core.views import Role
from relief.views import glass, grants, slips

app_name = "relief"
# fmt: off
urlpatterns: list[Any] = [
    path("grants/", grants.GrantView.as_view(role=Role.LIST), name="grant_list"),
    path("cards/", grants.CardIssueView.as_view(role=Role.LIST), name="cardissue_list"),
    path("glass/", glass.glass, name="glass"),
    path("glass/<int:year>/", glass.glass, name="glass_year"),
    path("glass/funds.json", glass.published_file, name="glass_file"),
    path("glass/seal.py", glass.command, name="glass_command"),
    path("slip/", slips.slip, name="slip"),
    path("slip/<str:code>/", slips.slip_answer, name="slip_answer"),
    path("payments/<int:pk>/slips/", slips.SlipsPrintView.as_view(), name="slips_print"),
]
# fmt: on
