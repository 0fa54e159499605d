"""Routes of honours for officers, townships, county staff and leaders, one a line."""

from typing import Any

from django.urls import path

from awards.views import awards, documents, filling, ladder, nominations, nominee, rounds, slate, stars
from pingtang_union.core.views import Role

app_name = "awards"
# fmt: off
urlpatterns: list[Any] = [
    path("rounds/", rounds.RoundView.as_view(role=Role.LIST), name="round_list"),
    path("rounds/<int:pk>/", rounds.RoundView.as_view(role=Role.DETAIL), name="round_detail"),
    path("nominations/", nominations.NominationView.as_view(role=Role.LIST), name="nomination_list"),
    path("nominations/new/", nominee.NominationCreateView.as_view(), name="nomination_create"),
    path("nominations/several/", nominations.NominationSeveralView.as_view(), name="nomination_several"),
    path("nominations/files/<int:pk>/", nominations.NominationFileView.as_view(), name="nomination_file"),
    path("nominations/<int:pk>/", nominations.NominationView.as_view(role=Role.DETAIL), name="nomination_detail"),
    path("nominations/<int:pk>/edit/", nominee.NominationNomineeView.as_view(), name="nomination_update"),
    path("nominations/<int:pk>/deeds/", filling.NominationMeritsView.as_view(), name="nomination_merits"),
    path("nominations/<int:pk>/papers/", filling.NominationPapersView.as_view(), name="nomination_papers"),
    path("nominations/<int:pk>/vetoes/", filling.NominationVetoesView.as_view(), name="nomination_vetoes"),
    path("nominations/<int:pk>/mend/", filling.NominationMendView.as_view(), name="nomination_mend"),
    path("nominations/<int:pk>/check/", filling.NominationCheckView.as_view(), name="nomination_check"),
    path("nominations/<int:pk>/move/<slug:name>/", nominations.NominationMoveView.as_view(), name="nomination_move"),
    path("awards/", awards.AwardView.as_view(role=Role.LIST), name="award_list"),
    path("awards/<int:pk>/", awards.AwardView.as_view(role=Role.DETAIL), name="award_detail"),
    path("ladder/", ladder.LadderView.as_view(), name="ladder"),
    path("ladder/<int:pk>/", ladder.LadderTitleView.as_view(), name="ladder_title"),
    path("nominations/<int:pk>/story/", documents.StoryView.as_view(), name="nomination_story"),
    path("nominations/<int:pk>/dossier.docx", documents.DossierView.as_view(), name="nomination_dossier"),
    path("nominations/<int:pk>/poster/", documents.PosterView.as_view(), name="nomination_poster"),
    path("rounds/<int:pk>/notice/", documents.NoticeView.as_view(), name="round_notice"),
    path("rounds/<int:pk>/notice.docx", documents.NoticeView.as_view(is_word=True), name="round_notice_word"),
    path("rounds/<int:pk>/decision/", documents.DecisionView.as_view(), name="round_decision"),
    path("rounds/<int:pk>/decision.docx", documents.DecisionView.as_view(is_word=True), name="round_decision_word"),
    path("rounds/<int:pk>/slate/", slate.SlateView.as_view(), name="round_slate"),
    path("stars/", stars.StarListView.as_view(), name="star_list"),
    path("stars/new/<int:pk>/", stars.ScorecardStartView.as_view(), name="scorecard_start"),
    path("stars/<int:pk>/", stars.ScorecardView.as_view(), name="scorecard_detail"),
    path("stars/<int:pk>/score/", stars.ScorecardScoreView.as_view(), name="scorecard_score"),
    path("stars/<int:pk>/score/<int:step>/", stars.ScorecardScoreView.as_view(), name="scorecard_score"),
    path("stars/<int:pk>/evidence/<int:item>/", stars.ScorecardEvidenceView.as_view(), name="scorecard_evidence"),
    path("stars/<int:pk>/move/<slug:name>/", stars.ScorecardMoveView.as_view(), name="scorecard_move"),
    path("stars/files/<int:pk>/", stars.ScorecardFileView.as_view(), name="scorecard_file"),
    path("stars/files/<int:pk>/remove/", stars.EvidenceRemoveView.as_view(), name="scorecard_file_remove"),
]
# fmt: on
