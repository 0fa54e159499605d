"""Routes of honours for officers, townships, county staff and leaders, one a line."""

from typing import Any

from django.urls import path

from awards.views.ladder import LadderTitleView, LadderView
from awards.views.slate import SlateView

# fmt: off
urlpatterns: list[Any] = [
    path("ladder/", LadderView.as_view(), name="ladder"),
    path("ladder/<int:pk>/", LadderTitleView.as_view(), name="ladder_title"),
    path("rounds/<int:pk>/slate/", SlateView.as_view(), name="round_slate"),
]
# fmt: on
