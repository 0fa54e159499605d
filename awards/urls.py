"""Routes of honours for officers, townships, county staff and leaders, one a line."""

from typing import Any

from django.urls import path

from awards.views.ladder import LadderTitleView, LadderView
from awards.views.slate import SlateView
from awards.views.stars import (
    EvidenceRemoveView,
    ScorecardEvidenceView,
    ScorecardFileView,
    ScorecardMoveView,
    ScorecardScoreView,
    ScorecardStartView,
    ScorecardView,
    StarListView,
)

# fmt: off
urlpatterns: list[Any] = [
    path("ladder/", LadderView.as_view(), name="ladder"),
    path("ladder/<int:pk>/", LadderTitleView.as_view(), name="ladder_title"),
    path("rounds/<int:pk>/slate/", SlateView.as_view(), name="round_slate"),
    path("stars/", StarListView.as_view(), name="star_list"),
    path("stars/new/<int:pk>/", ScorecardStartView.as_view(), name="scorecard_start"),
    path("stars/<int:pk>/", ScorecardView.as_view(), name="scorecard_detail"),
    path("stars/<int:pk>/score/", ScorecardScoreView.as_view(), name="scorecard_score"),
    path("stars/<int:pk>/score/<int:step>/", ScorecardScoreView.as_view(), name="scorecard_score"),
    path("stars/<int:pk>/evidence/<int:item>/", ScorecardEvidenceView.as_view(), name="scorecard_evidence"),
    path("stars/<int:pk>/move/<slug:name>/", ScorecardMoveView.as_view(), name="scorecard_move"),
    path("stars/files/<int:pk>/", ScorecardFileView.as_view(), name="scorecard_file"),
    path("stars/files/<int:pk>/remove/", EvidenceRemoveView.as_view(), name="scorecard_file_remove"),
]
# fmt: on
