"""Routes of relief, one a line."""

from typing import Any

from django.urls import path

from relief.views import glass, slips

app_name = "relief"
# fmt: off
urlpatterns: list[Any] = [
    path("glass/", glass.glass, name="glass"),
    path("glass/<int:year>/", glass.glass, name="glass_year"),
    path("glass/funds.json", glass.published_file, name="glass_file"),
    path("glass/seal.py", glass.command, name="glass_command"),
    path("slip/", slips.slip, name="slip"),
    path("slip/<str:code>/", slips.slip_answer, name="slip_answer"),
    path("payments/<int:pk>/slips/", slips.SlipsPrintView.as_view(), name="slips_print"),
]
# fmt: on
