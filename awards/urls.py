"""Routes of honours for officers, townships, county staff and leaders, one a line."""

from typing import Any

from django.urls import path

from awards.views.awards import AwardView
from awards.views.documents import (
    DecisionView,
    DecisionWordView,
    DossierView,
    NoticeView,
    NoticeWordView,
    PosterView,
    StoryView,
)
from awards.views.filling import (
    NominationCheckView,
    NominationDeedsView,
    NominationPapersView,
    NominationVetoesView,
)
from awards.views.ladder import LadderTitleView, LadderView
from awards.views.nominations import (
    NominationFileView,
    NominationMoveView,
    NominationSeveralView,
    NominationView,
)
from awards.views.nominee import NominationCreateView, NominationNomineeView
from awards.views.rounds import RoundView
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
from pingtang_union.core.views import Role

# fmt: off
urlpatterns: list[Any] = [
    path("rounds/", RoundView.as_view(role=Role.LIST), name="round_list"),
    path("rounds/<int:pk>/", RoundView.as_view(role=Role.DETAIL), name="round_detail"),
    path("nominations/", NominationView.as_view(role=Role.LIST), name="nomination_list"),
    path("nominations/new/", NominationCreateView.as_view(), name="nomination_create"),
    path("nominations/several/", NominationSeveralView.as_view(), name="nomination_several"),
    path("nominations/files/<int:pk>/", NominationFileView.as_view(), name="nomination_file"),
    path("nominations/<int:pk>/", NominationView.as_view(role=Role.DETAIL), name="nomination_detail"),
    path("nominations/<int:pk>/edit/", NominationNomineeView.as_view(), name="nomination_update"),
    path("nominations/<int:pk>/deeds/", NominationDeedsView.as_view(), name="nomination_deeds"),
    path("nominations/<int:pk>/papers/", NominationPapersView.as_view(), name="nomination_papers"),
    path("nominations/<int:pk>/vetoes/", NominationVetoesView.as_view(), name="nomination_vetoes"),
    path("nominations/<int:pk>/check/", NominationCheckView.as_view(), name="nomination_check"),
    path("nominations/<int:pk>/move/<slug:name>/", NominationMoveView.as_view(), name="nomination_move"),
    path("awards/", AwardView.as_view(role=Role.LIST), name="award_list"),
    path("awards/<int:pk>/", AwardView.as_view(role=Role.DETAIL), name="award_detail"),
    path("ladder/", LadderView.as_view(), name="ladder"),
    path("ladder/<int:pk>/", LadderTitleView.as_view(), name="ladder_title"),
    path("nominations/<int:pk>/story/", StoryView.as_view(), name="nomination_story"),
    path("nominations/<int:pk>/dossier.docx", DossierView.as_view(), name="nomination_dossier"),
    path("nominations/<int:pk>/poster/", PosterView.as_view(), name="nomination_poster"),
    path("rounds/<int:pk>/notice/", NoticeView.as_view(), name="round_notice"),
    path("rounds/<int:pk>/notice.docx", NoticeWordView.as_view(), name="round_notice_word"),
    path("rounds/<int:pk>/decision/", DecisionView.as_view(), name="round_decision"),
    path("rounds/<int:pk>/decision.docx", DecisionWordView.as_view(), name="round_decision_word"),
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
